import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { amount, amountText, workText } from "./amount.ts";

test("what is shown of an amount reads back as the same amount", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 120n }), (value) => {
      expect(amount(amountText(value).replace(" MAI", "").replaceAll(",", ""))).toBe(value);
    }),
  );
});

test.each([
  ["0", 0n],
  ["1", 10n ** 12n],
  ["12.5", 12_500_000_000_000n],
  ["0.000000000001", 1n],
])("%s MAI are %d of the smallest unit", (text, value) => expect(amount(text)).toBe(value));

test.each(["", ".5", "1.", "-1", "1e3", "1,5", "0.0000000000001", "1 MAI", "٣"])("%j is no amount", (text) =>
  expect(() => amount(text)).toThrow(InvalidArgumentError),
);

test("amounts and work are shown as people read them", () => {
  expect(amountText(1_234_567_500_000_000_000n)).toBe("1,234,567.5 MAI");
  expect(amountText(0n)).toBe("0 MAI");
  expect(workText(640n)).toBe("0.00064 ut");
  expect(workText(200_000_000n)).toBe("200 ut");
  expect(workText(12_345_678_000_000n)).toBe("12,345,678 ut");
});

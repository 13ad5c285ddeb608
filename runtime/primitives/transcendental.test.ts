import fc from "fast-check";
import { expect, test } from "vitest";
import { exp2Negative, fractionBits, ln, roundDown } from "./transcendental.ts";

const one = 1n << fractionBits;

/** `floor(0.digits * 2^256)`, of decimals that are more than enough. */
const fromDecimals = (whole: bigint, decimals: string) =>
  ((whole * 10n ** BigInt(decimals.length) + BigInt(decimals)) * one) / 10n ** BigInt(decimals.length);

test("logarithms that are known to a hundred digits", () => {
  const ln2 =
    "6931471805599453094172321214581765680755001343602552541206800094933936219696947156058633269964186875";
  const ln10 =
    "3025850929940456840179914546843642076011014886287729760333279009675726096773524802359972050895982983";
  expect(ln(2n, 1n)).toBe(fromDecimals(0n, ln2));
  expect(ln(10n, 1n)).toBe(fromDecimals(2n, ln10));
  // Rounded down, not towards zero.
  expect(ln(1n, 2n)).toBe(-fromDecimals(0n, ln2) - 1n);
  expect(ln(7n, 7n)).toBe(0n);
});

/** Mercator's series of `-ln(1 - x)` with x = (n - d) / n, at 400 bits, for n / d up to 2. */
function mercator(n: bigint, d: bigint): bigint {
  const unit = 1n << 400n;
  let sum = 0n;
  let power = ((n - d) * unit) / n;
  for (let k = 1n; power > 0n; k += 1n) {
    sum += power / k;
    power = (power * (n - d)) / n;
  }
  return sum >> 144n;
}

test("logarithms by another series are the same", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 1n << 120n), fc.bigInt(1n, 1n << 120n), (d, more) => {
      const n = d + 1n + (more % d);
      expect(ln(n, d)).toBe(mercator(n, d));
    }),
    { numRuns: 100 },
  );
});

test("logarithms of extremes add up", () => {
  const big = (1n << 256n) - 1n;
  expect(ln(big, 1n) + ln(1n, big)).toBe(-1n);
  expect(ln(big, big - 1n)).toBe(mercator(big, big - 1n));
});

test("2^-x is the largest number of its precision that is not above, by whole numbers alone", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 20_000n), fc.bigInt(1n, 80n), (n, d) => {
      const r = exp2Negative(n, d);
      const power = 1n << (fractionBits * d);
      expect((r ** d) << n <= power && ((r + 1n) ** d) << n > power).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("2^-x at the edges", () => {
  expect(exp2Negative(0n, 5n)).toBe(one);
  expect(exp2Negative(6n, 3n)).toBe(one / 4n);
  expect(exp2Negative(256n, 1n)).toBe(1n);
  expect(exp2Negative(511n, 2n)).toBe(1n);
  expect(exp2Negative(513n, 2n)).toBe(0n);
  expect(exp2Negative(1n << 300n, 1n)).toBe(0n);
});

test("what has no value is refused", () => {
  expect(() => ln(0n, 1n)).toThrow("positive");
  expect(() => ln(1n << 256n, 1n)).toThrow("2^256");
  expect(() => exp2Negative(-1n, 1n)).toThrow(">= 0");
  expect(() => exp2Negative(1n, 0n)).toThrow(">= 0");
});

test("a value close to a step is looked at more closely, one on a step is recognised", () => {
  const precisions: bigint[] = [];
  const justBelowFive = (bits: bigint) => {
    precisions.push(bits);
    return (5n << bits) - ((1n << bits) >> 90n);
  };
  expect(roundDown(0n, justBelowFive)).toBe(4n);
  expect(precisions).toEqual([64n, 128n]);
  expect(
    roundDown(
      0n,
      (bits) => 5n << bits,
      (candidate) => candidate === 5n,
    ),
  ).toBe(5n);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { remarkOf, toldIn } from "./told-address.ts";

test("what is told is understood: any order, any address that the chain would take", () => {
  const uri = fc.stringMatching(/^(ipfs|https|s3|file):[!-~]{1,500}$/).filter((text) => text.length <= 512);
  const order = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(fc.record({ order, uri }), (told) => {
      expect(toldIn(remarkOf(told))).toEqual(told);
    }),
  );
});

test.each([
  ["nothing", ""],
  ["something else", "hello"],
  ["an order without an address", "matrixai: checkpoints of order 7 at "],
  ["an order that is no number", "matrixai: checkpoints of order x at ipfs:a"],
  ["two lines", "matrixai: checkpoints of order 7 at ipfs:a\nb"],
  ["an address that is too long", `matrixai: checkpoints of order 7 at ipfs:${"a".repeat(600)}`],
  ["a remark without end", `matrixai: checkpoints of order 7 at ipfs:a${" ".repeat(1_000_000)}`],
])("%s tells nothing", (_, text) => {
  expect(toldIn(textBytes(text))).toBeUndefined();
});

test("any bytes are read without complaint", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toldIn(bytes)).toBeUndefined();
    }),
  );
});

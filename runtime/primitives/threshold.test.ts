import fc from "fast-check";
import { expect, test } from "vitest";
import { threshold } from "./threshold.ts";

const quarter = { numerator: 1n, denominator: 4n };
const one = 1n << 128n;

test.each([
  [1n, 4n, quarter, 23613942797549567334967771302384163429n],
  [40n, 100n, quarter, 36988275083061294474881927155371247711n],
  [1n, 1001n, quarter, 97781289609283530180384258214174627n],
  [50n, 100n, { numerator: 1n, denominator: 20n }, 8616141966617277080429099873993961850n],
])("%d of %d", (weight, total, c, expected) => {
  expect(threshold(weight, total, c)).toBe(expected);
});

/** The definition in whole numbers: (2^128 - k)^W b^w >= a^w 2^(128 W) holds for k, and for k + 1 no more. */
function isThreshold(k: bigint, w: bigint, total: bigint, a: bigint, b: bigint): boolean {
  const holds = (k: bigint) => (one - k) ** total * b ** w >= (a ** w) << (128n * total);
  return holds(k) && !holds(k + 1n);
}

const fraction = fc
  .tuple(fc.bigInt(1n, 1n << 20n), fc.bigInt(1n, 1n << 20n))
  .map(([numerator, more]) => ({ numerator, denominator: numerator + more }));
const share = fc
  .tuple(fc.bigInt(0n, 60n), fc.bigInt(1n, 60n))
  .map(([weight, more]) => ({ weight, total: weight + more - 1n || 1n }));

test("is what the definition says, by whole numbers alone", () => {
  fc.assert(
    fc.property(share, fraction, ({ weight, total }, c) => {
      const k = threshold(weight, total, c);
      expect(isThreshold(k, weight, total, c.denominator - c.numerator, c.denominator)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("is exact where the chance is a whole multiple of 2^-128", () => {
  expect(threshold(1n, 2n, { numerator: 3n, denominator: 4n })).toBe(one / 2n);
  expect(threshold(22n, 33n, { numerator: 7n, denominator: 8n })).toBe((one * 3n) / 4n);
  expect(threshold(1n, 64n, { numerator: (1n << 64n) - 1n, denominator: 1n << 64n })).toBe(one / 2n);
  expect(threshold(1n, 3n, { numerator: 19n, denominator: 27n })).toBe(one / 3n);
});

test("all the weight has the whole chance, none has none", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, one - 1n), fraction, (total, c) => {
      expect(threshold(total, total, c)).toBe((c.numerator * one) / c.denominator);
      expect(threshold(0n, total, c)).toBe(0n);
    }),
  );
});

test("more weight never has a lower chance", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, one - 1n), { minLength: 3, maxLength: 3 }), (weights) => {
      const [low, high, total] = weights.toSorted((a, b) => (a < b ? -1 : 1)) as [bigint, bigint, bigint];
      expect(threshold(low, total || 1n, quarter)).toBeLessThanOrEqual(threshold(high, total || 1n, quarter));
    }),
  );
});

test("whoever splits an identity wins as often as before", () => {
  const parts = fc.array(fc.bigInt(1n, 1n << 100n), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.bigInt(0n, 1n << 100n), (weights, others) => {
      const whole = weights.reduce((a, b) => a + b);
      const total = whole + others;
      const lose = weights.reduce((chance, w) => (chance * (one - threshold(w, total, quarter))) / one, one);
      const difference = lose - (one - threshold(whole, total, quarter));
      // Each part is rounded down once, each product once.
      expect(difference >= -8n && difference <= 8n).toBe(true);
    }),
  );
});

test("what is no share of a total, and no chance, is refused", () => {
  expect(() => threshold(5n, 4n, quarter)).toThrow("weight 5 is not in 0 .. 4");
  expect(() => threshold(-1n, 4n, quarter)).toThrow("weight -1");
  expect(() => threshold(0n, 0n, quarter)).toThrow("total weight 0");
  expect(() => threshold(1n, one, quarter)).toThrow("total weight");
  expect(() => threshold(1n, 2n, { numerator: 1n, denominator: 1n })).toThrow("not between");
  expect(() => threshold(1n, 2n, { numerator: 0n, denominator: 1n })).toThrow("not between");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { maxU128, smallerOf } from "./amounts.ts";
import {
  fixedFromRational,
  fixedMul,
  fixedMulInt,
  fixedOne,
  perbillFromRational,
  perquintillOf,
} from "./fixed.ts";

const u128 = fc.bigInt({ min: 0n, max: maxU128 });
const positive = fc.bigInt({ min: 1n, max: maxU128 });

test("known values", () => {
  expect(fixedFromRational(1n, 3n)).toBe(333_333_333_333_333_333n);
  expect(fixedFromRational(7n, 2n)).toBe(3_500_000_000_000_000_000n);
  expect(fixedMul(fixedOne / 2n, fixedOne / 2n)).toBe(fixedOne / 4n);
  expect(fixedMulInt(fixedOne * 3n, 7n)).toBe(21n);
  expect(perbillFromRational(1n, 3n)).toBe(333_333_333n);
  expect(perbillFromRational(2n, 3n)).toBe(666_666_666n);
  expect(perbillFromRational(5n, 4n)).toBe(1_000_000_000n);
  expect(perquintillOf(fixedOne / 2n, 3n)).toBe(1n);
  expect(perquintillOf((fixedOne / 4n) * 3n, 3n)).toBe(2n);
});

test("a fraction is the largest one that is not above the true quotient", () => {
  fc.assert(
    fc.property(u128, positive, (numerator, denominator) => {
      const fixed = fixedFromRational(numerator, denominator);
      expect(fixed * denominator <= numerator * fixedOne).toBe(true);
      if (fixed < maxU128) expect((fixed + 1n) * denominator > numerator * fixedOne).toBe(true);
    }),
  );
});

test("products round down and stop at the largest value", () => {
  fc.assert(
    fc.property(u128, u128, (a, b) => {
      const exact = (a * b) / fixedOne;
      expect(fixedMulInt(a, b)).toBe(smallerOf(exact, maxU128));
      expect(fixedMul(a, b)).toBe(fixedMul(b, a));
      expect(fixedMul(a, fixedOne)).toBe(a);
    }),
  );
});

test("a share is never more than half a unit away from the true one, and never more than the whole", () => {
  const share = fc.bigInt({ min: 0n, max: fixedOne });
  fc.assert(
    fc.property(share, u128, (parts, whole) => {
      const given = perquintillOf(parts, whole);
      const twiceOff = 2n * (given * fixedOne - parts * whole);
      expect(twiceOff <= fixedOne && twiceOff >= -fixedOne).toBe(true);
      expect(given <= whole).toBe(true);
    }),
  );
});

test("a part per billion is never above the whole, and close to the true one", () => {
  fc.assert(
    fc.property(u128, positive, (numerator, denominator) => {
      const part = perbillFromRational(numerator, denominator);
      expect(part <= 10n ** 9n).toBe(true);
      if (numerator > denominator) return;
      const exact = (numerator * 10n ** 9n) / denominator;
      const off = part > exact ? part - exact : exact - part;
      // Scaling a large denominator down to a billion costs at most a few parts.
      expect(off <= 4n).toBe(true);
    }),
  );
});

/**
 * Fractions without floats, as Substrate computes them: `FixedU128` counts in 10^-18, `Perbill` in 10^-9,
 * `Perquintill` in 10^-18. All are plain bigints here; the names tell the unit.
 */
import { maxU128, smallerOf } from "./amounts.ts";

/** 1 as a `FixedU128`. */
export const fixedOne = 10n ** 18n;
const billion = 10n ** 9n;

/** `numerator / denominator` as a `FixedU128`, rounded down, at most the largest one. */
export function fixedFromRational(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw new RangeError("a fraction has no zero denominator");
  return smallerOf((numerator * fixedOne) / denominator, maxU128);
}

/** Product of two `FixedU128`, rounded down, at most the largest one. */
export const fixedMul = (a: bigint, b: bigint): bigint => smallerOf((a * b) / fixedOne, maxU128);

/** A `FixedU128` times an integer, as an integer: rounded down, at most the largest u128. */
export const fixedMulInt = (fixed: bigint, integer: bigint): bigint =>
  smallerOf((fixed * integer) / fixedOne, maxU128);

/** A `Perquintill` of an integer, rounded to the nearest, halves down. */
export const perquintillOf = (parts: bigint, integer: bigint): bigint =>
  (2n * parts * integer + fixedOne - 1n) / (2n * fixedOne);

/**
 * `numerator / denominator` as a `Perbill`, in Substrate's steps: both are first scaled down until the
 * denominator fits in a billion, rounding down each time. 1 when the numerator is larger or the denominator 0.
 */
export function perbillFromRational(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n || numerator > denominator) return billion;
  const factor = (denominator + billion - 1n) / billion;
  return ((numerator / factor) * billion) / (denominator / factor);
}

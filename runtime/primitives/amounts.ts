/** Arithmetic of amounts as Rust's u128 does it; `Math.min` and its like know no bigint. */
export const maxU128 = (1n << 128n) - 1n;

export function smallerOf(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function largerOf(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** A difference that ends at zero. */
export const floorSub = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** A sum that ends at the largest u128. */
export const ceilAdd = (a: bigint, b: bigint): bigint => smallerOf(a + b, maxU128);

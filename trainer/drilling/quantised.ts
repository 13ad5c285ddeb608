import { ensure } from "./drilling-error.ts";

/** Units of a quantum in 1. */
const perOne = 10n ** 12n;
const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
/** Of a double's fraction. */
const fractionBits = 52;

/**
 * Every value as a multiple of `quantum` (in units of 10^-12), to the nearest, half to even: by exact fractions, so that
 * no rounding of the division itself decides. @throws DrillingError `NoResult`.
 */
export function quantised(data: ArrayLike<number | bigint>, quantum: bigint): BigInt64Array {
  const bits = new DataView(new ArrayBuffer(8));
  return BigInt64Array.from({ length: data.length }, (_, i) => {
    const x = data[i]!;
    const [above, below] = typeof x === "bigint" ? [x, 1n] : fraction(bits, x);
    const rounded = nearest(above * perOne, below * quantum);
    ensure(rounded >= least && rounded <= most, "NoResult", `${x} is too many quanta for a result`);
    return rounded;
  });
}

/** A double as a fraction of whole numbers. */
function fraction(bits: DataView, x: number): readonly [bigint, bigint] {
  ensure(Number.isFinite(x), "NoResult", `has ${x} among its values: the task is faulty`);
  if (Number.isInteger(x)) return [BigInt(x), 1n];
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fractionPart = word & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fractionPart : fractionPart | (1n << 52n);
  // Not a whole number, so the exponent is below the fraction's length.
  const below = 1n << BigInt(1023 + fractionBits - Math.max(exponent, 1));
  return [x < 0 ? -mantissa : mantissa, below];
}

/** The whole number nearest to a fraction with a positive denominator; the even one of two. */
function nearest(above: bigint, below: bigint): bigint {
  const down = above / below - (above < 0n && above % below !== 0n ? 1n : 0n);
  const twice = 2n * (above - down * below);
  return twice > below || (twice === below && down % 2n !== 0n) ? down + 1n : down;
}

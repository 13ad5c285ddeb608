import { approximateExpNegative, approximateLn, roundDown } from "./transcendental.ts";

/** A fraction of two positive integers, such as `{ numerator: 1n, denominator: 4n }`. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * `floor((1 - (1 - c)^(weight / total)) * 2^128)`: a 128-bit lottery number below it wins a slot (David, Gazi, Kiayias,
 * Russell, "Ouroboros Praos", 2018). Nobody wins more often by splitting a weight: the chances of losing multiply.
 * Throws a `RangeError` unless 0 <= weight <= total < 2^128, total > 0, and 0 < c < 1 with a denominator to 2^64.
 */
export function threshold(weight: bigint, total: bigint, c: Fraction): bigint {
  check(weight, total, c);
  if (weight === 0n) return 0n;
  const { denominator } = c;
  const rest = denominator - c.numerator;
  // The exponent is below ln(2^64) < 45, and its error below that of the logarithm.
  const approximate = (bits: bigint) =>
    (1n << bits) - approximateExpNegative((approximateLn(denominator, rest, bits) * weight) / total, bits);
  return roundDown(128n, approximate, isExactly(weight, total, rest, denominator));
}

/**
 * Whether 1 - candidate / 2^128 is (rest / denominator)^(weight / total) itself. With p / q for the reduced exponent and
 * a / b for the reduced base, a dyadic r / 2^s with (r / 2^s)^q = (a / b)^p makes b^p = 2^(s q), so b = 2^t where q divides t:
 * q is at most 64, and then whole numbers decide. weight = total is such a case.
 */
function isExactly(weight: bigint, total: bigint, rest: bigint, denominator: bigint) {
  const common = greatestCommonDivisor(weight, total);
  const p = weight / common;
  const q = total / common;
  return (candidate: bigint): boolean =>
    q <= 64n && ((1n << 128n) - candidate) ** q * denominator ** p === (rest ** p) << (128n * q);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

function check(weight: bigint, total: bigint, { numerator, denominator }: Fraction): void {
  if (total <= 0n || total >> 128n !== 0n)
    throw new RangeError(`total weight ${total} is not in 1 .. 2^128 - 1`);
  if (weight < 0n || weight > total)
    throw new RangeError(`weight ${weight} is not in 0 .. ${total}, the total`);
  if (numerator <= 0n || numerator >= denominator || denominator > 1n << 64n) {
    throw new RangeError(`c = ${numerator} / ${denominator} is not between 0 and 1, or finer than 2^-64`);
  }
}

/**
 * Logarithms and exponentials without floats: integers alone, so that every machine finds the same last bit.
 * A function here is approximated with guard bits, its error is proven, and the result is given out only when
 * all numbers within that error round down to the same one (Ziv, "Fast evaluation of elementary mathematical
 * functions with correctly rounded last bit", 1991).
 */

/** Fractional bits of what `ln` and `exp2Negative` return. */
export const fractionBits = 256n;

/** `floor(ln(numerator / denominator) * 2^256)`, of two positive integers below 2^256. */
export function ln(numerator: bigint, denominator: bigint): bigint {
  if (numerator <= 0n || denominator <= 0n) throw new RangeError("only positive numbers have a logarithm");
  if ((numerator | denominator) >> 256n !== 0n) throw new RangeError("numbers must lie below 2^256");
  // Of all positive rationals, 1 alone has a rational logarithm (Lindemann): the others lie between two steps.
  if (numerator === denominator) return 0n;
  return roundDown(fractionBits, (bits) => approximateLn(numerator, denominator, bits));
}

/** `floor(2^-(numerator / denominator) * 2^256)`, of a fraction that is not negative. */
export function exp2Negative(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n || denominator <= 0n) throw new RangeError("the exponent must be a fraction >= 0");
  const whole = numerator / denominator;
  if (numerator === whole * denominator) return (1n << fractionBits) >> whole;
  if (whole >= fractionBits) return 0n;
  // 2^x is irrational for every fraction x that is no integer.
  return roundDown(fractionBits, (bits) =>
    approximateExpNegative((ln2(bits) * numerator) / denominator, bits),
  );
}

/**
 * `floor(value * 2^bits)`, where `approximate(p)` lies less than 2^32 units away from `value * 2^p`, for p up to
 * 4,096. A value that is itself a multiple of 2^-bits is between no two steps at any precision: `isExactly` must
 * recognise it, or there must be none.
 */
export function roundDown(
  bits: bigint,
  approximate: (bits: bigint) => bigint,
  isExactly: (candidate: bigint) => boolean = () => false,
): bigint {
  for (let guard = 64n; ; guard *= 2n) {
    const middle = approximate(bits + guard);
    const least = (middle - maxError) >> guard;
    const most = (middle + maxError) >> guard;
    if (least === most || isExactly(most)) return most;
  }
}
const maxError = 1n << 32n;

/**
 * `ln(n / d) * 2^bits`, wrong by less than 2^23: `ln(n / d) = k ln 2 + ln m` with m in [1, 2) and |k| <= 256, each
 * logarithm wrong by less than 2 (bits + 7), as `atanh` says.
 */
export function approximateLn(n: bigint, d: bigint, bits: bigint): bigint {
  if (n < d) return -approximateLn(d, n, bits);
  let k = BigInt(n.toString(2).length - d.toString(2).length);
  if (n < d << k) k -= 1n;
  const scaled = d << k;
  return k * ln2(bits) + 2n * atanh(n - scaled, n + scaled, bits);
}

/**
 * `e^-(exponent / 2^bits) * 2^bits` for exponents in [0, 256), wrong by less than the exponent is and 2^23 more:
 * `e^-x = e^r / 2^k` with `r = k ln 2 - x` in (0, ln 2] and k <= 370. What r is wrong by, at most 370 times `ln2` and
 * the exponent, is multiplied by e^r <= 2 and halved at least once by the shift.
 */
export function approximateExpNegative(exponent: bigint, bits: bigint): bigint {
  const k = exponent / ln2(bits) + 1n;
  return exponential(k * ln2(bits) - exponent, bits) >> k;
}

/**
 * The series `z + z^3/3 + z^5/5 + ...` at `z = n / d` in [0, 1/3], in units of 2^-bits: too small by less than
 * bits + 7. Every step rounds down. A power is too small by e' <= e/9 + z^2 + z (5/3) + 1 < 2 units (5/3 bounds the
 * error of the square, 1 the cut), so each of its quotients by less than 2/(2j+1) + 1. A power loses more than 3 bits
 * each time, hence at most bits/3 + 2 terms, and what follows the last adds up to less than 3.
 */
function atanh(n: bigint, d: bigint, bits: bigint): bigint {
  let power = (n << bits) / d;
  const square = (power * power) >> bits;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> bits;
  }
  return sum;
}

/**
 * The series `1 + r + r^2/2! + ...` at r in [0, 1), in units of 2^-bits: too small by less than 3 bits + 6. A term is
 * too small by e' <= (e r + 1)/(j + 1) + 1 < 3 units; there are fewer terms than bits, and the rest is below 6.
 */
function exponential(r: bigint, bits: bigint): bigint {
  let term = 1n << bits;
  let sum = 0n;
  for (let j = 1n; term !== 0n; j += 1n) {
    sum += term;
    term = ((term * r) >> bits) / j;
  }
  return sum;
}

/** `ln 2 = 2 atanh(1/3)`: needed by every call, at few precisions. */
function ln2(bits: bigint): bigint {
  let value = logarithmsOfTwo.get(bits);
  if (value === undefined) {
    value = 2n * atanh(1n, 3n, bits);
    logarithmsOfTwo.set(bits, value);
  }
  return value;
}
const logarithmsOfTwo = new Map<bigint, bigint>();

/** Scores by the formula over real numbers, at 420 bits, with powers of two made of square roots alone. */
const bits = 420n;
const realOne = 1n << bits;
const weekMs = 604_800_000n;
const dayMs = 86_400_000n;

/** A score as its sum: what was there, and each work with its interval in milliseconds. */
export interface RealCredit {
  readonly work: bigint;
  readonly start: bigint;
  readonly end: bigint;
}

/** Uut per day at `at` in units of 2^-420: `before` at the time `since`, and all credits, none of which lies later. */
export function realScore(before: bigint, since: bigint, credits: readonly RealCredit[], at: bigint): bigint {
  return credits.reduce(
    (sum, { work, start, end }) => {
      const ms = end - start < 1000n ? 1000n : end - start;
      const rate = (work * dayMs * (realOne - halved(ms))) / ms;
      return sum + ((rate * halved(at - end)) >> bits);
    },
    before * halved(at - since),
  );
}

/** 2^-(ms / week): 2^-(0.b1 b2 b3 ...) is the product of the roots 2^-(1/2), 2^-(1/4), ... at which there is a 1. */
function halved(ms: bigint): bigint {
  let product = realOne >> (ms / weekMs);
  let rest = ms % weekMs;
  for (const root of roots) {
    rest *= 2n;
    if (rest < weekMs) continue;
    rest -= weekMs;
    product = (product * root) >> bits;
  }
  return product;
}

const roots: bigint[] = [];
for (let root = squareRoot(realOne << (bits - 1n)); roots.length < 420; root = squareRoot(root << bits)) {
  roots.push(root);
}

// Newton's iteration from above.
function squareRoot(n: bigint): bigint {
  let x = 1n << (BigInt(n.toString(2).length + 1) / 2n);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

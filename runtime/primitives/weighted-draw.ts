import { concatBytes } from "./bytes.ts";
import { blake2_256 } from "./hashing.ts";

const hashBits = 256n;

/**
 * Draws at most `count` different places of `weights`, in the order of the draw, each with a chance in proportion to its
 * weight among those not drawn yet. Equal arguments give equal draws everywhere. Weights of zero are never drawn, so fewer
 * come where fewer have weight. Throws a `RangeError` for a negative weight or a sum of 2^256 or more.
 */
export function drawWeighted(seed: Uint8Array, weights: readonly bigint[], count: number): number[] {
  const left = [...weights];
  if (left.some((weight) => weight < 0n)) throw new RangeError("a weight is negative");
  let total = left.reduce((sum, weight) => sum + weight, 0n);
  if (total >> hashBits !== 0n) throw new RangeError(`the weights sum up to ${total}, 2^256 or more`);
  const numbers = hashesOf(seed);
  const drawn: number[] = [];
  while (drawn.length < count && total > 0n) {
    const place = placeOf(below(total, numbers), left);
    drawn.push(place);
    total -= left[place]!;
    left[place] = 0n;
  }
  return drawn;
}

/** A number below `total`, each with the same chance: one that is too high is thrown away, not folded back. */
function below(total: bigint, next: () => bigint): bigint {
  const surplus = hashBits - BigInt((total - 1n).toString(2).length);
  for (;;) {
    const candidate = next() >> surplus;
    if (candidate < total) return candidate;
  }
}

/** Where the weights, put end to end, hold a point. */
function placeOf(point: bigint, weights: readonly bigint[]): number {
  let end = 0n;
  return weights.findIndex((weight) => {
    end += weight;
    return point < end;
  });
}

/** BLAKE2b-256 of the seed and a 32-bit counter, as little-endian numbers, for ever. */
function hashesOf(seed: Uint8Array): () => bigint {
  const counter = new Uint8Array(4);
  let i = 0;
  return () => {
    new DataView(counter.buffer).setUint32(0, i++, true);
    const hash = blake2_256(concatBytes(seed, counter));
    return hash.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
  };
}

/**
 * The check of a hardware challenge: `rounds` products C = A B of n x n matrices of small integers, committed to before
 * anyone knows which entries will be asked for. The bytes are specified where the answer is made
 * (`trainer/hardware/gemm-challenge.ts`, decision 023), and both are held to the same vectors. All of it is integers:
 * a sum is at most 64 n in size, below 2^22.
 */
import { concatBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { chacha20 } from "../../runtime/primitives/chacha20.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { isInTree } from "../../runtime/primitives/merkle.ts";

/** What a machine is to compute. */
export interface Products {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Side of the matrices: a multiple of 256, at most 32,768. */
  readonly n: number;
  readonly rounds: number;
}

/** The 256 neighbouring entries around a picked one, and the path from them to their round's root. */
export interface Opening {
  /** 1,024 bytes: int32, little-endian. */
  readonly leaf: Uint8Array;
  readonly siblings: readonly Uint8Array[];
}

export type Verdict = "Right" | "WrongCount" | "NotCommitted" | "NotInTree" | "WrongEntry";

export const leafEntries = 256;

/** The entries that `randomness` asks for. */
export function picksOf({ n, rounds }: Products, randomness: Uint8Array, count: number) {
  return Array.from({ length: count }, (_, p) => {
    const hash = blake2_256(concatBytes(textBytes("gemm/pick"), randomness, u32(p)));
    const view = new DataView(hash.buffer, hash.byteOffset);
    const [round, row, column] = [0, 4, 8].map((at) => view.getUint32(at, true));
    return { round: round! % rounds, row: row! % n, column: column! % n };
  });
}

/** Judges a revealed answer. Only `WrongEntry` shows that a false product was committed to; the rest opens nothing. */
export function judge(
  products: Products,
  commitment: Uint8Array,
  randomness: Uint8Array,
  roots: readonly Uint8Array[],
  openings: readonly Opening[],
): Verdict {
  const { seed, n, rounds } = products;
  if (roots.length !== rounds) return "WrongCount";
  if (!equalBytes(commitmentOf(products, roots), commitment)) return "NotCommitted";
  const seeds = roundSeeds(seed, roots);
  const count = (n * n) / leafEntries;
  let verdict: Verdict = "Right";
  for (const [p, { round, row, column }] of picksOf(products, randomness, openings.length).entries()) {
    const { leaf, siblings } = openings[p]!;
    const index = (row * n + column - (column % leafEntries)) / leafEntries;
    if (!isInTree(roots[round]!, leaf, { index, count, siblings })) return "NotInTree";
    const claimed = new DataView(leaf.buffer, leaf.byteOffset).getInt32(4 * (column % leafEntries), true);
    if (claimed !== entryOf(seeds[round]!, n, row, column)) verdict = "WrongEntry";
  }
  return verdict;
}

/** Entry (row, column) of the product that a round's seed gives: n products, no matrix. */
export function entryOf(seed: Uint8Array, n: number, row: number, column: number): number {
  const a = nibbles(seed, "A", n, row);
  const b = nibbles(seed, "B", n, column);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    sum += ((x & 15) - 8) * ((y & 15) - 8) + ((x >> 4) - 8) * ((y >> 4) - 8);
  }
  return sum;
}

/** H("gemm/commitment" || seed || u32_le(n) || u32_le(rounds) || roots). */
export const commitmentOf = ({ seed, n, rounds }: Products, roots: readonly Uint8Array[]): Uint8Array =>
  blake2_256(concatBytes(textBytes("gemm/commitment"), seed, u32(n), u32(rounds), ...roots));

/** Of each round: the first is the challenge's, the next follows from seed and root. */
function roundSeeds(seed: Uint8Array, roots: readonly Uint8Array[]): Uint8Array[] {
  const seeds = [seed];
  for (const root of roots.slice(0, -1)) {
    seeds.push(blake2_256(concatBytes(textBytes("gemm/next"), seeds.at(-1)!, root)));
  }
  return seeds;
}

/** A row of A, or a column of B: two entries in a byte, the low half first, each a nibble less 8. */
function nibbles(seed: Uint8Array, matrix: "A" | "B", n: number, line: number): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(textBytes(`gemm/${matrix}`));
  // Whole blocks of 64 bytes, since n is a multiple of 256.
  return chacha20(seed, nonce, (line * n) / 128, n / 2);
}

function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

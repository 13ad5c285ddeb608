/**
 * The hardware challenge: `rounds` products C = A B of n x n matrices of small integers, committed to before anyone
 * knows which entries will be asked for. All of it is integer arithmetic over bytes, so that a chain can check it.
 *
 * Matrices of round t, from its 32-byte seed s_t (s_0 is the challenge's):
 *   the keystream of ChaCha20 (RFC 8439) with key s_t, block counter from 0 and the 12-byte nonce "gemm/A" or
 *   "gemm/B" followed by six zero bytes, read as nibbles, the low half of a byte first. An entry is nibble - 8.
 *   A is laid out row by row, B column by column: entry (i, k) of A is nibble i n + k of its stream, entry (k, j) of
 *   B is nibble j n + k. A row of A and a column of B are therefore n / 2 bytes in one place each.
 *
 * Product: |C| <= 64 n, so while n < 2^18 every partial sum is exact in float32, on any hardware.
 *
 * Leaves: 256 neighbouring entries of one row, as int32 little-endian (1,024 bytes). Leaf i n/256 + j/256 holds the
 *   entries (i, j) .. (i, j + 255). root_t is the Merkle root over them in this order (`merkle.ts`).
 *
 * Chain: s_{t+1} = H("gemm/next" || s_t || root_t), H = blake2b-256: no round can begin before the one before ends.
 * Commitment: H("gemm/commitment" || s_0 || u32_le(n) || u32_le(rounds) || root_0 || ... || root_{rounds-1}).
 * Picks: from 32 random bytes that come later, pick p is h = H("gemm/pick" || randomness || u32_le(p)): the round
 *   u32_le(h[0..4]) mod rounds, the row u32_le(h[4..8]) mod n, the column u32_le(h[8..12]) mod n.
 */
import sodium from "sodium-native";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { type MerkleProof, verifyMerkle } from "../engine/data/merkle.ts";

export interface Challenge {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Side of the matrices: a multiple of 256, at most 32,768. */
  readonly n: number;
  /** Products to compute, at most 1,024. */
  readonly rounds: number;
}

export interface Pick {
  readonly round: number;
  readonly row: number;
  readonly column: number;
}

/** One picked entry: the leaf that holds it, and the path from the leaf to the round's root. */
export interface Opening extends Pick {
  readonly leaf: Uint8Array;
  readonly siblings: readonly Uint8Array[];
}

export interface Reveal {
  readonly roots: readonly Uint8Array[];
  readonly openings: readonly Opening[];
}

export type RevealCode =
  /** Numbers or lengths that do not belong to the challenge. */
  | "Malformed"
  /** The roots are not the ones that were committed to. */
  | "NotCommitted"
  /** A leaf is not in its round's tree. */
  | "NotInTree"
  /** The entry is not the sum that the seeds give. */
  | "WrongEntry";

export type RevealResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: RevealCode; readonly pick?: Pick };

export const leafEntries = 256;
const leafBytes = 4 * leafEntries;
export const maxSide = 32_768;
const maxRounds = 1024;
const centre = 8;

/** Checks a revealed answer: O(n) per pick. The effort does not depend on what the other side sends. */
export function verifyReveal(
  challenge: Challenge,
  commitment: Uint8Array,
  picks: readonly Pick[],
  reveal: Reveal,
): RevealResult {
  const { roots, openings } = reveal;
  const shaped =
    isChallenge(challenge) && roots.length === challenge.rounds && roots.every((r) => r.length === 32);
  if (!shaped || openings.length !== picks.length) return { ok: false, code: "Malformed" };
  if (!same(commitmentOf(challenge, roots), commitment)) return { ok: false, code: "NotCommitted" };
  for (const [p, pick] of picks.entries()) {
    const code = checkOpening(challenge, roots, pick, openings[p] as Opening);
    if (code !== undefined) return { ok: false, code, pick };
  }
  return { ok: true };
}

function checkOpening(
  { seed, n }: Challenge,
  roots: readonly Uint8Array[],
  pick: Pick,
  opening: Opening,
): RevealCode | undefined {
  const { round, row, column } = pick;
  if (opening.round !== round || opening.row !== row || opening.column !== column) return "Malformed";
  if (opening.leaf.length !== leafBytes) return "Malformed";
  const proof: MerkleProof = {
    index: leafOf(n, row, column),
    count: leafCount(n),
    siblings: opening.siblings,
  };
  if (!verifyMerkle(roots[round] as Uint8Array, opening.leaf, proof)) return "NotInTree";
  const view = new DataView(opening.leaf.buffer, opening.leaf.byteOffset, leafBytes);
  const claimed = view.getInt32(4 * (column % leafEntries), true);
  return claimed === entryOf(roundSeed(seed, roots, round), n, row, column) ? undefined : "WrongEntry";
}

/** Entry (row, column) of the product that a round's seed gives: n products, no matrix. */
export function entryOf(seed: Uint8Array, n: number, row: number, column: number): number {
  const a = expand(seed, "A", n, row, 1);
  const b = expand(seed, "B", n, column, 1);
  let sum = 0;
  for (let k = 0; k < n; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** Entries of two nibbles at once, as the two bytes of a little-endian u16. */
const pairs = Uint16Array.from({ length: 256 }, (_, byte) => {
  const entry = (nibble: number) => (nibble - centre) & 0xff;
  return entry(byte & 15) | (entry(byte >> 4) << 8);
});

/** `count` rows of A, or columns of B, from number `first`, one after another: int8 [count, n]. */
export function expand(
  seed: Uint8Array,
  matrix: "A" | "B",
  n: number,
  first: number,
  count: number,
): Int8Array {
  const stream = Buffer.alloc((count * n) / 2);
  const nonce = Buffer.alloc(12);
  nonce.write(`gemm/${matrix}`, "ascii");
  const block = (first * n) / 2 / 64; // whole, since n is a multiple of 256
  sodium.crypto_stream_chacha20_ietf_xor_ic(stream, stream, nonce, block, Buffer.from(seed));
  const entries = new Int8Array(count * n);
  const words = new Uint16Array(entries.buffer);
  for (let i = 0; i < stream.length; i++) words[i] = pairs[stream[i] as number] as number;
  return entries;
}

/** The seed of a round, from the roots of the rounds before it. */
export function roundSeed(seed: Uint8Array, roots: readonly Uint8Array[], round: number): Uint8Array {
  let current = seed;
  for (let t = 0; t < round; t++) current = blake2b256(ascii("gemm/next"), current, roots[t] as Uint8Array);
  return current;
}

/** What is committed to before the picks are known: the challenge, and a Merkle root for each round's product. */
export function commitmentOf({ seed, n, rounds }: Challenge, roots: readonly Uint8Array[]): Uint8Array {
  return blake2b256(ascii("gemm/commitment"), seed, u32(n), u32(rounds), ...roots);
}

/** The entries that later randomness asks for. */
export function picksOf({ n, rounds }: Challenge, randomness: Uint8Array, count: number): Pick[] {
  return Array.from({ length: count }, (_, p) => {
    const hash = Buffer.from(blake2b256(ascii("gemm/pick"), randomness, u32(p)));
    const [round, row, column] = [
      hash.readUInt32LE(0) % rounds,
      hash.readUInt32LE(4) % n,
      hash.readUInt32LE(8) % n,
    ];
    return { round, row, column };
  });
}

export const leafOf = (n: number, row: number, column: number): number =>
  (row * n + column - (column % leafEntries)) / leafEntries;

const leafCount = (n: number): number => (n * n) / leafEntries;

/** Whether a challenge is within the bounds of size that every machine takes. */
export function isChallenge({ seed, n, rounds }: Challenge): boolean {
  const side = Number.isInteger(n) && n >= leafEntries && n <= maxSide && n % leafEntries === 0;
  return seed.length === 32 && side && Number.isInteger(rounds) && rounds >= 1 && rounds <= maxRounds;
}

const ascii = (text: string): Uint8Array => Buffer.from(text, "ascii");

function u32(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

import type { Nibbles } from "./nibbles.ts";
import { nodeKinds } from "./node-writer.ts";

/** An encoding that no trie can hold. */
export class TrieError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TrieError";
  }
}

/**
 * A node as its encoding lies in memory: nothing is copied, a child is found when asked for.
 * Reads both layouts. Sources: the header bits in `node-writer.ts`; Polkadot specification, "Node Header".
 */
export class EncodedNode {
  readonly bytes: Uint8Array;
  readonly partial: Nibbles;
  /** One bit per child; 0 for a leaf. */
  readonly bitmap: number;
  readonly hasValue: boolean;
  /** The value stands as its hash. */
  readonly hashed: boolean;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly childrenStart: number;
  /** Where the encoding ends; whatever follows it belongs to somebody else. */
  readonly end: number;
  // All children are hashes, so each takes 33 bytes.
  readonly #regular: boolean;

  /** Throws `TrieError` when `bytes` do not begin with a whole node. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const first = bytes[0];
    if (first === undefined) throw new TrieError("a trie node is empty");
    const kind = kindOf(first);
    let count = first & kind.max;
    let at = 1;
    if (count === kind.max) {
      let more: number | undefined;
      do {
        more = bytes[at++];
        if (more === undefined) throw new TrieError("a trie node ends inside its header");
        count += more;
      } while (more === 255);
    }
    const odd = count & 1;
    if (odd === 1 && (bytes[at] ?? 0) >> 4 !== 0)
      throw new TrieError("a trie node's partial key is not padded");
    this.partial = { bytes, start: at * 2 + odd, end: at * 2 + odd + count };
    at += (count + 1) >> 1;
    const branch = kind !== nodeKinds.leaf && kind !== nodeKinds.leafWithHash;
    this.bitmap = branch ? bytes[at]! | (bytes[at + 1]! << 8) : 0;
    if (branch) {
      at += 2;
      if (this.bitmap === 0) throw new TrieError("a trie branch has no children");
    }
    this.hasValue = kind !== nodeKinds.branch;
    this.hashed = kind === nodeKinds.leafWithHash || kind === nodeKinds.branchWithHash;
    if (this.hashed) {
      this.valueStart = at;
      this.valueEnd = at + 32;
    } else if (this.hasValue) {
      this.valueStart = at + compactSize(bytes[at]);
      this.valueEnd = this.valueStart + compactValue(bytes, at);
    } else {
      this.valueStart = at;
      this.valueEnd = at;
    }
    at = this.valueEnd;
    this.childrenStart = at;
    let regular = true;
    for (let rest = this.bitmap; rest !== 0; rest &= rest - 1) {
      // A child is at most a hash, so its length is one byte.
      const head = bytes[at] ?? 255;
      if ((head & 3) !== 0 || head > 32 << 2)
        throw new TrieError("a trie node's child is longer than a hash");
      if (head !== 32 << 2) regular = false;
      at += 1 + (head >> 2);
    }
    if (!(at <= bytes.length)) throw new TrieError("a trie node is cut short");
    this.end = at;
    this.#regular = regular;
  }

  hasChild(nibble: number): boolean {
    return ((this.bitmap >> nibble) & 1) === 1;
  }

  /** Where the encoding of child `nibble` starts, its length first; where it would be if there is none. */
  childStart(nibble: number): number {
    const before = this.childRank(nibble);
    if (this.#regular) return this.childrenStart + before * 33;
    let at = this.childrenStart;
    for (let i = 0; i < before; i++) at += 1 + (this.bytes[at]! >> 2);
    return at;
  }

  /** How many children come before `nibble`. */
  childRank(nibble: number): number {
    return bitCount(this.bitmap & ((1 << nibble) - 1));
  }

  /** The merkle value of child `nibble`, which must exist: a hash, or a whole node of less than 32 bytes. */
  child(nibble: number): Uint8Array {
    const start = this.childStart(nibble);
    return this.bytes.subarray(start + 1, start + 1 + (this.bytes[start]! >> 2));
  }

  /** The value, or its hash when `hashed`; only when `hasValue`. */
  encodedValue(): Uint8Array {
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }
}

export function bitCount(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function kindOf(first: number) {
  if (first >= 0b1100_0000) return nodeKinds.branchWithValue;
  if (first >= 0b1000_0000) return nodeKinds.branch;
  if (first >= 0b0100_0000) return nodeKinds.leaf;
  if (first >= 0b0010_0000) return nodeKinds.leafWithHash;
  if (first >= 0b0001_0000) return nodeKinds.branchWithHash;
  throw new TrieError(`a trie node starts with the unknown header byte ${first}`);
}

/** Bytes of a compact integer by the low two bits of its first byte. */
const compactSizes = [1, 2, 4, 5] as const;
const compactSize = (first: number | undefined): number => compactSizes[((first ?? 0) & 3) as 0 | 1 | 2 | 3];

function compactValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const size = compactSize(first);
  if (first === undefined || at + size > bytes.length) throw new TrieError("a trie node is cut short");
  if (size === 5 && first !== 3) throw new TrieError("a trie node's value is too long");
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return Math.floor(value / (size === 5 ? 256 : 4));
}

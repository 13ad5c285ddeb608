import { blake2_256 } from "../hashing.ts";
import { type Nibbles, nibbleAt } from "./nibbles.ts";

/** The five kinds of node, as their header's fixed bits, and how many bits are left for the nibble count. */
export const nodeKinds = {
  leaf: { bits: 0b0100_0000, max: 63 },
  branch: { bits: 0b1000_0000, max: 63 },
  branchWithValue: { bits: 0b1100_0000, max: 63 },
  leafWithHash: { bits: 0b0010_0000, max: 31 },
  branchWithHash: { bits: 0b0001_0000, max: 15 },
} as const;

/** A node's value as its encoding holds it: the bytes themselves, or their hash. */
export interface EncodedValue {
  readonly hashed: boolean;
  readonly bytes: Uint8Array;
}

/** The header byte of the empty trie, which is also its whole encoding. */
export const emptyTrie = new Uint8Array([0]);

/** Root of a trie that holds nothing. */
export const emptyRoot = blake2_256(emptyTrie);

/**
 * Writes nodes in Substrate's encoding, one after another into the same buffer:
 * header, partial key, then for a branch its bitmap, the value, and the children.
 */
export class NodeWriter {
  bytes = new Uint8Array(4096);
  length = 0;

  /** Starts a node and writes everything up to its children. `bitmap` 0 makes a leaf. */
  begin(partial: Nibbles, bitmap: number, value: EncodedValue | undefined): void {
    const count = partial.end - partial.start;
    this.length = 0;
    this.reserve(16 + count + (value ? value.bytes.length : 0));
    this.#header(bitmap !== 0, value, count);
    this.#partial(partial, count);
    if (bitmap !== 0) {
      this.bytes[this.length++] = bitmap & 0xff;
      this.bytes[this.length++] = bitmap >> 8;
    }
    if (!value) return;
    if (!value.hashed) this.compact(value.bytes.length);
    this.bytes.set(value.bytes, this.length);
    this.length += value.bytes.length;
  }

  child(merkle: Uint8Array): void {
    this.reserve(5 + merkle.length);
    this.compact(merkle.length);
    this.bytes.set(merkle, this.length);
    this.length += merkle.length;
  }

  /** Bytes that are encoded already. */
  raw(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** What the parent stores: the encoding itself when it is shorter than a hash, its hash otherwise. */
  merkle(): Uint8Array {
    return this.length < 32 ? this.bytes.slice(0, this.length) : this.hash();
  }

  hash(): Uint8Array {
    return blake2_256(this.bytes.subarray(0, this.length));
  }

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array((this.length + more) * 2);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  compact(value: number): void {
    if (value < 64) this.bytes[this.length++] = value << 2;
    else if (value < 1 << 14) this.#little(value * 4 + 1, 2);
    else if (value < 2 ** 30) this.#little(value * 4 + 2, 4);
    else {
      this.bytes[this.length++] = 3;
      this.#little(value, 4);
    }
  }

  #little(value: number, size: number): void {
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.bytes[this.length++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  // A count that fills the header's bits goes on in bytes, of which the last is below 255.
  #header(branch: boolean, value: EncodedValue | undefined, count: number): void {
    const { bits, max } = headerKind(branch, value);
    this.bytes[this.length++] = bits | Math.min(count, max);
    if (count < max) return;
    let rest = count - max;
    for (; rest >= 255; rest -= 255) this.bytes[this.length++] = 255;
    this.bytes[this.length++] = rest;
  }

  // Packed so that the end is aligned: an odd first nibble stands alone in the low half of a byte.
  #partial({ bytes, start, end }: Nibbles, count: number): void {
    let at = start;
    if ((count & 1) === 1) this.bytes[this.length++] = nibbleAt(bytes, at++);
    if ((at & 1) === 0) {
      for (let i = at >> 1; i < end >> 1; i++) this.bytes[this.length++] = bytes[i]!;
    } else {
      for (; at < end; at += 2) {
        this.bytes[this.length++] = (nibbleAt(bytes, at) << 4) | nibbleAt(bytes, at + 1);
      }
    }
  }
}

function headerKind(branch: boolean, value: EncodedValue | undefined) {
  if (!value) return branch ? nodeKinds.branch : nodeKinds.leaf;
  if (value.hashed) return branch ? nodeKinds.branchWithHash : nodeKinds.leafWithHash;
  return branch ? nodeKinds.branchWithValue : nodeKinds.leaf;
}

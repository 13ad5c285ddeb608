import { CodecError } from "./codec-error.ts";

/**
 * Reads SCALE from bytes that nobody is trusted with: every length is held against what is left before
 * anything is allocated, nesting is bounded, and only canonical forms are taken.
 */
export class Reader {
  readonly bytes: Uint8Array;
  offset = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.bytes[this.#pass(1)]!;
  }

  u16(): number {
    const at = this.#pass(2);
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  u32(): number {
    return this.#u32At(this.#pass(4));
  }

  u64(): bigint {
    return this.#u64At(this.#pass(8));
  }

  u128(): bigint {
    const at = this.#pass(16);
    const high = this.#u64At(at + 8);
    return high === 0n ? this.#u64At(at) : (high << 64n) | this.#u64At(at);
  }

  /** A compact integer of at most 32 bits: lengths, block numbers. */
  compact(): number {
    const first = this.u8();
    const mode = first & 3;
    if (mode === 0) return first >> 2;
    if (mode === 1) return atLeast(1 << 6, (first | (this.u8() << 8)) >>> 2);
    this.offset--;
    if (mode === 2) return atLeast(1 << 14, this.u32() >>> 2);
    const value = this.compactBig(4);
    return Number(value);
  }

  /** A compact integer of at most `maxBytes` bytes. */
  compactBig(maxBytes = 67): bigint {
    const first = this.u8();
    if ((first & 3) !== 3) {
      this.offset--;
      return BigInt(this.compact());
    }
    const size = (first >> 2) + 4;
    if (size > maxBytes) {
      throw new CodecError("OutOfRange", `compact integer of ${size} bytes, at most ${maxBytes} fit here`);
    }
    const at = this.#pass(size);
    if (this.bytes[at + size - 1] === 0 && size > 4) throw notShortest();
    let value = this.#small(at + Math.max(0, size - 6), Math.min(size, 6));
    for (let i = at + size - 7; i >= at; i--) value = (value << 8n) | BigInt(this.bytes[i]!);
    if (size === 4 && value < 1n << 30n) throw notShortest();
    return value;
  }

  /** The number of items that follow, refused when even one byte for each is not there. */
  length(): number {
    const length = this.compact();
    if (length > this.remaining) {
      throw new CodecError("EndOfInput", `${length} items announced, ${this.remaining} bytes left`);
    }
    return length;
  }

  /** A copy of the next `size` bytes. */
  take(size: number): Uint8Array {
    const at = this.#pass(size);
    return this.bytes.slice(at, at + size);
  }

  /** Goes one level deeper into nested lists and calls; Substrate bounds these at 256 too. */
  enter(): void {
    if (++this.#depth > maxDepth) throw new CodecError("TooDeep", `nested deeper than ${maxDepth} levels`);
  }

  leave(): void {
    this.#depth--;
  }

  // By hand, because a `DataView` for each reader costs more than it saves.
  #u32At(at: number): number {
    const { bytes } = this;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  #u64At(at: number): bigint {
    const low = this.#u32At(at);
    const high = this.#u32At(at + 4);
    // Up to 53 bits a number holds it exactly.
    return high < 1 << 21 ? BigInt(high * 2 ** 32 + low) : (BigInt(high) << 32n) | BigInt(low);
  }

  // Up to six bytes as one number, because most amounts have no more and bigints are slow to put together.
  #small(at: number, size: number): bigint {
    let value = 0;
    for (let i = at + size - 1; i >= at; i--) value = value * 256 + this.bytes[i]!;
    return BigInt(value);
  }

  /** Moves over `size` bytes and returns where they begin. */
  #pass(size: number): number {
    const at = this.offset;
    const end = at + size;
    if (end > this.bytes.length) {
      throw new CodecError("EndOfInput", `${size} bytes needed, ${this.remaining} left`);
    }
    this.offset = end;
    return at;
  }
}

/** Substrate's `MAX_EXTRINSIC_DEPTH`. */
const maxDepth = 256;

const notShortest = () => new CodecError("NotCanonical", "compact integer is not in its shortest form");

function atLeast(least: number, value: number): number {
  if (value < least) throw notShortest();
  return value;
}

import { CodecError } from "./codec-error.ts";

/** A growing array of bytes with SCALE's integers; all of them little-endian. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    if (!(value >= 0 && value <= 0xff)) throw outOfRange("u8", value);
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    if (!(value >= 0 && value <= 0xffff)) throw outOfRange("u16", value);
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    if (!(value >= 0 && value <= 0xffffffff)) throw outOfRange("u32", value);
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    if (value < 0n || value > maxU64) throw outOfRange("u64", value);
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
  }

  u128(value: bigint): void {
    if (value < 0n || value > maxU128) throw outOfRange("u128", value);
    const at = this.#room(16);
    // Most balances fit in 64 bits; the split of a bigint is what costs.
    if (value <= maxU64) {
      this.#view.setBigUint64(at, value, true);
      this.#view.setBigUint64(at + 8, 0n, true);
    } else {
      this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
      this.#view.setBigUint64(at + 8, value >> 64n, true);
    }
  }

  /** Compact form of an integer of at most 53 bits. */
  compact(value: number): void {
    if (!(value >= 0 && Number.isSafeInteger(value))) throw outOfRange("compact integer", value);
    if (value < 1 << 6) this.u8(value << 2);
    else if (value < 1 << 14) this.u16((value << 2) | 1);
    else if (value < 2 ** 30) this.u32(value * 4 + 2);
    else this.#bigCompact(BigInt(value));
  }

  /** Compact form of an integer of at most 536 bits. */
  compactBig(value: bigint): void {
    if (value >= 0n && value < 1n << 30n) this.compact(Number(value));
    else if (value < 0n || value >= 1n << 536n) throw outOfRange("compact integer", value);
    else this.#bigCompact(value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  /** What was written, without a copy: good until the next write or `reset`. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  // Four bytes at a time: taking a bigint apart byte by byte is what would cost.
  #bigCompact(value: bigint): void {
    const words: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
    const last = words.at(-1)!;
    const size = Math.max(4, words.length * 4 - (Math.clz32(last) >> 3));
    this.u8(((size - 4) << 2) | 3);
    const start = this.#room(size);
    for (let i = 0; i < size; i++) this.#bytes[start + i] = words[i >> 2]! >>> (8 * (i & 3));
  }

  /** Makes room for `size` bytes and returns where they begin. It may replace the array: call it before naming one. */
  #room(size: number): number {
    const start = this.#length;
    const end = start + size;
    if (end > this.#bytes.length) this.#grow(end);
    this.#length = end;
    return start;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const maxU64 = 2n ** 64n - 1n;
const maxU128 = 2n ** 128n - 1n;
const outOfRange = (type: string, value: number | bigint) =>
  new CodecError("OutOfRange", `${value} does not fit in a ${type}`);

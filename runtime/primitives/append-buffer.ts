/**
 * A SCALE `Vec` that grows at its end without being read or copied: Substrate's storage append.
 * Bytes once written stay, so an older `(count, length)` pair is enough to return to an older state.
 */
export class AppendBuffer {
  count: number;
  length: number;
  #items: Uint8Array;
  #value: Uint8Array | undefined;

  /** Starts from a stored value; one that does not begin like a `Vec` is replaced, as Substrate does. */
  constructor(value: Uint8Array | undefined) {
    const prefix = value && readCompact(value);
    const start = prefix ? prefix.size : 0;
    const items = prefix && value ? value.subarray(start) : new Uint8Array(0);
    this.count = prefix ? prefix.value : 0;
    this.length = items.length;
    this.#items = new Uint8Array(Math.max(256, items.length * 2));
    this.#items.set(items);
  }

  push(item: Uint8Array): void {
    const end = this.length + item.length;
    if (end > this.#items.length) {
      const grown = new Uint8Array(end * 2);
      grown.set(this.#items.subarray(0, this.length));
      this.#items = grown;
    }
    this.#items.set(item, this.length);
    this.length = end;
    this.count++;
    this.#value = undefined;
  }

  /** Back to what it was when it had this `count` and `length`. */
  truncate(count: number, length: number): void {
    this.count = count;
    this.length = length;
    this.#value = undefined;
  }

  /** The whole value, made when asked for and kept until the next change. */
  value(): Uint8Array {
    if (this.#value) return this.#value;
    const size = compactSize(this.count);
    const value = new Uint8Array(size + this.length);
    writeCompact(this.count, size, value);
    value.set(this.#items.subarray(0, this.length), size);
    this.#value = value;
    return value;
  }
}

// SCALE's compact integer as far as a length needs it: u32 in one, two, four or five bytes.
function readCompact(bytes: Uint8Array): { value: number; size: number } | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const size = [1, 2, 4, 5][first & 3]!;
  if (bytes.length < size || (size === 5 && first !== 3)) return undefined;
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[i]!;
  return { value: size === 5 ? Math.floor(value / 256) : Math.floor(value / 4), size };
}

const compactSize = (value: number): number =>
  value < 64 ? 1 : value < 1 << 14 ? 2 : value < 2 ** 30 ? 4 : 5;

function writeCompact(value: number, size: number, out: Uint8Array): void {
  let rest = size === 5 ? value * 256 + 3 : value * 4 + (size === 1 ? 0 : size === 2 ? 1 : 2);
  for (let i = 0; i < size; i++) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

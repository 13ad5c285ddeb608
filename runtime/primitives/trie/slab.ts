/**
 * Small arrays cut from large ones: making each by itself took a quarter of a root update. A large one lives
 * as long as any part of it, so this is for arrays that are thrown away together.
 */
export class Slab {
  #chunk = new Uint8Array(0);
  #used = 0;

  /** An array of zeros. */
  take(size: number): Uint8Array {
    if (size > largest) return new Uint8Array(size);
    if (this.#used + size > this.#chunk.length) {
      this.#chunk = new Uint8Array(chunkSize);
      this.#used = 0;
    }
    this.#used += size;
    return this.#chunk.subarray(this.#used - size, this.#used);
  }
}

const chunkSize = 1 << 16;
const largest = chunkSize / 8;

import { readVersion, type Version, versionSize } from "../../runtime/primitives/trie/node-address.ts";
import { Slab } from "../../runtime/primitives/trie/slab.ts";

/**
 * Rows of trie nodes in one block of memory: nothing for the garbage collector to walk, and a bound that is
 * exact. For each path only the newest row is kept; it takes its predecessor's place when it has the same
 * length, as it has when only hashes changed. The memory grows up to its bound; from then on, what is added goes
 * round in a ring and pushes out the oldest.
 */
export class RowCache {
  readonly #maxBytes: number;
  #ring: Uint8Array;
  /** Hash table from path to position plus one; 0 is free. Positions only grow: the ring's index is the rest. */
  #slots: Float64Array;
  readonly #copies = new Slab();
  #head = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#ring = new Uint8Array(Math.min(maxBytes, firstBytes));
    this.#slots = slotsFor(this.#ring.length);
  }

  /** A copy of the row at an address, because its place may be taken while somebody reads it. */
  get(address: Uint8Array): Uint8Array | undefined {
    const slot = this.#find(address);
    if (slot < 0) return undefined;
    const at = this.#indexOf(slot);
    if (this.#versionAt(at) !== readVersion(address, 0)) return undefined;
    const start = at + headSize + address.length;
    const length = this.#lengthAt(at);
    const copy = this.#copies.take(length);
    copy.set(this.#ring.subarray(start, start + length));
    return copy;
  }

  set(address: Uint8Array, row: Uint8Array): void {
    const size = headSize + address.length + row.length;
    if (size > this.#maxBytes / 8) return;
    const slot = this.#find(address);
    if (slot >= 0) {
      const at = this.#indexOf(slot);
      if (this.#versionAt(at) > readVersion(address, 0)) return;
      if (this.#lengthAt(at) === row.length) {
        this.#put(at, address, row);
        return;
      }
    }
    while (this.#head + size > this.#ring.length && this.#ring.length < this.#maxBytes) this.#grow();
    // A row lies in one piece.
    const left = this.#ring.length - (this.#head % this.#ring.length);
    if (left < size) this.#head += left;
    this.#put(this.#head % this.#ring.length, address, row);
    const known = this.#find(address);
    this.#slots[known >= 0 ? known : this.#free(address)] = this.#head + 1;
    this.#head += size;
  }

  get bytes(): number {
    return this.#ring.length + this.#slots.byteLength;
  }

  /** Twice the memory. Only before the ring went round: until then, rows follow one another from its start. */
  #grow(): void {
    const ring = new Uint8Array(Math.min(this.#maxBytes, this.#ring.length * 2));
    ring.set(this.#ring);
    this.#ring = ring;
    this.#slots = slotsFor(ring.length);
    for (let at = 0; at < this.#head; ) {
      const start = at + headSize;
      const address = ring.subarray(start, start + ring[at + 4]!);
      const slot = this.#find(address);
      this.#slots[slot >= 0 ? slot : this.#free(address)] = at + 1;
      at = start + address.length + this.#lengthAt(at);
    }
  }

  #put(at: number, address: Uint8Array, row: Uint8Array): void {
    for (let i = 0; i < 4; i++) this.#ring[at + i] = row.length >> (8 * i);
    this.#ring[at + 4] = address.length;
    this.#ring.set(address, at + headSize);
    this.#ring.set(row, at + headSize + address.length);
  }

  /** The slot that holds this path, whatever the version; -1 when there is none. */
  #find(address: Uint8Array): number {
    const mask = this.#slots.length - 1;
    const hash = hashPath(address);
    for (let i = 0; i < probes; i++) {
      const slot = (hash + i) & mask;
      if (this.#isLive(slot) && this.#holds(this.#indexOf(slot), address)) return slot;
    }
    return -1;
  }

  /** A slot to use for a new path: a free one, or that of the oldest row nearby. */
  #free(address: Uint8Array): number {
    const mask = this.#slots.length - 1;
    const hash = hashPath(address);
    let oldest = hash & mask;
    for (let i = 0; i < probes; i++) {
      const slot = (hash + i) & mask;
      if (!this.#isLive(slot)) return slot;
      if (this.#slots[slot]! < this.#slots[oldest]!) oldest = slot;
    }
    return oldest;
  }

  #isLive(slot: number): boolean {
    const position = this.#slots[slot]! - 1;
    return position >= 0 && position >= this.#head - this.#ring.length;
  }

  #holds(at: number, address: Uint8Array): boolean {
    if (this.#ring[at + 4] !== address.length) return false;
    const start = at + headSize;
    for (let i = versionSize; i < address.length; i++) {
      if (this.#ring[start + i] !== address[i]) return false;
    }
    return true;
  }

  #lengthAt(at: number): number {
    const ring = this.#ring;
    return ring[at]! | (ring[at + 1]! << 8) | (ring[at + 2]! << 16) | (ring[at + 3]! << 24);
  }

  #versionAt(at: number): Version {
    return readVersion(this.#ring, at + headSize);
  }

  #indexOf(slot: number): number {
    return (this.#slots[slot]! - 1) % this.#ring.length;
  }
}

const firstBytes = 1 << 18;

/** A table that is half full when rows take 256 bytes each. */
const slotsFor = (bytes: number): Float64Array =>
  new Float64Array(2 ** Math.ceil(Math.log2(Math.max(probes * 2, bytes / 128))));

/** Length of the row (u32) and of the address (u8), which stand before both. */
const headSize = 5;
/** How many neighbouring slots a path may be in. */
const probes = 8;

// FNV-1a over the path; paths of one subtree differ in their last bytes.
function hashPath(address: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = versionSize; i < address.length; i++) hash = Math.imul(hash ^ address[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

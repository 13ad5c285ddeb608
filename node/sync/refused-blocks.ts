import { LRUCache } from "lru-cache";
import type { Hash } from "../chain/hash.ts";

const capacity = 8192;

/** Blocks that can never be imported, with the reason; the newest of them. Nobody is asked for one of them again. */
export class RefusedBlocks {
  readonly #reasons = new LRUCache<Hash, string>({ max: capacity });

  add(hash: Hash, reason: string): void {
    this.#reasons.set(hash, reason);
  }

  has(hash: Hash): boolean {
    return this.#reasons.has(hash);
  }
}

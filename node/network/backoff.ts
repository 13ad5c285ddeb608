import { LRUCache } from "lru-cache";
import type { PeerId } from "./types.ts";

const firstMs = 2_000;
const longestMs = 10 * 60_000;

/** When a peer that could not be reached may be tried again: after twice the time, each time. */
export class Backoff {
  readonly #entries = new LRUCache<PeerId, { readonly waitMs: number; readonly until: number }>({
    max: 4096,
  });
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `longest` bounds the wait for peers that matter. */
  failed(peer: PeerId, longest = longestMs): void {
    const waitMs = Math.min((this.#entries.get(peer)?.waitMs ?? firstMs / 2) * 2, longest);
    this.#entries.set(peer, { waitMs, until: this.#now() + waitMs });
  }

  succeeded(peer: PeerId): void {
    this.#entries.delete(peer);
  }

  mayTry(peer: PeerId): boolean {
    return (this.#entries.get(peer)?.until ?? 0) <= this.#now();
  }
}

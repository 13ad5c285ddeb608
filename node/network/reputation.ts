import { LRUCache } from "lru-cache";
import { banThreshold } from "./costs.ts";
import type { PeerId } from "./types.ts";

/** Peers whose reputation is remembered; those of whom nothing was heard for the longest time are forgotten first. */
const maxRemembered = 4096;

/** Half of a bad reputation is forgiven in this time. */
const halfLifeMs = 10 * 60_000;

interface Entry {
  readonly value: number;
  readonly at: number;
}

/** What peers have lost by misbehaving, forgiven in time. It outlives connections, so that coming back helps nobody. */
export class Reputation {
  readonly #entries = new LRUCache<PeerId, Entry>({ max: maxRemembered });
  readonly #now: () => number;

  /** `now` is in milliseconds and never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** 0 where nothing is held against the peer, less where something is. */
  of(peer: PeerId): number {
    const entry = this.#entries.get(peer);
    if (!entry) return 0;
    const value = entry.value * 2 ** ((entry.at - this.#now()) / halfLifeMs);
    return value > -0.5 ? 0 : value;
  }

  /** Takes `cost`; true when the peer is to be banned. */
  lower(peer: PeerId, cost: number): boolean {
    const value = this.of(peer) - cost;
    this.#entries.set(peer, { value, at: this.#now() });
    // What was forgiven within moments is not let count.
    return Math.floor(value) <= banThreshold;
  }

  /** Begins again from neutral, after a ban. */
  forget(peer: PeerId): void {
    this.#entries.delete(peer);
  }
}

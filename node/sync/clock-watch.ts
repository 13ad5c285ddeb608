import type { Log } from "../log/log.ts";
import type { PeerId } from "../network/types.ts";

export interface ClockWatchOptions {
  readonly slotMs: number;
  /** The clock in ms. */
  readonly clock: () => number;
}

/** Peers whose word is remembered; the last ones heard. */
const maxPeers = 64;
/** Least time between two warnings, in ms. */
const quietMs = 600_000;

/**
 * Notices a wrong clock by the slots of announced blocks: each should arrive within its slot or shortly after. The
 * median over peers decides, so that a few liars move nothing.
 */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  readonly #log: Log;
  /** By how much the clock seems to be ahead, in ms, as the last block that each peer announced shows. */
  readonly #ahead = new Map<PeerId, number>();
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ClockWatchOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** Takes note that `peer` has just announced a block of this slot. */
  observe(peer: PeerId, slot: bigint): void {
    const { slotMs, clock } = this.#options;
    // A block is on its way for about half of its slot.
    this.#ahead.delete(peer);
    this.#ahead.set(peer, clock() - (Number(slot) + 0.5) * slotMs);
    if (this.#ahead.size > maxPeers) this.#ahead.delete(this.#ahead.keys().next().value!);
    this.#warn();
  }

  /** By how many ms the clock is ahead of the others' (behind, where negative); 0 within two slots of them. */
  get offMs(): number {
    const sorted = [...this.#ahead.values()].toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return Math.abs(median) > 2 * this.#options.slotMs ? Math.round(median) : 0;
  }

  #warn(): void {
    const { offMs } = this;
    const now = performance.now();
    if (offMs === 0 || now < this.#warnedAt + quietMs) return;
    this.#warnedAt = now;
    const seconds = Math.round(Math.abs(offMs) / 1000);
    const side = offMs > 0 ? "ahead of" : "behind";
    this.#log.warn(`the clock is about ${seconds} s ${side} that of the other nodes: set it by NTP`, {
      peers: this.#ahead.size,
    });
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { TokenBucket } from "./token-bucket.ts";
import type { PeerId, Protocol } from "./types.ts";

/** Milliseconds that never go back, and waiting for some of them; a signal ends that early. */
export interface Time {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<unknown>;
}

const realTime: Time = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
};

/**
 * How fast each peer is asked in each protocol: no faster than a share of what it allows, as its clock and the line make requests
 * come closer together. Whoever oversleeps does not make up for it: after a stall requests would come as a flood.
 */
export class Paces {
  readonly #share: number;
  readonly #time: Time;
  /** By peer and protocol, beyond connections, as the peers do it that count our requests. */
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: 4096 });

  /** `share` is a part of the peers' limits, above 0 and at most 1. */
  constructor(share: number, time = realTime) {
    this.#share = share;
    this.#time = time;
  }

  /** Resolves when the peer may be asked once more. @throws the signal's reason. */
  async pass(peer: PeerId, protocol: Protocol, signal?: AbortSignal): Promise<void> {
    const bucket = this.#bucketOf(peer, protocol);
    for (;;) {
      signal?.throwIfAborted();
      const now = this.#time.now();
      if (bucket.take(now)) return;
      // The reason of the signal is thrown above, without the timer's own error around it.
      await this.#time.sleep(bucket.missing(now), signal).catch(() => undefined);
    }
  }

  #bucketOf(peer: PeerId, { name, perPeerPerSecond, burst = perPeerPerSecond }: Protocol): TokenBucket {
    const key = `${peer} ${name}`;
    const known = this.#buckets.get(key);
    if (known) return known;
    const rate = this.#share * perPeerPerSecond;
    const bucket = new TokenBucket(rate, Math.max(1, burst / 2), this.#time.now());
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

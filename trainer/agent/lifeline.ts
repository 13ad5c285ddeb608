import { setTimeout as pause } from "node:timers/promises";
import type { ChainClient } from "../client/chain-client.ts";

/** How often the node is asked where it is, and how often in a row it must be ahead of the news before they count as lost. */
const everyMs = 2_000;
const patience = 3;

/**
 * Whether news of the chain still come. A connection that a node's restart has cut comes back by itself, but what was
 * subscribed on it may stay silent: then the node is ahead of the last block that was told, and stays so.
 */
export class Lifeline {
  readonly #lost = new AbortController();
  #seen: number;

  constructor(chain: ChainClient, first: number, stop: AbortSignal) {
    this.#seen = first;
    void this.#watch(chain, stop).catch(() => undefined);
  }

  /** Given when the connection is of no more use. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** A block was told. */
  see(block: number): void {
    this.#seen = block;
  }

  async #watch(chain: ChainClient, stop: AbortSignal): Promise<void> {
    let behind = 0;
    for (let before = this.#seen; !this.#lost.signal.aborted; before = this.#seen) {
      await pause(everyMs, undefined, { signal: stop });
      // A node that does not answer is awaited: there is nothing better to connect to.
      const height = await heightOf(chain);
      const isBehind = height !== undefined && height > this.#seen && this.#seen === before;
      behind = isBehind ? behind + 1 : 0;
      if (behind >= patience) this.#lost.abort();
    }
  }
}

/** The finalized height; undefined without an answer in time, as a question that was on its way when a node died has none. */
async function heightOf(chain: ChainClient): Promise<number | undefined> {
  const asked = chain
    .request<string>("chain_getFinalizedHead")
    .then((head) => chain.request<{ number: string } | null>("chain_getHeader", head))
    .catch(() => undefined);
  const header = await Promise.race([asked, pause(everyMs, undefined)]);
  return header ? Number(header.number) : undefined;
}

import { setTimeout as pause } from "node:timers/promises";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { FinalBlock } from "../client/final-blocks.ts";
import type { OrderDetails } from "../client/queries.ts";
import { known } from "./known.ts";

/** An order as a final block has it, and what happened in that. */
export interface OrderAt {
  readonly block: Pick<FinalBlock, "hash" | "number">;
  readonly details: OrderDetails;
  /** Of the block; none of the block that the following begins with, and of those that were skipped. */
  readonly events: FinalBlock["events"];
  /** Blocks before this one of which the node has no state any more. */
  readonly skipped: number;
}

/** How long to wait before a node that is lost is asked again, in ms. */
const retryMs = 1_000;

/**
 * An order in each final block, from now until it is over or the signal says to stop. A node that goes away is awaited; blocks whose
 * state it has pruned meanwhile are skipped. @throws BuyerError `NoOrder`, ChainError.
 */
export async function* followOrder(
  chain: ChainClient,
  id: number,
  signal: AbortSignal,
): AsyncGenerator<OrderAt> {
  let last: number | undefined;
  while (!signal.aborted) {
    const head = await patiently(() => finalHead(chain), signal);
    let details = await patiently(() => known(chain, id, head.hash), signal);
    yield { block: head, details, events: [], skipped: last === undefined ? 0 : head.number - last - 1 };
    last = head.number;
    if (details.info.ended) return;
    try {
      for await (const block of chain.blocks(head.number + 1, signal)) {
        const { hash, number, events } = block;
        details = await patiently(() => known(chain, id, hash), signal);
        yield { block: { hash, number }, details, events, skipped: 0 };
        last = number;
        if (details.info.ended) return;
      }
    } catch (error) {
      // Pruned: there is nothing to be read between here and the node's present state.
      if (!(error instanceof ChainError && error.code === "Refused")) throw error;
      await pause(retryMs, undefined, { signal });
    }
  }
}

/** The last final block. @throws ChainError. */
export async function finalHead(
  chain: ChainClient,
): Promise<{ readonly hash: string; readonly number: number }> {
  const hash = await chain.request<string>("chain_getFinalizedHead");
  const { number } = await chain.request<{ number: string }>("chain_getHeader", hash);
  return { hash, number: Number(number) };
}

/** Asks again for as long as the node is lost. @throws what it answers, and the signal's reason. */
async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ChainError && error.code === "Unreachable")) throw error;
      await pause(retryMs, undefined, { signal });
    }
  }
}

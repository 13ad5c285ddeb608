/** Walks along the final blocks until it is stopped, or drained. */
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "./agent-context.ts";
import { Look } from "./look.ts";
import { placedOrders } from "./view.ts";

/** So long duties may take to end; one that hangs is left to itself. */
const stopMs = 10_000;

/** Returns when it is stopped or drained. @throws ChainError where the node no longer has what comes next. */
export async function follow(
  agent: Agent,
  from: { readonly number: number; readonly hash: string },
  end: AbortSignal,
): Promise<void> {
  const { chain, log, options } = agent;
  const look = new Look(agent, new Set((await placedOrders(chain, from.hash)).keys()));
  log.info("follows the chain", { node: chain.url, account: options.signer.address, block: from.number });
  try {
    for await (const block of chain.blocks(from.number, end)) {
      try {
        await look.at(block);
      } catch (error) {
        log.warn("a block could not be looked at", { block: block.number, error: (error as Error).message });
      }
      if (look.isDone) return;
    }
  } finally {
    await Promise.race([look.stop(), pause(stopMs)]);
  }
}

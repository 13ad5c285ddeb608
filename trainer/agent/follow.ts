/** Walks along the final blocks until it is stopped, drained, or the news end. */
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "./agent-context.ts";
import type { Lifeline } from "./lifeline.ts";
import { Look } from "./look.ts";
import { placedOrders } from "./view.ts";

/** The node has gone on, but its news do not come any more. */
export class LostError extends Error {
  override readonly name = "LostError";
}

/** So long duties may take to end; one that hangs on a lost connection is left to itself. */
const stopMs = 10_000;

/** Returns when it is stopped or drained. @throws LostError. */
export async function follow(
  agent: Agent,
  from: { readonly number: number; readonly hash: string },
  lifeline: Lifeline,
  end: AbortSignal,
): Promise<void> {
  const { chain, log, options } = agent;
  const look = new Look(agent, new Set((await placedOrders(chain, from.hash)).keys()));
  log.info("follows the chain", { node: chain.url, account: options.signer.address, block: from.number });
  const walk = async (): Promise<void> => {
    for await (const block of chain.blocks(from.number, end)) {
      lifeline.see(block.number);
      try {
        await look.at(block);
      } catch (error) {
        log.warn("a block could not be looked at", { block: block.number, error: (error as Error).message });
      }
      if (look.isDone) return;
    }
  };
  try {
    // A question that was on its way when the node died has no answer: the walk itself may stand still.
    const walked = walk();
    await Promise.race([
      walked,
      new Promise<void>((resolve) => lifeline.lost.addEventListener("abort", () => resolve())),
    ]);
    if (lifeline.lost.aborted) throw new LostError();
  } finally {
    if (lifeline.lost.aborted) chain.close();
    await Promise.race([look.stop(), pause(stopMs)]);
  }
}

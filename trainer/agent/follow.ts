/** Walks along the final blocks, looks at each that concerns the trainer, and has done what is due. */
import { setTimeout as pause } from "node:timers/promises";
import type { FinalBlock } from "../client/final-blocks.ts";
import type { Agent } from "./agent-context.ts";
import { dutiesIn } from "./due.ts";
import { Duties } from "./duties.ts";
import type { Lifeline } from "./lifeline.ts";
import { tidy } from "./tidy.ts";
import { placedOrders, viewAt } from "./view.ts";

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
  const duties = new Duties(log);
  const placed = new Set((await placedOrders(chain, from.hash)).keys());
  log.info("follows the chain", { node: chain.url, account: options.signer.address, block: from.number });
  const walk = async (): Promise<void> => {
    for await (const block of chain.blocks(from.number, end)) {
      lifeline.see(block.number);
      for (const id of placedIn(block)) placed.add(id);
      try {
        const view = await viewAt(chain, agent.account, block);
        duties.see(block.number, await dutiesIn(agent, view, placed));
        await tidy(agent, view, duties);
        if (
          agent.draining &&
          duties.running === 0 &&
          view.orders.size + view.facts.duties.inspections.length === 0
        )
          return;
      } catch (error) {
        log.warn("a block could not be looked at", { block: block.number, error: (error as Error).message });
      }
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
    await Promise.race([duties.stop(), pause(stopMs)]);
  }
}

function placedIn({ events }: FinalBlock): number[] {
  return events.flatMap(({ event }) =>
    event.type === "Marketplace" && event.value.type === "OrderPlaced"
      ? [(event.value.value as { order: number }).order]
      : [],
  );
}

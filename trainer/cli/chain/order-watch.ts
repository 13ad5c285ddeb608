import type { Command } from "commander";
import type { ChainClient } from "../../client/chain-client.ts";
import { type OrderDetails, orderOf, slotMs } from "../../client/queries.ts";
import { exitCode, InputError } from "../run-command.ts";
import { type StorageFlags, servingStore, storageOptions } from "../storage-options.ts";
import type { Terminal } from "../terminal.ts";
import { type ChainFlags, runOnChain } from "./connection.ts";
import { eventLines } from "./order-events.ts";
import { orderNumber } from "./order-options.ts";
import { detailText, exitCodeOf, outcomeText, stateText } from "./order-state.ts";

interface Flags extends ChainFlags, StorageFlags {
  readonly once?: boolean;
}

/** `order watch ORDER`: how it stands, until its end. */
export function register(order: Command): void {
  const command = order
    .command("watch")
    .summary("follow an order to its end")
    .description(
      "Shows checkpoints, loss, time left and every step of an order in final blocks, until it is over.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--once", "only say how it stands now");
  runOnChain(storageOptions(command), async (chain, { terminal, signal }, id: number, flags: Flags) => {
    const head = await finalHead(chain);
    const now = await known(chain, id, head.hash);
    if (flags.once || now.info.ended) return tell(terminal, now);
    // Trainer and inspectors fetch from here what was published to this machine's own IPFS node.
    const served = await servingStore(flags);
    try {
      return tell(terminal, await follow(chain, terminal, id, now, head.number + 1, signal));
    } finally {
      await served?.close();
    }
  });
}

/** An order at a block. @throws InputError where there is none. */
export async function known(chain: ChainClient, id: number, at?: string): Promise<OrderDetails> {
  const found = await orderOf(chain, id, at);
  if (found) return found;
  throw new InputError(
    `there is no order ${id}: it never was, it is not in a final block yet, or it is forgotten`,
  );
}

async function finalHead(chain: ChainClient): Promise<{ readonly hash: string; readonly number: number }> {
  const hash = await chain.request<string>("chain_getFinalizedHead");
  const { number } = await chain.request<{ number: string }>("chain_getHeader", hash);
  return { hash, number: Number(number) };
}

/** Shows what happens until the order is over or the signal says to stop; returns how it stands then. */
async function follow(
  chain: ChainClient,
  terminal: Terminal,
  id: number,
  start: OrderDetails,
  from: number,
  signal: AbortSignal,
): Promise<OrderDetails> {
  const perBlock = await slotMs(chain);
  let now = start;
  const bar = terminal.progress(`order ${id}`, start.info.order?.spec.steps ?? 1);
  try {
    for await (const { hash, number, events } of chain.blocks(from, signal)) {
      for (const line of eventLines(id, events)) terminal.note(`block ${number}: ${line}`);
      // One that is forgotten in the very block of its end is still told as it last stood.
      now = (await orderOf(chain, id, hash)) ?? now;
      const { order, anchors, ended } = now.info;
      if (ended || !order) return now;
      bar.update(anchors.at(-1)?.step ?? 0, detailText(order, anchors, number, perBlock));
    }
    signal.throwIfAborted();
    return now;
  } finally {
    bar.stop();
  }
}

function tell(terminal: Terminal, { info, inspection }: OrderDetails): number {
  const { id, order, anchors, bids, ended } = info;
  const last = anchors.at(-1);
  terminal.answer(
    {
      order: id,
      state: ended?.outcome ?? order?.state,
      over: ended !== undefined,
      ...(order && { deadline: order.deadline, steps: order.spec.steps, price: order.price }),
      bids: bids.length,
      anchors,
      inspection,
      ended,
    },
    [
      ended
        ? `order ${id} is ${outcomeText[ended.outcome]}`
        : `order ${id} is ${stateText({ ...(order as NonNullable<typeof order>), bids: bids.length })}`,
      ...(last ? [`checkpoint ${last.index}, step ${last.step}`] : []),
      ...(ended?.outcome === "Completed" ? [`get the model with: matrixai order fetch ${id}`] : []),
    ],
  );
  return ended ? exitCodeOf(ended.outcome) : exitCode.ok;
}

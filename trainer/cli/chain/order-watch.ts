import type { Command } from "commander";
import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import { dueOf } from "../../buyer/due.ts";
import { finalHead, followOrder } from "../../buyer/follow-order.ts";
import { Keeper } from "../../buyer/keeper.ts";
import { known, partsOf } from "../../buyer/known.ts";
import type { OrderSecrets } from "../../buyer/order-secrets.ts";
import { secretsHere } from "../../buyer/take-model.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { type OrderDetails, slotMs } from "../../client/queries.ts";
import type { Signer } from "../../client/signer.ts";
import { type Context, exitCode, InputError } from "../run-command.ts";
import { type StorageFlags, servingStore, storageOptions } from "../storage-options.ts";
import type { Terminal } from "../terminal.ts";
import { addressOf } from "./account.ts";
import { amountText } from "./amount.ts";
import { type ChainFlags, givenSigner, runOnChain, type SecretFlags, secretOptions } from "./connection.ts";
import { dueText } from "./due-text.ts";
import { eventLines } from "./order-events.ts";
import { type KeysFlags, keysOptions, orderNumber } from "./order-options.ts";
import { detailText, exitCodeOf, leftLines, outcomeText, stateText } from "./order-state.ts";

interface Flags extends ChainFlags, StorageFlags, SecretFlags, KeysFlags {
  readonly once?: boolean;
}

interface Watching extends StorageFlags, KeysFlags {
  /** The buyer, who can hand out keys; undefined of one that only looks. */
  readonly signer: Signer | undefined;
}

/** `order watch ORDER`: how it stands, until its end. */
export function register(order: Command): void {
  const command = order
    .command("watch")
    .summary("follow an order to its end, and hand out its keys")
    .description(
      "Shows checkpoints, loss, time left and every step of an order in final blocks, until it is over. With the buyer's secret it gives trainer and inspectors the keys that they wait for; without, it only looks.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--once", "only say how it stands now");
  runOnChain(
    keysOptions(secretOptions(storageOptions(command))),
    async (chain, context, id: number, flags: Flags) => {
      if (!flags.once) return watchOrder(chain, context, id, { ...flags, signer: await givenSigner(flags) });
      const { hash } = await finalHead(chain);
      return tell(context.terminal, await known(chain, id, hash));
    },
  );
}

/** Follows an order to its end, and hands out its keys where they are here; returns the exit code. @throws InputError. */
export async function watchOrder(
  chain: ChainClient,
  { terminal, signal, goOnWith }: Context,
  id: number,
  { signer, keys, ...flags }: Watching,
): Promise<number> {
  goOnWith(`matrixai order watch ${id}`);
  const { hash } = await finalHead(chain);
  const start = await known(chain, id, hash);
  if (start.info.ended) return tell(terminal, start);
  const { buyer } = partsOf(start);
  const isBuyer = signer !== undefined && equalBytes(buyer, signer.account);
  if (signer && !isBuyer)
    throw new InputError(
      `order ${id} is ${addressOf(buyer)}'s: ${signer.address} can only look, without a secret`,
    );
  const secrets = await secretsHere(chain, start, keys);
  const keeper = signer && secrets && keeperOf(chain, terminal, signer, secrets);
  // Trainer and inspectors fetch from here what was published to this machine's own IPFS node.
  const served = await servingStore(flags);
  try {
    const end = await follow(chain, terminal, id, start, { keeper, secrets }, signal);
    return tell(terminal, end);
  } finally {
    await served?.close();
  }
}

function keeperOf(chain: ChainClient, terminal: Terminal, signer: Signer, secrets: OrderSecrets): Keeper {
  return new Keeper(chain, signer, secrets, {
    gave: (due, block) => terminal.note(`block ${block}: ${dueText(due)}`),
    failed: ({ message }) => terminal.note(`keys could not be handed out, which is tried again: ${message}`),
  });
}

/** Shows what happens until the order is over or the signal says to stop; returns how it stands then. */
async function follow(
  chain: ChainClient,
  terminal: Terminal,
  id: number,
  start: OrderDetails,
  { keeper, secrets }: { readonly keeper: Keeper | undefined; readonly secrets: OrderSecrets | undefined },
  signal: AbortSignal,
): Promise<OrderDetails> {
  const perBlock = await slotMs(chain);
  const bar = terminal.progress(`order ${id}`, start.info.order?.spec.steps ?? 1);
  let now = start;
  let state: string | undefined;
  let isTold = false;
  try {
    for await (const { block, details, events, skipped } of followOrder(chain, id, signal)) {
      now = details;
      const { order, anchors, bids } = details.info;
      if (skipped > 0) terminal.note(`${skipped} blocks were missed, and the node has pruned them`);
      for (const line of eventLines(id, events)) terminal.note(`block ${block.number}: ${line}`);
      if (!order) break;
      if (order.state !== state) {
        const left = Math.max(0, order.deadline - block.number) * perBlock;
        terminal.note(`block ${block.number}: ${stateText({ ...order, bids: bids.length }, left)}`);
        ({ state } = order);
        if (state === "Judged")
          terminal.note(`the ruling can be appealed until then with: matrixai order appeal ${id}`);
      }
      if (keeper) await keeper.see(details, block);
      else if (secrets && !isTold && (await dueOf(chain, details, secrets, block)).length > 0) {
        terminal.note(`keys of order ${id} are waited for: hand them out with: matrixai order release ${id}`);
        isTold = true;
      }
      bar.update(anchors.at(-1)?.step ?? 0, detailText(order, anchors, block.number, perBlock));
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
      ...bids.map(({ trainer, price }) => `${addressOf(trainer)} bids ${amountText(price)}`),
      ...(bids.length > 0 ? [`take one with: matrixai order take-bid ${id} TRAINER`] : []),
      ...leftLines(info),
      ...(ended?.outcome === "Completed" ? [`get the model with: matrixai order fetch ${id}`] : []),
    ],
  );
  return ended ? exitCodeOf(ended.outcome) : exitCode.ok;
}

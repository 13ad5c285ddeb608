import type { Command } from "commander";
import { transitions } from "../../../pallets/marketplace/index.ts";
import { known } from "../../buyer/known.ts";
import type { OrderDetails } from "../../client/queries.ts";
import { InputError } from "../run-command.ts";
import { amountText } from "./amount.ts";
import { buyerFrom } from "./buyer-signer.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions } from "./connection.ts";
import { orderNumber } from "./order-options.ts";
import { outcomeText } from "./order-state.ts";

interface Flags extends ChainFlags, SecretFlags {
  readonly dryRun?: boolean;
}

/** `order cancel ORDER`: takes it back, or stops its training. */
export function register(order: Command): void {
  const command = order
    .command("cancel")
    .summary("take an order back, or stop its training")
    .description(
      "Says what it costs, and cancels an order. What a trainer has anchored by then it may still prove, and is paid for.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--dry-run", "only say what it would cost");
  runOnChain(secretOptions(command), async (chain, { terminal }, id: number, flags: Flags) => {
    const before = await known(chain, id);
    const cost = costOf(before);
    if (flags.dryRun) {
      terminal.answer({ order: id, ...cost }, [costText(id, cost)]);
      return undefined;
    }
    const signer = await buyerFrom(before, flags);
    terminal.note(costText(id, cost));
    const call = { type: "Marketplace", value: { type: "cancel_order", value: { order: id } } } as const;
    const { block } = await chain.submit(signer, call);
    const after = (await known(chain, id, block.hash)).info;
    const state = after.ended?.outcome ?? after.order?.state;
    terminal.answer({ order: id, block, state, ...cost }, [
      after.ended
        ? `order ${id} is cancelled; what was on hold for it is yours again`
        : `order ${id} is stopped: the trainer may prove what it anchored until block ${after.order?.deadline}`,
    ]);
    return undefined;
  });
}

/** In the smallest unit of the token. */
interface Cost {
  /** What the trainer gets at most, if it proves what it has anchored, and the inspectors then. */
  readonly price: bigint;
  readonly fee: bigint;
  /** On hold now. */
  readonly held: bigint;
  /** Steps that are anchored, and of the whole. */
  readonly anchored: number;
  readonly steps: number;
}

/** What cancelling costs at most. @throws InputError for an order that cannot be cancelled. */
function costOf({ info: { id, order, anchors, ended } }: OrderDetails): Cost {
  if (ended || !order)
    throw new InputError(`order ${id} is over${ended ? `: it is ${outcomeText[ended.outcome]}` : ""}`);
  const { state, price, spec } = order;
  if (!transitions.some(({ from, by }) => from === state && by === "cancel_order"))
    throw new InputError(`order ${id} is ${state}: it cannot be cancelled any more`);
  const anchored = state === "Training" ? (anchors.at(-1)?.step ?? 0) : 0;
  const fee = anchored === 0 ? 0n : spec.inspection_fee;
  return {
    price: (price * BigInt(anchored)) / BigInt(spec.steps),
    fee,
    held: price + spec.inspection_fee,
    anchored,
    steps: spec.steps,
  };
}

const costText = (id: number, { price, fee, held, anchored, steps }: Cost): string =>
  anchored === 0
    ? `cancelling order ${id} costs nothing: ${amountText(held)} on hold return to you`
    : `cancelling order ${id} costs at most ${amountText(price)} for ${anchored} of ${steps} steps that are anchored, and ${amountText(fee)} for their inspection, if the trainer proves them; of ${amountText(held)} on hold the rest returns to you`;

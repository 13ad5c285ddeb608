import type { Command } from "commander";
import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import { InputError } from "../run-command.ts";
import { addressOf } from "./account.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";
import { orderNumber } from "./order-options.ts";
import { outcomeText } from "./order-state.ts";
import { known } from "./order-watch.ts";

/** `order cancel ORDER`: takes it back, or stops its training. */
export function register(order: Command): void {
  const command = order
    .command("cancel")
    .summary("take an order back, or stop its training")
    .description("Cancels an order. What a trainer has anchored by then it may still prove, and is paid for.")
    .argument("<order>", "its number", orderNumber);
  runOnChain(
    secretOptions(command),
    async (chain, { terminal }, id: number, flags: ChainFlags & SecretFlags) => {
      const { ended, order: live } = (await known(chain, id)).info;
      if (ended) throw new InputError(`order ${id} is over: it is ${outcomeText[ended.outcome]}`);
      const signer = await signerFrom(flags);
      if (live && !equalBytes(live.buyer, signer.account))
        throw new InputError(
          `order ${id} is ${addressOf(live.buyer)}'s, and ${signer.address} cannot cancel it`,
        );
      const call = { type: "Marketplace", value: { type: "cancel_order", value: { order: id } } } as const;
      const { block } = await chain.submit(signer, call);
      const after = (await known(chain, id, block.hash)).info;
      const state = after.ended?.outcome ?? after.order?.state;
      terminal.answer({ order: id, block, state }, [
        after.ended
          ? `order ${id} is cancelled; what was on hold for it is yours again`
          : `order ${id} is stopped: the trainer may prove what it anchored until block ${after.order?.deadline}`,
      ]);
      return undefined;
    },
  );
}

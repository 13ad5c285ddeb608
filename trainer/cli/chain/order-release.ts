import type { Command } from "commander";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { dueOf } from "../../buyer/due.ts";
import { finalHead } from "../../buyer/follow-order.ts";
import { handOut } from "../../buyer/keeper.ts";
import { known } from "../../buyer/known.ts";
import { secretsHere } from "../../buyer/take-model.ts";
import { InputError } from "../run-command.ts";
import { buyerFrom } from "./buyer-signer.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions } from "./connection.ts";
import { dueText } from "./due-text.ts";
import { type KeysFlags, keysOptions, orderNumber } from "./order-options.ts";
import { outcomeText, stateText } from "./order-state.ts";

interface Flags extends ChainFlags, SecretFlags, KeysFlags {}

/** `order release ORDER`: hands out the keys that are waited for now, once. */
export function register(order: Command): void {
  const command = order
    .command("release")
    .summary("hand out the keys that trainer and inspectors wait for now")
    .description(
      "Gives trainer and inspectors of an order the keys that are due now, once. `order watch` does so until the order is over.",
    )
    .argument("<order>", "its number", orderNumber);
  runOnChain(keysOptions(secretOptions(command)), async (chain, { terminal }, id: number, flags: Flags) => {
    const head = await finalHead(chain);
    const details = await known(chain, id, head.hash);
    const { ended, order: live, bids } = details.info;
    if (ended || !live)
      throw new InputError(`order ${id} is over: it is ${ended && outcomeText[ended.outcome]}`);
    const signer = await buyerFrom(details, flags);
    const secrets = await secretsHere(chain, details, flags.keys);
    if (secrets === undefined)
      throw new InputError(
        `${flags.keys} has no keys of order ${id}: nothing of it is sealed, or they are elsewhere`,
      );
    const due = await dueOf(chain, details, secrets, head);
    const block = due.length > 0 ? (await handOut(chain, signer, due)).block : undefined;
    const given = due.map(({ to, what, by }) => ({ to: to && toHex(to), what, by }));
    terminal.answer({ order: id, given, block }, [
      ...due.map(dueText),
      ...(due.length > 0 ? [] : [`nothing is due now; ${stateText({ ...live, bids: bids.length })}`]),
    ]);
    return undefined;
  });
}

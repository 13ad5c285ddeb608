import type { Command } from "commander";
import { appealBond } from "../../../pallets/proof-of-training/index.ts";
import { known } from "../../buyer/known.ts";
import { InputError } from "../run-command.ts";
import { amountText } from "./amount.ts";
import { buyerFrom } from "./buyer-signer.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions } from "./connection.ts";
import { orderNumber } from "./order-options.ts";
import { outcomeText } from "./order-state.ts";

interface Flags extends ChainFlags, SecretFlags {
  readonly dryRun?: boolean;
}

/** `order appeal ORDER`: has fresh inspectors look once more. */
export function register(order: Command): void {
  const command = order
    .command("appeal")
    .summary("doubt a ruling: others look once more, for good")
    .description(
      "Has five others judge an order that was judged. Worth it where inspectors could not reach your files and can now, or have not looked. The bond returns if the ruling changes, and is lost if it stands.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--dry-run", "only say what it would cost");
  runOnChain(secretOptions(command), async (chain, { terminal }, id: number, flags: Flags) => {
    const details = await known(chain, id);
    const { order: live, ended } = details.info;
    if (live?.state !== "Judged")
      throw new InputError(
        `order ${id} is ${ended ? outcomeText[ended.outcome] : live?.state.toLowerCase()}: only while it is judged, and the ruling not final, can it be appealed`,
      );
    const bond = appealBond(live);
    const { deadline } = live;
    if (flags.dryRun) {
      terminal.answer({ order: id, bond, deadline }, [
        `an appeal takes a bond of ${amountText(bond)}, until block ${deadline}`,
      ]);
      return undefined;
    }
    const signer = await buyerFrom(details, flags);
    const call = { type: "ProofOfTraining", value: { type: "appeal", value: { order: id } } } as const;
    const { block } = await chain.submit(signer, call);
    terminal.answer({ order: id, bond, block }, [
      `order ${id} is appealed; ${amountText(bond)} on hold return if the ruling changes`,
    ]);
    return undefined;
  });
}

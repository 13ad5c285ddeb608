import type { Command } from "commander";
import { known } from "../../buyer/known.ts";
import { takeModel } from "../../buyer/take-model.ts";
import { InputError } from "../run-command.ts";
import { type StorageFlags, storageOptions } from "../storage-options.ts";
import { type ChainFlags, runOnChain } from "./connection.ts";
import { fetchingStore, fetchProgress } from "./fetching.ts";
import { type KeysFlags, keysOptions, orderNumber } from "./order-options.ts";
import { outcomeText } from "./order-state.ts";
import { recipientKeys } from "./recipient.ts";

interface Flags extends ChainFlags, StorageFlags, KeysFlags {
  readonly out?: string;
  readonly recipientKey?: string;
  readonly from?: string;
  readonly files?: string;
  readonly whole?: boolean;
  readonly checkpoint?: boolean;
}

/** `order fetch ORDER`: the trained model, from the package that was inspected. */
export function register(order: Command): void {
  const command = order
    .command("fetch")
    .summary("get the trained model of an order")
    .description(
      "Fetches the package of an order, opens it with the order's keys, checks it against what the chain has recorded, and writes model.onnx.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--out <folder>", "where to write (default: order-N)")
    .option(
      "--recipient-key <file>",
      "key to which the results are sealed, if it is not among the order's keys",
    )
    .option("--from <address>", "where the package lies, if the chain does not say")
    .option("--files <folder>", "folder under which file: addresses may be read; without it none")
    .option(
      "--checkpoint",
      "not the proof, but the last checkpoint that the trainer has stored while it trained",
    )
    .option("--whole", "all checkpoints, so that the folder can be verified");
  runOnChain(
    keysOptions(storageOptions(command)),
    async (chain, { terminal, signal }, id: number, flags: Flags) => {
      if (flags.checkpoint && flags.whole)
        throw new InputError("--whole is of a proof: leave it out, or --checkpoint");
      const details = await known(chain, id);
      const { ended } = details.info;
      if (ended?.outcome !== "Completed")
        terminal.note(
          `order ${id} is ${ended ? outcomeText[ended.outcome] : "not settled yet"}: judge the model yourself`,
        );
      const folder = flags.out ?? `order-${id}`;
      const store = fetchingStore(flags);
      const progress = fetchProgress(terminal);
      try {
        const { model, bought, accuracy } = await takeModel(chain, details, {
          store,
          folder,
          secrets: flags.keys,
          ...(flags.recipientKey !== undefined && { keys: recipientKeys(flags.recipientKey) }),
          ...(flags.from !== undefined && { from: flags.from }),
          stored: flags.checkpoint === true,
          whole: flags.whole === true,
          signal,
          onProgress: progress.update,
        });
        progress.stop();
        const { last, uri } = bought;
        terminal.answer({ order: id, folder, model, checkpoint: last, uri, accuracy }, [
          `${model}: ${flags.checkpoint ? "what was trained so far" : "the trained model"}, from checkpoint ${last.index} at step ${last.step}`,
          `it is the one that the chain recorded${flags.whole ? `; inspect it with: matrixai verify ${folder}` : ""}`,
          ...(accuracy === undefined
            ? []
            : [`accuracy ${(100 * accuracy).toFixed(2)} % on the validation data, as the inspectors found`]),
        ]);
      } finally {
        progress.stop();
        await store.close();
      }
      return undefined;
    },
  );
}

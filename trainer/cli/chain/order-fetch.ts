import { resolve } from "node:path";
import type { Command } from "commander";
import type { ChainClient } from "../../client/chain-client.ts";
import type { OrderDetails } from "../../client/queries.ts";
import { openStore } from "../../storage/store.ts";
import { type Context, InputError } from "../run-command.ts";
import { type StorageFlags, storageOptions, storeOptions } from "../storage-options.ts";
import type { Progress } from "../terminal.ts";
import { type Bought, fetchModel } from "./bought.ts";
import { type ChainFlags, runOnChain } from "./connection.ts";
import { orderNumber } from "./order-options.ts";
import { outcomeText } from "./order-state.ts";
import { known } from "./order-watch.ts";
import { recipientKeys } from "./recipient.ts";
import { packageOf } from "./submission.ts";

interface Flags extends ChainFlags, StorageFlags {
  readonly out?: string;
  readonly recipientKey?: string;
  readonly files?: string;
  readonly whole?: boolean;
}

/** `order fetch ORDER`: the trained model, from the package that was inspected. */
export function register(order: Command): void {
  const command = order
    .command("fetch")
    .summary("get the trained model of an order")
    .description(
      "Fetches the package of an order, checks it against what the chain has recorded, and writes model.onnx.",
    )
    .argument("<order>", "its number", orderNumber)
    .option("--out <folder>", "where to write (default: order-N)")
    .option("--recipient-key <file>", "key to which the results are sealed")
    .option("--files <folder>", "folder under which file: addresses may be read; without it none")
    .option("--whole", "all checkpoints, so that the folder can be verified");
  runOnChain(storageOptions(command), async (chain, context, id: number, flags: Flags) => {
    const { terminal } = context;
    const bought = await boughtOf(chain, await known(chain, id), context);
    const folder = flags.out ?? `order-${id}`;
    const store = openStore({
      ...storeOptions(flags),
      ...(flags.files !== undefined && { files: { root: resolve(flags.files) } }),
    });
    let bar: Progress | undefined;
    try {
      const model = await fetchModel(store, bought, folder, {
        ...(flags.recipientKey !== undefined && { keys: recipientKeys(flags.recipientKey) }),
        whole: flags.whole === true,
        signal: context.signal,
        onProgress(done, of, name) {
          bar ??= terminal.progress("files", of);
          bar.update(done, name);
        },
      });
      bar?.stop();
      terminal.answer({ order: id, folder, model, checkpoint: bought.last, uri: bought.uri }, [
        `${model}: the trained model, from checkpoint ${bought.last.index} at step ${bought.last.step}`,
        `it is the one that the chain recorded${flags.whole ? `; inspect it with: matrixai verify ${folder}` : ""}`,
      ]);
    } finally {
      bar?.stop();
      await store.close();
    }
    return undefined;
  });
}

/** What the chain says of an order's package. @throws InputError where there is none. */
async function boughtOf(chain: ChainClient, details: OrderDetails, context: Context): Promise<Bought> {
  const { id, order, anchors, ended } = details.info;
  const last = ended ? ended.last : anchors.at(-1);
  const trainer = ended ? ended.trainer : order?.deal?.trainer;
  if (last === undefined || last.index === 0 || trainer === undefined)
    throw new InputError(
      `order ${id} has no model: ${ended ? `it is ${outcomeText[ended.outcome]}` : "no checkpoint is trained yet"}`,
    );
  if (ended?.outcome !== "Completed")
    context.terminal.note(
      `order ${id} is ${ended ? outcomeText[ended.outcome] : "not settled yet"}: judge the model yourself`,
    );
  const { hash, uri } = await packageOf(chain, details, context.terminal, context.signal);
  const manifest = ended ? ended.manifest : (order as NonNullable<typeof order>).spec.manifest;
  return { order: id, trainer, manifest, hash, uri: Buffer.from(uri).toString(), last };
}

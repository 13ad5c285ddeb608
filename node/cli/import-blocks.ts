import { type Command, Option } from "commander";
import { openTerminal } from "../../trainer/cli/terminal.ts";
import type { Chain } from "../chain/chain.ts";
import { ImportQueue } from "../chain/import-queue.ts";
import type { Block, ImportResult } from "../chain/types.ts";
import { readBlocks } from "./block-file.ts";
import { withDatabase } from "./open-database.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { wholeNumber } from "./options/number.ts";
import { UsageError } from "./usage-error.ts";

type Args = ChainArgs & { readonly binary: boolean; readonly pruning: number | "archive" };

/** `matrixai import-blocks [FILE]`: executes and stores blocks that `export-blocks` wrote. */
export function register(parent: Command): void {
  addChainOptions(
    parent
      .command("import-blocks [file]")
      .description("execute and store the blocks of a file, or of standard input"),
  )
    .option("--binary", "the file is SCALE, not lines of JSON", false)
    .addOption(
      new Option("--pruning <blocks>", "states to keep behind the finalized block, or `archive`")
        .argParser((text) => (text === "archive" ? text : wholeNumber(1, 1_000_000)(text)))
        .default(256),
    )
    .action((file: string | undefined, args: Args) =>
      withDatabase(args, { pruning: args.pruning, create: true }, ({ chain }) =>
        importBlocks(chain, file, args),
      ),
    );
}

/** Blocks that are read ahead of the one that is executed, to keep it from waiting for the file. */
const ahead = 64;

async function importBlocks(chain: Chain, file: string | undefined, { binary }: Args): Promise<void> {
  const terminal = openTerminal(false);
  const started = performance.now();
  const queue = new ImportQueue(chain);
  const count = { imported: 0, known: 0 };
  let failure: unknown;
  const settle = (block: Block, result: ImportResult): void => {
    if (result.type === "refused") {
      failure ??= new UsageError(
        `block ${block.header.number} (${result.hash}) was refused: ${result.message}`,
      );
      return;
    }
    count[result.type]++;
    const done = count.imported + count.known;
    if (done % 1000 === 0) terminal.note(`${done} blocks, ${rate(done, started)} a second`);
  };
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  const settled: Promise<void>[] = [];
  for await (const { block } of readBlocks(file, binary)) {
    settled.push(queue.push(block, "file").then((result) => settle(block, result), fail));
    if (queue.importing >= ahead) await queue.idle();
    if (failure !== undefined) break;
  }
  await queue.idle();
  // Whatever is left waits for a parent that is not in the file.
  queue.close();
  await Promise.all(settled);
  if (failure !== undefined) throw failure;
  const known = count.known > 0 ? `, ${count.known} were there already` : "";
  const { best } = chain;
  process.stdout.write(`imported ${count.imported} blocks${known}; best is ${best.number} ${best.hash}\n`);
}

const rate = (done: number, started: number): number =>
  Math.round((1000 * done) / (performance.now() - started));

import { accessSync } from "node:fs";
import { type Command, Option } from "commander";
import { openTerminal } from "../../trainer/cli/terminal.ts";
import { ImportQueue } from "../chain/import-queue.ts";
import type { Block, ImportResult, Justification } from "../chain/types.ts";
import { startFinality } from "../finality/finality.ts";
import type { Core } from "../service/core.ts";
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
    .action((file: string | undefined, args: Args) => {
      if (file !== undefined) accessSync(file); // before a database is made for nothing
      const use = { pruning: args.pruning, create: true };
      return withDatabase(args, use, (core) => importBlocks(core, file, args));
    });
}

/** Blocks that are read ahead of the one that is executed, to keep it from waiting for the file. */
const ahead = 64;

async function importBlocks(core: Core, file: string | undefined, { binary }: Args): Promise<void> {
  const { chain } = core;
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
  // It follows the voters by the proofs in the file, and votes on nothing.
  const finality = startFinality({}, { chain, database: core.database, keys: { find: () => undefined } });
  const prove = async ({ hash }: ImportResult, justifications: readonly Justification[]): Promise<void> => {
    for (const justification of justifications) {
      const refused = await finality.importJustification(hash, justification);
      if (refused) terminal.note(`the proof that ${hash} is final was refused: ${refused.message}`);
    }
  };
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  const settled: Promise<void>[] = [];
  for await (const { block, justifications } of readBlocks(file, binary)) {
    const done = queue.push(block, "file").then(async (result) => {
      settle(block, result);
      if (result.type !== "refused") await prove(result, justifications);
    });
    settled.push(done.catch(fail));
    if (queue.importing >= ahead) await queue.idle();
    if (failure !== undefined) break;
  }
  await queue.idle();
  // Whatever is left waits for a parent that is not in the file.
  queue.close();
  await Promise.all(settled);
  await finality.stop();
  if (failure !== undefined) throw failure;
  const known = count.known > 0 ? `, ${count.known} were there already` : "";
  const { best, finalized } = chain;
  process.stdout.write(
    `imported ${count.imported} blocks${known}; best is ${best.number} ${best.hash}, final is ${finalized.number}\n`,
  );
}

const rate = (done: number, started: number): number =>
  Math.round((1000 * done) / (performance.now() - started));

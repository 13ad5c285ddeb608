import { type Command, Option } from "commander";
import { openTerminal } from "../../trainer/cli/terminal.ts";
import type { Chain } from "../chain/chain.ts";
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

async function importBlocks(chain: Chain, file: string | undefined, { binary }: Args): Promise<void> {
  const terminal = openTerminal(false);
  const started = performance.now();
  const count = { imported: 0, known: 0 };
  for await (const { block } of readBlocks(file, binary)) {
    const result = await chain.import(block, "file");
    if (result.type === "refused") {
      throw new UsageError(`block ${block.header.number} (${result.hash}) was refused: ${result.message}`);
    }
    count[result.type]++;
    const done = count.imported + count.known;
    if (done % 1000 === 0) {
      terminal.note(`${done} blocks, ${Math.round((1000 * done) / (performance.now() - started))} a second`);
    }
  }
  const known = count.known > 0 ? `, ${count.known} were there already` : "";
  process.stdout.write(
    `imported ${count.imported} blocks${known}; best is ${chain.best.number} ${chain.best.hash}\n`,
  );
}

import type { Command } from "commander";
import { Option } from "commander";
import { openTerminal, type Terminal } from "../../trainer/cli/terminal.ts";
import { isHash } from "../chain/hash.ts";
import { genesisHashOf, restoreChain } from "../chain/restore.ts";
import { Database } from "../db/database.ts";
import { chainFolders, defaultBasePath } from "../keystore/data-folders.ts";
import { RootMismatch } from "../state/root-mismatch.ts";
import { withDatabase } from "./open-database.ts";
import { genesisOf, openSpec } from "./open-spec.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { wholeNumber } from "./options/number.ts";
import { readSnapshot, writeSnapshot } from "./snapshot-file.ts";
import { UsageError } from "./usage-error.ts";

type ExportArgs = ChainArgs & { readonly at?: string; readonly json: boolean };
type ImportArgs = ChainArgs & { readonly pruning: number | "archive"; readonly json: boolean };

/** `matrixai snapshot export|import FILE`: one block with its whole state, to start a node from. */
export function register(parent: Command): void {
  const snapshot = parent.command("snapshot").description("carry a whole state from one node to another");
  addChainOptions(
    snapshot
      .command("export <file>")
      .description("write the state of the finalized block, or of another one"),
  )
    .option("--at <block>", "number or hash of the block")
    .option("--json", "answer in JSON", false)
    .action((file: string, args: ExportArgs) => exportSnapshot(file, args, openTerminal(args.json)));
  addChainOptions(
    snapshot
      .command("import <file>")
      .description("start a new database from a state, which must have the root that its block names"),
  )
    .addOption(
      new Option("--pruning <blocks>", "states to keep behind the finalized block, or `archive`")
        .argParser((text) => (text === "archive" ? text : wholeNumber(1, 1_000_000)(text)))
        .default(256),
    )
    .option("--json", "answer in JSON", false)
    .action((file: string, args: ImportArgs) => importSnapshot(file, args, openTerminal(args.json)));
}

const exportSnapshot = (file: string, args: ExportArgs, terminal: Terminal): Promise<void> =>
  withDatabase(args, {}, async ({ chain }) => {
    const name = args.at ?? chain.finalized.hash;
    const hash = isHash(name) ? name : /^\d{1,10}$/.test(name) ? chain.hashAt(Number(name)) : undefined;
    const [header, extrinsics] = hash ? [chain.header(hash), chain.body(hash)] : [];
    if (!hash || !header || !extrinsics) {
      throw new UsageError(`there is no block ${name}: give a number up to ${chain.best.number}, or a hash`);
    }
    const lookup = chain.stateAt(hash);
    if (lookup.type !== "ok") {
      throw new UsageError(
        `the state of block ${name} is pruned; the finalized block is ${chain.finalized.number}`,
      );
    }
    const genesisHash = Buffer.from(chain.genesisHash.slice(2), "hex");
    const block = { block: { header, extrinsics }, justifications: chain.justifications(hash) ?? [] };
    let entries = 0;
    await writeSnapshot(file, { genesisHash, block }, lookup.state.entries(), (count) => {
      entries = count;
      countAloud(terminal, count);
    });
    terminal.answer({ file, number: header.number, hash, stateRoot: header.stateRoot, entries }, [
      `wrote the ${entries} entries of block ${header.number} ${hash}`,
    ]);
  });

async function importSnapshot(file: string, args: ImportArgs, terminal: Terminal): Promise<void> {
  if (args.chain === undefined) throw new UsageError("say which chain: --chain dev, local or FILE");
  const spec = openSpec(args.chain);
  const genesis = genesisOf(spec);
  const { genesisHash, block, entries } = await readSnapshot(file);
  const expected = genesisHashOf(genesis);
  if (Buffer.compare(genesisHash, expected) !== 0) {
    throw new UsageError(
      `${file} is of the chain with genesis 0x${hex(genesisHash)}; ${args.chain} has 0x${hex(expected)}`,
    );
  }
  const { database: path } = chainFolders(args.basePath ?? defaultBasePath(), spec.id);
  const database = await Database.open(path);
  try {
    if (database.hasGenesis) {
      throw new UsageError(
        `there is a database at ${path} already: remove it with \`matrixai purge-chain\` first`,
      );
    }
    const counted = countedAloud(entries, terminal);
    const done = await restoreChain(database, genesis, block, counted, args.pruning === "archive");
    const { number, stateRoot } = block.block.header;
    terminal.answer({ number, hash: done.hash, stateRoot, entries: done.entries }, [
      `restored ${done.entries} entries; best and final is block ${number} ${done.hash}`,
      "The state is the one that this block names. Compare its hash with a source that you trust.",
    ]);
  } catch (error) {
    if (!(error instanceof RootMismatch)) throw error;
    throw new UsageError(
      `${file} does not hold the state of its block: ${error.message}. Remove what was made of it with ` +
        "`matrixai purge-chain`.",
    );
  } finally {
    await database.close();
  }
}

async function* countedAloud<T>(entries: AsyncIterable<T>, terminal: Terminal): AsyncGenerator<T> {
  let count = 0;
  for await (const entry of entries) {
    countAloud(terminal, ++count);
    yield entry;
  }
}

// The number of entries is not known before the end, so there is no bar to fill.
function countAloud(terminal: Terminal, count: number): void {
  if (count % 100_000 === 0) terminal.note(`${count.toLocaleString("en-US")} entries`);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

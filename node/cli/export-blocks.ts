import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { type Command, Option } from "commander";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { openTerminal } from "../../trainer/cli/terminal.ts";
import type { Chain } from "../chain/chain.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { Justification } from "../chain/types.ts";
import { finalityEngine } from "../finality/justification.ts";
import { ProofStore, type ProvenHeader } from "../finality/proof-store.ts";
import type { Core } from "../service/core.ts";
import { binaryStart, type SignedBlock, toBinary, toJsonLine } from "./block-file.ts";
import { withDatabase } from "./open-database.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { wholeNumber } from "./options/number.ts";
import { UsageError } from "./usage-error.ts";

type Args = ChainArgs & { readonly from: number; readonly to?: number; readonly binary: boolean };

const height = wholeNumber(0, 2 ** 32 - 1);

/** `matrixai export-blocks [FILE]`: writes the best chain's blocks, one after the other. */
export function register(parent: Command): void {
  addChainOptions(
    parent
      .command("export-blocks [file]")
      .description("write the blocks of the best chain to a file, or to standard output"),
  )
    .addOption(new Option("--from <number>", "first block").argParser(height).default(1))
    .addOption(new Option("--to <number>", "last block; the best one unless told").argParser(height))
    .option("--binary", "write SCALE, which is smaller, not lines of JSON", false)
    .action((file: string | undefined, args: Args) =>
      withDatabase(args, {}, (core) => exportBlocks(core, file, args)),
    );
}

async function exportBlocks(
  { chain, database }: Core,
  file: string | undefined,
  { from, to = chain.best.number, binary }: Args,
): Promise<void> {
  if (from > to || to > chain.best.number) {
    throw new UsageError(`blocks ${from} to ${to} were asked for; the chain has 0 to ${chain.best.number}`);
  }
  const out = file === undefined ? process.stdout : createWriteStream(file);
  const failed = once(out, "error").then(([error]) => {
    throw new UsageError(`${file ?? "standard output"} cannot be written: ${(error as Error).message}`);
  });
  const write = async (piece: Uint8Array | string): Promise<void> => {
    if (!out.write(piece)) await Promise.race([once(out, "drain"), failed]);
  };
  const latest = new ProofStore(database).latest();
  const bar = openTerminal(false).progress("exporting", to - from + 1);
  if (binary) await write(binaryStart(to - from + 1));
  for (let number = from; number <= to; number++) {
    const block = blockAt(chain, latest, number);
    await write(binary ? toBinary(block) : toJsonLine(block));
    bar.update(number - from + 1);
  }
  bar.stop();
  if (file === undefined) return;
  out.end();
  await Promise.race([finished(out), failed]);
}

/** A block with the proofs of its finality that are kept: of some blocks, and of the last final one. */
function blockAt(chain: Chain, latest: ProvenHeader | undefined, number: number): SignedBlock {
  const hash = chain.hashAt(number);
  const header = hash && chain.header(hash);
  const extrinsics = hash && chain.body(hash);
  if (!hash || !header || !extrinsics)
    throw new Error(`block ${number} of the best chain is not in the database`);
  const kept = chain.justifications(hash) ?? [];
  const isLatest = latest !== undefined && bytesToHash(hashHeader(latest.header)) === hash;
  const justifications: readonly Justification[] =
    kept.length === 0 && isLatest ? [[finalityEngine, latest.justification]] : kept;
  return { block: { header, extrinsics }, justifications };
}

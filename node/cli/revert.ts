import type { Command } from "commander";
import { withDatabase } from "./open-database.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { wholeNumber } from "./options/number.ts";

/** `matrixai revert [COUNT]`: takes back the latest blocks that are not final. */
export function register(parent: Command): void {
  addChainOptions(parent.command("revert").description("take back the latest blocks that are not final"))
    .argument("[count]", "how many", wholeNumber(1, 2 ** 32 - 1), 256)
    .action((count: number, args: ChainArgs) =>
      withDatabase(args, {}, async ({ chain }) => {
        const reverted = await chain.revert(count);
        const { best, finalized } = chain;
        process.stdout.write(
          `reverted ${reverted} blocks; best is ${best.number}, finalized ${finalized.number}\n`,
        );
      }),
    );
}

import type { Command } from "commander";
import { isHash } from "../chain/hash.ts";
import { withDatabase } from "./open-database.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { UsageError } from "./usage-error.ts";

/** `matrixai check-block BLOCK`: executes a stored block again and compares what it says with what comes out. */
export function register(parent: Command): void {
  addChainOptions(
    parent
      .command("check-block <block>")
      .description("execute a stored block again, named by its number or hash"),
  ).action((name: string, args: ChainArgs) =>
    withDatabase(args, {}, async ({ chain }) => {
      const hash = isHash(name) ? name : /^\d{1,10}$/.test(name) ? chain.hashAt(Number(name)) : undefined;
      if (hash === undefined)
        throw new UsageError(
          `there is no block ${name}: give a number up to ${chain.best.number}, or a hash`,
        );
      const refusal = await chain.check(hash);
      if (refusal) throw new UsageError(`block ${name} is not as it should be: ${refusal.message}`);
      process.stdout.write(`block ${name} is right: ${hash}\n`);
    }),
  );
}

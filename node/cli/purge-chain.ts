import { existsSync, rmSync } from "node:fs";
import type { Command } from "commander";
import { chainFolders, defaultBasePath } from "../keystore/data-folders.ts";
import { askYes } from "./ask.ts";
import { openSpec } from "./open-spec.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";
import { UsageError } from "./usage-error.ts";

/** `matrixai purge-chain`: removes a chain's database; keys stay. */
export function register(parent: Command): void {
  addChainOptions(parent.command("purge-chain").description("remove the database of a chain; its keys stay"))
    .option("-y, --yes", "do not ask", false)
    .action(async (args: ChainArgs & { readonly yes: boolean }) => {
      if (args.chain === undefined) throw new UsageError("say which chain: --chain dev, local or FILE");
      const { database } = chainFolders(args.basePath ?? defaultBasePath(), openSpec(args.chain).id);
      if (!existsSync(database)) {
        process.stdout.write(`nothing to remove: there is no ${database}\n`);
        return;
      }
      if (!args.yes && !(await askYes(`Remove ${database}?`))) throw new UsageError("nothing was removed");
      rmSync(database, { recursive: true });
      process.stdout.write(`removed ${database}\n`);
    });
}

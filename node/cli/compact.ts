import type { Command } from "commander";
import { withDatabase } from "./open-database.ts";
import { addChainOptions, type ChainArgs } from "./options/chain.ts";

/** `matrixai compact`: gives the room of deleted rows back to the disk at once. */
export function register(parent: Command): void {
  addChainOptions(parent.command("compact").description("make the database as small as it can be")).action(
    (args: ChainArgs) =>
      withDatabase(args, {}, async ({ database }) => {
        await database.compact();
        process.stdout.write("compacted\n");
      }),
  );
}

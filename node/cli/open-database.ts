import { chainFolders, defaultBasePath } from "../keystore/data-folders.ts";
import { parseLevels } from "../log/levels.ts";
import { createLog } from "../log/log.ts";
import { type Core, openCore } from "../service/core.ts";
import { genesisOf, openSpec } from "./open-spec.ts";
import type { ChainArgs } from "./options/chain.ts";
import { UsageError } from "./usage-error.ts";

interface Use {
  /** States to keep; the database's own number is not known, so commands that write say theirs. */
  readonly pruning?: number | "archive";
  /** Make a database where there is none. */
  readonly create?: boolean;
}

/** Opens the database of a chain for one command, which works without a network, and closes it after. */
export async function withDatabase<T>(
  args: ChainArgs,
  use: Use,
  work: (core: Core) => Promise<T>,
): Promise<T> {
  if (args.chain === undefined) throw new UsageError("say which chain: --chain dev, local or FILE");
  const spec = openSpec(args.chain);
  const core = await openCore({
    path: chainFolders(args.basePath ?? defaultBasePath(), spec.id).database,
    genesis: genesisOf(spec),
    pruning: use.pruning ?? "archive",
    // Blocks come from files or the database, not by the clock.
    sealing: "instant",
    mustExist: !use.create,
    log: createLog({ levels: parseLevels("warn") }),
  });
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

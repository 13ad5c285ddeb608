import { dirname, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { JobPlace } from "../job/open-job.ts";
import { cacheFolder } from "../storage/cache-folder.ts";
import { openStore, type Store } from "../storage/store.ts";
import { type CacheFlags, cacheOption, thatKeeps } from "./cache-options.ts";
import type { Context } from "./run-command.ts";
import { type StorageFlags, storageOptions, storeOptions } from "./storage-options.ts";

export interface PlaceFlags extends StorageFlags, CacheFlags {
  readonly cache: string;
}

/** Adds the options that say where fetched objects are kept, and how they are fetched. */
export function placeOptions(command: Command): Command {
  const folder = new Option("--cache <folder>", "where fetched objects are kept").default(cacheFolder());
  return storageOptions(cacheOption(command.addOption(folder)));
}

/** Storage for a job whose file or package lies at `path`; its own addresses may lead anywhere, as its user wrote them. */
export function placeOf(
  path: string,
  flags: PlaceFlags,
  { terminal, signal }: Context,
): JobPlace & { readonly store: Store } {
  const files = { root: dirname(resolve(path)), outside: true };
  const store = thatKeeps(openStore({ ...storeOptions(flags), files }), flags.cache, flags);
  return { store, cache: flags.cache, inPlace: true, signal, note: terminal.note };
}

/** How the commands of a project read and write addresses. */
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { cacheFolder } from "../../storage/cache-folder.ts";
import { openStore, type Store } from "../../storage/store.ts";
import { type CacheFlags, cacheOption, thatKeeps } from "../cache-options.ts";
import { type StorageFlags, storageOptions, storeOptions } from "../storage-options.ts";

export interface TaskStoreFlags extends StorageFlags, CacheFlags {
  readonly files: string;
}

/** Adds them, with the folder that `file:` addresses begin at. */
export const taskStoreOptions = (command: Command): Command =>
  cacheOption(storageOptions(command)).addOption(
    new Option("--files <folder>", "where file: addresses without a leading / begin").default(
      ".",
      "this folder",
    ),
  );

export const taskStore = (flags: TaskStoreFlags): Store =>
  thatKeeps(
    openStore({ ...storeOptions(flags), files: { root: resolve(flags.files), outside: true } }),
    cacheFolder(),
    flags,
  );

/** A folder for the files of one task of one chain; kept for the next time. */
export const taskCache = (genesis: string, task: number): string =>
  join(cacheFolder(), "tasks", `${genesis.slice(2, 18)}-${task}`);

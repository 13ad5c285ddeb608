import { type Command, InvalidArgumentError, Option } from "commander";
import type { Store } from "../storage/store.ts";
import { keepWithin } from "./fetched-objects.ts";

export interface CacheFlags {
  readonly cacheGib: number;
}

/** Adds the option that bounds what a command leaves behind of what it fetched. */
export const cacheOption = (command: Command): Command =>
  command.addOption(
    new Option("--cache-gib <number>", "how much of what was fetched is kept for the next command")
      .env("MATRIXAI_CACHE_GIB")
      .argParser(gibibytes)
      .default(20),
  );

/** A store for one command that fetches into `folder`: when it is closed, no more than the flag allows stays there. */
export const thatKeeps = (store: Store, folder: string, { cacheGib }: CacheFlags): Store => ({
  ...store,
  close: async () => {
    await store.close();
    await keepWithin(folder, cacheGib * 2 ** 30);
  },
});

function gibibytes(text: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number <= 1e6) return number;
  throw new InvalidArgumentError("A number of GiB is needed, such as 20 or 0.5.");
}

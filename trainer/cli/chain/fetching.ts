import { resolve } from "node:path";
import type { TakeOptions } from "../../buyer/take-model.ts";
import { openStore, type Store } from "../../storage/store.ts";
import { type StorageFlags, storeOptions } from "../storage-options.ts";
import type { Progress, Terminal } from "../terminal.ts";

/** Storage for reading what a stranger has stored: of this machine's files nothing but what lies under `files`. */
export const fetchingStore = (flags: StorageFlags & { readonly files?: string }): Store =>
  openStore({
    ...storeOptions(flags),
    ...(flags.files !== undefined && { files: { root: resolve(flags.files) } }),
  });

/** Bars for what is looked through and fetched on the way to a model. */
export function fetchProgress(terminal: Terminal): {
  readonly update: NonNullable<TakeOptions["onProgress"]>;
  stop(): void;
} {
  let shown: { readonly what: string; readonly bar: Progress } | undefined;
  return {
    update(what, done, of, name) {
      if (shown?.what !== what) {
        shown?.bar.stop();
        const label = what === "blocks" ? "blocks looked through" : "files";
        shown = { what, bar: terminal.progress(label, of) };
      }
      shown.bar.update(done, name);
    },
    stop: () => shown?.bar.stop(),
  };
}

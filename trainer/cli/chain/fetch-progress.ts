import type { TakeOptions } from "../../buyer/take-model.ts";
import type { Progress, Terminal } from "../terminal.ts";

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

import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { TaskSpec } from "../../../pallets/drilling/index.ts";
import { openTask } from "../../drilling/task.ts";
import type { Store } from "../../storage/store.ts";
import { type ChainFlags, runOnChain } from "../chain/connection.ts";
import { exitCode } from "../run-command.ts";
import { Best } from "./best.ts";
import { Collection } from "./collection.ts";
import { taskNumber } from "./publish-options.ts";
import { type RecordFlags, recordOf, recordOptions } from "./record.ts";
import { numbersOf } from "./report.ts";
import { ResultFiles } from "./result-files.ts";
import { finalHead, historyOf, publishedIn, specOf } from "./task-blocks.ts";
import { type TaskStoreFlags, taskCache, taskStore, taskStoreOptions } from "./task-store.ts";

interface Flags extends ChainFlags, TaskStoreFlags, RecordFlags {
  readonly out: string;
  readonly best?: string;
  readonly least?: boolean;
}

/** `project results TASK --out FOLDER`: what was found, by whom, and where the chain says so. */
export function register(project: Command): void {
  const command = project
    .command("results")
    .summary("collect a task's results, with who found them")
    .description(
      "Reads a task's events from its publication on, fetches every result that was agreed on from one of the members that found it, checks its hash, and writes results.jsonl: for each unit its result and its provenance, or why it has none. Of images it writes labels.csv, too.",
    )
    .argument("<task>", "its number", taskNumber)
    .requiredOption("--out <folder>", "where to write")
    .option("--best <output>", "tell the unit with the largest number in this output, and its inputs")
    .option("--least", "with --best: the smallest instead");
  runOnChain(recordOptions(taskStoreOptions(command)), async (chain, context, task: number, flags: Flags) => {
    const { terminal, signal } = context;
    const head = await finalHead(chain);
    const from = await publishedIn(chain, task, head);
    const spec = await specOf(chain, task, from);
    const history = await historyOf(chain, task, { from, to: head.number }, terminal, signal);
    const genesis = await chain.request<string>("chain_getBlockHash", 0);
    const store = taskStore(flags);
    try {
      const out = resolve(flags.out);
      const files = new ResultFiles(chain, store, join(out, "results"), head.hash);
      const best = flags.best === undefined ? undefined : new Best(flags.best, flags.least === true);
      const collection = new Collection(history, spec.units, recordOf(flags, genesis, task)?.units);
      const { failed } = await collection.write(out, files, best, context);
      const found = best?.found;
      const inputs = found && (await inputsOf(store, spec, found.unit, taskCache(genesis, task), signal));
      const collected = spec.units - failed.length;
      terminal.answer(
        {
          task,
          state: history.state,
          units: spec.units,
          collected,
          out,
          failed,
          ...(found && { best: { ...found, inputs } }),
        },
        [
          `task ${task} is ${history.state.toLowerCase()}: ${collected} of ${spec.units} results in ${out}`,
          ...failed.slice(0, shownFailures).map(({ unit, why }) => `unit ${unit}: ${why}`),
          ...(failed.length > shownFailures
            ? [`${failed.length - shownFailures} more: see results.jsonl`]
            : []),
          ...(found ? [`best: unit ${found.unit}, with ${flags.best} ${found.value}`] : []),
          ...Object.entries(inputs ?? {}).map(([name, value]) => `  ${name} ${JSON.stringify(value)}`),
        ],
      );
      return failed.length === 0 ? exitCode.ok : exitCode.unfulfilled;
    } finally {
      await store.close();
    }
  });
}

const shownFailures = 10;

/** What a unit was given, where it is short enough to be read. */
async function inputsOf(
  store: Store,
  { model, inputs, rule, units }: TaskSpec,
  unit: number,
  cache: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const task = await openTask(store, { model, inputs, rule, units }, cache, signal);
  return numbersOf(await task.unit(unit, signal));
}

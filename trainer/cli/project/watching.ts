/** Follows a task to its end in final blocks, and opens the canaries that its publisher has kept. */
import { canaryOf, storage as drilling, type Task } from "../../../pallets/drilling/index.ts";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { ChainError } from "../../client/errors.ts";
import type { FinalBlock } from "../../client/final-blocks.ts";
import { readEach } from "../../client/lists.ts";
import type { Signer } from "../../client/signer.ts";
import { workText } from "../chain/amount.ts";
import type { Progress, Terminal } from "../terminal.ts";
import { emptyHistory, isOver, type TaskHistory, takeBlock } from "./history.ts";
import type { Canary } from "./record.ts";

/** Who opens which canaries. */
export interface Opener {
  readonly signer: Signer;
  readonly project: number;
  readonly canaries: readonly Canary[];
}

interface Watch {
  readonly chain: ChainClient;
  readonly terminal: Terminal;
  readonly task: number;
  readonly opener: Opener | undefined;
  /** Canaries that the chain still has, by unit. */
  readonly left: Map<number, Canary>;
  readonly history: TaskHistory;
}

/** Returns the history from block `from` on to the task's end, or to where the signal says to stop. */
export async function watchTask(
  chain: ChainClient,
  terminal: Terminal,
  { task, from }: { readonly task: number; readonly from: number },
  opener: Opener | undefined,
  signal: AbortSignal,
): Promise<TaskHistory> {
  const left = new Map(opener?.canaries.map((canary) => [canary.unit, canary]));
  const watch: Watch = { chain, terminal, task, opener, left, history: emptyHistory() };
  let bar: Progress | undefined;
  let state: string | undefined;
  try {
    for await (const block of chain.blocks(from, signal)) {
      const now = await chain.read(drilling.Tasks, [task], block.hash);
      takeBlock(watch.history, task, block);
      if (state === undefined && now !== undefined) await openAgreed(watch, block.hash);
      if (now !== undefined && now.state !== state) {
        terminal.note(`block ${block.number}: ${stateText(now)}`);
        state = now.state;
        bar ??= state === "Voting" ? undefined : terminal.progress("units", now.units);
      }
      if (now !== undefined) bar?.update(now.agreed + now.failed, `${now.open} in work`);
      await openIn(watch, block);
      if (isOver(watch.history)) return watch.history;
      // It ended in a block before this one.
      if (now === undefined && block.number > from) return watch.history;
    }
    signal.throwIfAborted();
    return watch.history;
  } finally {
    bar?.stop();
  }
}

export function stateText({ state, units, agreed, failed, difficulty, vote_ends, ayes, nays }: Task): string {
  if (state === "Voting")
    return `trainers vote on it until block ${vote_ends}: ${workText(ayes)} a day for it, ${workText(nays)} against`;
  const done = `${agreed} of ${units} units of ${workText(difficulty)} agreed on, ${failed} failed`;
  return state === "Active" ? `approved; ${done}` : `closing; ${done}`;
}

/** Canaries whose units were agreed on before anybody looked. */
async function openAgreed(watch: Watch, at: string): Promise<void> {
  const { chain, task, left } = watch;
  const units = [...left.keys()];
  const keys = units.map((unit) => [task, unit] as const);
  const found = await readEach(chain, drilling.Units, keys, at);
  for (const [i, unit] of units.entries()) if (found[i]?.state === "Agreed") await open(watch, unit);
}

async function openIn(watch: Watch, { events }: FinalBlock): Promise<void> {
  for (const { event } of events) {
    if (event.type !== "Drilling") continue;
    const { task, unit, held } = event.value.value as { task: number; unit: number; held?: boolean };
    if (task !== watch.task) continue;
    if (event.value.type === "UnitAgreed") await open(watch, unit);
    if (event.value.type === "CanaryOpened" && held === false)
      watch.terminal.note(
        `unit ${unit}: its members found another result than your canary; others decide now`,
      );
  }
}

async function open({ chain, terminal, task, opener, left }: Watch, unit: number): Promise<void> {
  const canary = left.get(unit);
  if (canary === undefined || opener === undefined) return;
  left.delete(unit);
  const [result, salt] = [fromHex(canary.result)!, fromHex(canary.salt)!]; // the record's form is checked
  const commitment = canaryOf(opener.project, unit, result, salt);
  if (!(await chain.read(drilling.Canaries, [task, commitment]))) return;
  try {
    const { block } = await chain.submit(opener.signer, {
      type: "Drilling",
      value: { type: "open_canary", value: { task, unit, result, salt } },
    });
    terminal.note(`block ${block.number}: the canary of unit ${unit} is opened`);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    terminal.note(`the canary of unit ${unit} could not be opened: ${error.message}`);
  }
}

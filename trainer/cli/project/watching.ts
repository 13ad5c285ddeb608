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
import { emptyHistory, type TaskEnd, type TaskHistory, takeBlock } from "./history.ts";
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
  /** Canaries that are not opened in a final block, by unit. */
  readonly left: Map<number, Canary>;
  /** Of those, the ones that were sent, and when. */
  readonly sent: Map<number, number>;
  readonly history: TaskHistory;
}

/** Follows a task that there is in block `from`, and returns how it ends. @throws the signal's reason. */
export async function watchTask(
  chain: ChainClient,
  terminal: Terminal,
  { task, from }: { readonly task: number; readonly from: number },
  opener: Opener | undefined,
  signal: AbortSignal,
): Promise<TaskEnd> {
  const left = new Map(opener?.canaries.map((canary) => [canary.unit, canary]));
  const watch: Watch = { chain, terminal, task, opener, left, sent: new Map(), history: emptyHistory() };
  let bar: Progress | undefined;
  let state: string | undefined;
  try {
    for await (const block of chain.blocks(from, signal)) {
      const now = await chain.read(drilling.Tasks, [task], block.hash);
      takeBlock(watch.history, task, block);
      if (now !== undefined && (state === undefined || isOverdue(watch, block)))
        await openAgreed(watch, block);
      if (now !== undefined && now.state !== state) {
        terminal.note(`block ${block.number}: ${stateText(now)}`);
        state = now.state;
        bar ??= state === "Voting" ? undefined : terminal.progress("units", now.units);
      }
      if (now !== undefined) bar?.update(now.agreed + now.failed, `${now.open} in work`);
      await openIn(watch, block);
      if (watch.history.end) return watch.history.end;
    }
    signal.throwIfAborted();
    throw new Error(`the chain has no more blocks after ${from}`);
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

/** After so many blocks a canary that was sent is sent again: the block that it was in may have lost to another. */
const patience = 20;

/** Forgets what was sent too long ago; whether there was any. */
function isOverdue({ sent }: Watch, { number }: FinalBlock): boolean {
  const late = [...sent].filter(([, at]) => number - at > patience);
  for (const [unit] of late) sent.delete(unit);
  return late.length > 0;
}

/** Canaries whose units were agreed on before anybody looked. */
async function openAgreed(watch: Watch, { hash, number }: FinalBlock): Promise<void> {
  const units = [...watch.left.keys()].filter((unit) => !watch.sent.has(unit));
  const keys = units.map((unit) => [watch.task, unit] as const);
  const found = await readEach(watch.chain, drilling.Units, keys, hash);
  for (const [i, unit] of units.entries()) if (found[i]?.state === "Agreed") await open(watch, unit, number);
}

async function openIn(watch: Watch, { events, number }: FinalBlock): Promise<void> {
  for (const { event } of events) {
    if (event.type !== "Drilling") continue;
    const { task, unit, held } = event.value.value as { task: number; unit: number; held?: boolean };
    if (task !== watch.task) continue;
    if (event.value.type === "UnitAgreed") await open(watch, unit, number);
    if (event.value.type !== "CanaryOpened") continue;
    watch.left.delete(unit);
    watch.sent.delete(unit);
    const others = "its members found another result than your canary; others decide now";
    watch.terminal.note(
      `block ${number}: the canary of unit ${unit} is opened${held === false ? `: ${others}` : ""}`,
    );
  }
}

async function open(
  { chain, terminal, task, opener, left, sent }: Watch,
  unit: number,
  at: number,
): Promise<void> {
  const canary = left.get(unit);
  if (canary === undefined || opener === undefined || sent.has(unit)) return;
  const [result, salt] = [fromHex(canary.result)!, fromHex(canary.salt)!]; // the record's form is checked
  const commitment = canaryOf(opener.project, unit, result, salt);
  if (!(await chain.read(drilling.Canaries, [task, commitment]))) {
    left.delete(unit);
    return;
  }
  sent.set(unit, at);
  const call = { type: "open_canary", value: { task, unit, result, salt } } as const;
  try {
    await chain.submit(opener.signer, { type: "Drilling", value: call });
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    terminal.note(`the canary of unit ${unit} could not be opened: ${error.message}`);
  }
}

/** What a trainer says of units: commitments to results that are on the disk, and later the results, which are stored by then. */
import type { RuntimeCall } from "../../../runtime/index.ts";
import type { Agent } from "../agent-context.ts";
import { AgentError } from "../agent-error.ts";
import type { Duty, DutyContext } from "../duties.ts";
import type { Seat } from "./drilling-view.ts";
import { bytesOf, commitmentTo, type Opening, openingOf } from "./opening.ts";
import type { Results } from "./results.ts";
import { sendTogether } from "./sending.ts";

/** So many calls go together. A reveal is weighed as if it were the last of the largest unit, so fewer fit into a block. */
const maxCommits = 64;
const maxReveals = 16;

/** What is computed meanwhile. */
interface Work {
  readonly isBusy: boolean;
}

/** Blocks in which members of a task may commit. */
type Windows = ReadonlyMap<number, { readonly commit_window: number; readonly reveal_window: number }>;

/** Commits to what is computed, as much at a time as there is time to wait for. */
export function commitDuty(
  agent: Agent,
  seats: readonly Seat[],
  results: Results,
  work: Work,
  windows: Windows,
): Duty | undefined {
  const open = seats.filter(({ state, committed }) => state === "Committing" && !committed);
  if (open.length === 0) return undefined;
  return {
    key: "drilling/commit",
    async run({ block }) {
      const inTime = open.filter(({ due }) => due > block);
      const ready = await readyOf(agent, inTime, results);
      const isPressing = ready.some(({ seat }) =>
        isHalfOver(seat, windows.get(seat.task)?.commit_window, block),
      );
      if (ready.length === 0 || (work.isBusy && ready.length < maxCommits && !isPressing)) return undefined;
      const now = urgent(ready).slice(0, maxCommits);
      const height = await sendTogether(
        agent,
        now.map((each) => commitCall(agent, each)),
      );
      for (const { seat } of now) tell(agent, "committed to its result", seat);
      return height;
    },
  };
}

/** Stores results and reveals them: in time even where the storage fails, which costs nothing, while silence costs. */
export function revealDuty(
  agent: Agent,
  seats: readonly Seat[],
  results: Results,
  windows: Windows,
): Duty | undefined {
  const open = seats.filter(
    ({ state, committed, revealed }) => state === "Revealing" && committed && !revealed,
  );
  if (open.length === 0) return undefined;
  return {
    key: "drilling/reveal",
    async run(context) {
      const ready: Ready[] = [];
      let failure: unknown;
      for (const seat of [...open].sort((a, b) => a.due - b.due)) {
        if (seat.due <= context.block || ready.length === maxReveals) continue;
        try {
          const opening = await committedTo(agent, seat);
          await stored(agent, seat, opening, results, windows, context);
          ready.push({ seat, opening });
        } catch (error) {
          context.signal.throwIfAborted();
          failure ??= error;
        }
      }
      if (ready.length === 0) {
        if (failure !== undefined) throw failure;
        return undefined;
      }
      const height = await sendTogether(agent, ready.map(revealCall));
      for (const { seat } of ready) tell(agent, "revealed its result", seat);
      if (failure !== undefined) agent.log.warn("a result waits", { error: (failure as Error).message });
      return height;
    },
  };
}

interface Ready {
  readonly seat: Seat;
  readonly opening: Opening;
}

async function readyOf(agent: Agent, seats: readonly Seat[], results: Results): Promise<Ready[]> {
  const ready: Ready[] = [];
  for (const seat of seats) {
    const opening = await openingOf(agent, seat);
    if (opening !== undefined && (await results.has(seat.task, opening.result)))
      ready.push({ seat, opening });
  }
  return ready;
}

async function committedTo(agent: Agent, seat: Seat): Promise<Opening> {
  const opening = await openingOf(agent, seat);
  if (opening !== undefined) return opening;
  throw new AgentError(
    "OpeningLost",
    `the result of unit ${seat.unit} of task ${seat.task} was committed to, but is not in the journal: was the folder replaced?`,
  );
}

/** Resolves when the result is stored, or there is no more time to wait for that. */
async function stored(
  agent: Agent,
  seat: Seat,
  { result }: Opening,
  results: Results,
  windows: Windows,
  { signal, block }: DutyContext,
): Promise<void> {
  try {
    await results.store(seat.task, result, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isHalfOver(seat, windows.get(seat.task)?.reveal_window, block)) throw error;
    const { task, unit } = seat;
    agent.log.warn("reveals a result that could not be stored", {
      task,
      unit,
      error: (error as Error).message,
    });
  }
}

const isHalfOver = ({ due }: Seat, window: number | undefined, block: number): boolean =>
  (due - block) * 2 <= (window ?? Number.POSITIVE_INFINITY);

const urgent = (ready: readonly Ready[]): Ready[] => [...ready].sort((a, b) => a.seat.due - b.seat.due);

function commitCall({ account }: Agent, { seat, opening }: Ready): RuntimeCall {
  const { task, unit } = seat;
  const commitment = commitmentTo(account, { task, unit }, opening);
  return { type: "Drilling", value: { type: "commit_result", value: { task, unit, commitment } } };
}

function revealCall({ seat: { task, unit }, opening }: Ready): RuntimeCall {
  return { type: "Drilling", value: { type: "reveal_result", value: { task, unit, ...bytesOf(opening) } } };
}

const tell = ({ log }: Agent, what: string, { task, unit }: Seat): void => log.info(what, { task, unit });

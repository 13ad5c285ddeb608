/** The vote on a task: its files fetched, its difficulty counted again, some of its units tried. */
import { storage as drilling, type Task } from "../../../pallets/drilling/index.ts";
import { unitResult } from "../../drilling/run-unit.ts";
import { openDevice } from "../../engine/device/device.ts";
import type { Agent } from "../agent-context.ts";
import type { Duty, DutyContext } from "../duties.ts";
import { flawOf } from "./flaw.ts";
import type { TaskBook } from "./task-book.ts";

/** How often a task that may yet be had is tried, and how many blocks before the end it is judged by what is known. */
const attempts = 4;
const lastBlocks = 6;
/** Units that are fetched, of which one is computed. */
const tried = 3;
/** Longest run of that one. */
const tryMs = 600_000;

/** Votes on a task, once. */
export const voteDuty = (agent: Agent, id: number, task: Task, book: TaskBook): Duty => ({
  key: `drilling/vote/${id}`,
  async run(context) {
    // The vote may have ended, or its project may have closed it, also while the task is looked at.
    const isOpen = async () => (await agent.chain.read(drilling.Tasks, [id]))?.state === "Voting";
    if (task.vote_ends <= context.block || !(await isOpen())) return undefined;
    const objection = await objectionTo(agent, id, task, book, context);
    if (!(await isOpen())) return undefined;
    const aye = objection === undefined;
    const value = { type: "vote_task", value: { task: id, aye } } as const;
    const { block } = await agent.send({ type: "Drilling", value });
    agent.log.info("voted", { task: id, aye, ...(objection !== undefined && { reason: objection }) });
    return block.number;
  },
});

/** Why a task is not approved of; throws what may pass by itself while there is time. */
async function objectionTo(
  agent: Agent,
  id: number,
  { units, difficulty, vote_ends }: Task,
  book: TaskBook,
  { signal, failures, block }: DutyContext,
): Promise<string | undefined> {
  try {
    const task = await book.open(id, signal);
    const counted = task.graph.difficulty;
    if (counted !== difficulty) return `its difficulty is ${counted} uut a unit, not ${difficulty}`;
    const chosen = [0, ...Array.from({ length: tried - 1 }, () => Math.floor(Math.random() * units))];
    for (const unit of new Set(chosen)) await task.unit(unit, signal);
    await tryOne(agent, task, chosen.at(-1)!, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const flaw = flawOf(error);
    await book.failed(id, error);
    const isLast = failures + 1 >= attempts || vote_ends - block <= lastBlocks;
    if (flaw === undefined || (flaw.mayPass && !isLast)) throw error;
    return flaw.reason;
  }
}

async function tryOne(
  { devices }: Agent,
  task: Parameters<typeof unitResult>[1],
  unit: number,
  signal: AbortSignal,
): Promise<void> {
  await devices.inspect(async (options) => {
    const device = await openDevice(options);
    try {
      await unitResult(device, task, unit, { signal, timeoutMs: tryMs });
    } finally {
      device.close();
    }
  });
}

/** A task's life after it is published: closing, its end, and what returns to its project. */

import { unschedule } from "../../runtime/frame/agenda.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { release } from "../balances/index.ts";
import { mayMove } from "../machines/index.ts";
import { countTasks } from "./projects.ts";
import {
  agenda,
  budgetReason,
  depositReason,
  errors,
  events,
  projectTopic,
  storage,
  taskTopic,
} from "./schema.ts";
import { type TaskState, taskTransitions } from "./states.ts";
import type { Task } from "./types.ts";

/** A task; throws `NoSuchTask`. */
export function taskOf(ctx: ReadCtx, id: number): Task {
  const task = storage.Tasks.get(ctx, id);
  ensure(task !== undefined, errors.NoSuchTask);
  return task;
}

/** A task of the caller; throws `NoSuchTask` and `NotOwner`. */
export function ownTask(ctx: ReadCtx, who: AccountId, id: number): Task {
  const task = taskOf(ctx, id);
  ensure(equalBytes(task.owner, who), errors.NotOwner);
  return task;
}

/** Ends a vote, or lets no more units be given out; those that are go on to their ends. */
export function closeTask(ctx: Ctx, who: AccountId, id: number): void {
  const task = ownTask(ctx, who, id);
  ensure(task.state !== "Closing", errors.AlreadyClosing);
  if (task.state === "Voting") {
    unschedule(ctx, agenda, task.vote_ends, { task: id, unit: undefined });
    end(ctx, id, task);
    return;
  }
  const { project, owner, open } = task;
  storage.Tasks.set(ctx, id, taskMoved(task, "Closing"));
  events.TaskClosing(ctx, { task: id, project, owner, open }, [owner, projectTopic(project), taskTopic(id)]);
  endIfDone(ctx, id);
}

/** Ends a task of which nothing is open and nothing to come. */
export function endIfDone(ctx: Ctx, id: number): void {
  const task = storage.Tasks.get(ctx, id);
  if (task === undefined || task.state === "Voting" || task.open > 0) return;
  if (task.state === "Closing" || task.next === task.units) end(ctx, id, task);
}

function end(ctx: Ctx, id: number, task: Task): void {
  taskMoved(task, "Closed");
  const refunded = removeTask(ctx, id, task);
  const { project, owner, agreed, failed } = task;
  events.TaskClosed(ctx, { task: id, project, owner, agreed, failed, refunded }, [
    owner,
    projectTopic(project),
    taskTopic(id),
  ]);
}

/** Forgets a task and returns what its owner has on hold for it. Ballots and canaries are swept up later. */
export function removeTask(ctx: Ctx, id: number, { project, owner, budget, deposit }: Task): bigint {
  release(ctx, depositReason, owner, deposit, "Exact");
  release(ctx, budgetReason, owner, budget, "Exact");
  storage.Tasks.delete(ctx, id);
  storage.Files.delete(ctx, id);
  storage.CounterForTasks.mutate(ctx, (count) => count - 1);
  storage.ActiveTasks.mutate(ctx, (tasks) => tasks.filter((other) => other !== id));
  storage.Leftovers.append(ctx, id);
  countTasks(ctx, project, -1);
  return budget + deposit;
}

/** Deletes ballots and canaries of tasks that have ended, at most `limit`; returns how many. */
export function sweepLeftovers(ctx: Ctx, limit: number): number {
  const ended = storage.Leftovers.get(ctx);
  let deleted = 0;
  let done = 0;
  for (const task of ended) {
    for (const [, who] of storage.Ballots.keys(ctx, task)) {
      if (deleted === limit) break;
      storage.Ballots.delete(ctx, task, who);
      deleted++;
    }
    for (const [, commitment] of storage.Canaries.keys(ctx, task)) {
      if (deleted === limit) break;
      storage.Canaries.delete(ctx, task, commitment);
      deleted++;
    }
    if (deleted === limit) break;
    done++;
  }
  if (done === ended.length && done > 0) storage.Leftovers.delete(ctx);
  else if (done > 0) storage.Leftovers.set(ctx, ended.slice(done));
  return deleted;
}

/** The same task in another state. A move that the table does not know is a bug. */
export function taskMoved<T extends TaskState | "Rejected" | "Closed">(
  task: Task,
  to: T,
): Omit<Task, "state"> & { state: T } {
  if (!mayMove(taskTransitions, task.state, to)) throw new Error(`no task moves from ${task.state} to ${to}`);
  return { ...task, state: to };
}

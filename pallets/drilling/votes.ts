/** The community's approval of tasks, by votes that weigh what trainers have computed. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { weightOf } from "../compute-score/index.ts";
import { authorities } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { isTrainer } from "../trainer-staking/index.ts";
import { constants, errors, events, projectTopic, storage, taskTopic } from "./schema.ts";
import { removeTask, taskMoved, taskOf } from "./tasks.ts";

const million = 1_000_000n;

/** Votes, or changes a vote. The weight is the trainer's Total_ECP now; who has none weighs 1 uut per day. */
export function vote(ctx: Ctx, voter: AccountId, id: number, aye: boolean): void {
  const task = taskOf(ctx, id);
  // The end of the vote may be carried over to a later block, but time is time.
  ensure(task.state === "Voting" && blockNumber(ctx) < task.vote_ends, errors.NotVoting);
  ensure(isTrainer(ctx, voter), errors.NotTrainer);
  ensure(!equalBytes(voter, task.owner), errors.OwnTask);
  const before = storage.Ballots.get(ctx, id, voter);
  ensure(before?.aye !== aye, errors.AlreadyVoted);
  const weight = weightOf(ctx, voter, now(ctx)) || 1n;
  let { ayes, nays } = task;
  if (before?.aye === true) ayes -= before.weight;
  if (before?.aye === false) nays -= before.weight;
  if (aye) ayes += weight;
  else nays += weight;
  storage.Ballots.set(ctx, id, voter, { aye, weight });
  storage.Tasks.set(ctx, id, { ...task, ayes, nays });
  events.TaskVoted(ctx, { task: id, voter, aye, weight, ayes, nays }, [voter, taskTopic(id)]);
}

/** Counts when the window has closed: most votes are ayes, and they are a tenth of the weight of this epoch's trainers. */
export function closeVote(ctx: Ctx, id: number): void {
  const task = taskOf(ctx, id);
  const { project, owner, ayes, nays } = task;
  const electorate = authorities(ctx).reduce((sum, { weight }) => sum + weight, 0n);
  const topics = [owner, projectTopic(project), taskTopic(id)];
  if (ayes > nays && ayes * million >= electorate * BigInt(constants.ApprovalShare(ctx))) {
    storage.Tasks.set(ctx, id, taskMoved(task, "Active"));
    storage.ActiveTasks.append(ctx, id);
    events.TaskApproved(ctx, { task: id, project, ayes, nays, electorate }, topics);
    return;
  }
  taskMoved(task, "Rejected");
  const refunded = removeTask(ctx, id, task);
  events.TaskRejected(ctx, { task: id, project, owner, ayes, nays, electorate, refunded }, topics);
}

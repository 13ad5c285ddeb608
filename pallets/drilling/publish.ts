import { schedule } from "../../runtime/frame/agenda.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { constants as balances, hold } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { countTasks, fillDeposit, ownProject } from "./projects.ts";
import {
  agenda,
  budgetReason,
  constants,
  depositReason,
  errors,
  events,
  projectTopic,
  storage,
  taskTopic,
} from "./schema.ts";
import { rewardsPerUnit, unitValue } from "./terms.ts";
import type { Task, TaskSpec } from "./types.ts";

/** Puts a task to the vote, with all that its units can cost on hold. */
export function publish(ctx: Ctx, owner: AccountId, id: number, spec: TaskSpec): void {
  const project = ownProject(ctx, owner, id);
  check(spec);
  ensure(storage.CounterForTasks.get(ctx) < constants.MaxTasks, errors.TooManyTasks);
  fillDeposit(ctx, id, project);
  const { model, inputs, rule, canaries, ...terms } = spec;
  const budget = BigInt(spec.units) * rewardsPerUnit(spec.quorum) * spec.reward;
  const deposit = constants.TaskDeposit(ctx);
  hold(ctx, depositReason, owner, deposit);
  if (budget > 0n) hold(ctx, budgetReason, owner, budget);
  const task = storage.NextTask.get(ctx);
  const vote_ends = blockNumber(ctx) + constants.VoteWindow(ctx);
  const value = unitValue(ctx, spec.difficulty, spec.reward);
  const stored: Task = {
    project: id,
    owner,
    state: "Voting",
    ...terms,
    canary_window: canaries?.window,
    value,
    budget,
    deposit,
    next: 0,
    open: 0,
    agreed: 0,
    failed: 0,
    vote_ends,
    ayes: 0n,
    nays: 0n,
  };
  storage.Tasks.set(ctx, task, stored);
  storage.Files.set(ctx, task, { model, inputs, rule });
  for (const commitment of canaries?.commitments ?? []) storage.Canaries.set(ctx, task, commitment, true);
  storage.NextTask.set(ctx, task + 1);
  storage.CounterForTasks.mutate(ctx, (count) => count + 1);
  countTasks(ctx, id, 1);
  schedule(ctx, agenda, vote_ends, { task, unit: undefined });
  events.TaskPublished(ctx, { task, project: id, owner, spec, value, budget, deposit, vote_ends }, [
    owner,
    projectTopic(id),
    taskTopic(task),
  ]);
}

function check({ model, inputs, rule, canaries, ...spec }: TaskSpec): void {
  ensure(model.uri.length > 0 && inputs.uri.length > 0, errors.InvalidText);
  ensure(within(spec.units, 1, constants.MaxUnits), errors.UnitsOutOfRange);
  ensure(within(spec.difficulty, 1n, constants.MaxDifficulty), errors.DifficultyOutOfRange);
  ensure(within(spec.quorum, constants.MinQuorum, constants.MaxQuorum), errors.QuorumOutOfRange);
  const { reward } = spec;
  const paysNothing = reward === 0n;
  ensure(
    paysNothing || within(reward, balances.ExistentialDeposit, constants.MaxReward),
    errors.RewardOutOfRange,
  );
  for (const window of [spec.commit_window, spec.reveal_window, canaries?.window ?? constants.MinWindow]) {
    ensure(within(window, constants.MinWindow, constants.MaxWindow), errors.WindowOutOfRange);
  }
  ensure(rule.type !== "Quantised" || rule.value.quantum > 0n, errors.InvalidQuantum);
  if (canaries) checkCanaries(canaries.commitments, spec.units);
}

function checkCanaries(commitments: readonly Uint8Array[], units: number): void {
  ensure(commitments.length > 0, errors.NoCanaries);
  const most = Math.max(1, Number((BigInt(units) * BigInt(constants.MaxCanaryShare)) / 1_000_000n));
  const different = new Set(commitments.map(toHex)).size;
  ensure(commitments.length <= most && different === commitments.length, errors.TooManyCanaries);
}

const within = <T extends number | bigint>(value: T, least: T, most: T): boolean =>
  value >= least && value <= most;

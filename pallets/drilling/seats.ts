/** A member's seat: its bond, its reward, and what it came to in the end. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { hold, release, transferOnHold } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { penalise, type Share, type SlashReason } from "../trainer-staking/index.ts";
import { creditSeat } from "./credited.ts";
import type { UnitKey } from "./hashes.ts";
import {
  budgetReason,
  constants,
  events,
  type Outcome,
  storage,
  taskBondReason,
  taskTopic,
} from "./schema.ts";
import { taskOf } from "./tasks.ts";
import type { Asker, Seat } from "./types.ts";

/** Seats a member, whose bond must be there to be held. */
export function takeSeat(ctx: Ctx, { trainer, machine }: Asker, bond: bigint): Seat {
  hold(ctx, taskBondReason, trainer, bond);
  changeRecord(ctx, trainer, { seats: 1 });
  const seated = now(ctx);
  return { trainer, machine, bond, seated, committed: 0n, commitment: undefined, result: undefined };
}

/** Credits a member with a unit, and pays its reward out of the task's budget, which was reckoned for it. */
export function rewardSeat(ctx: Ctx, key: UnitKey, seat: Seat): void {
  const { owner, difficulty, reward, budget } = taskOf(ctx, key.task);
  const { trainer } = seat;
  if (budget < reward) throw new Error(`task ${key.task} has ${budget} left for a reward of ${reward}`);
  creditSeat(ctx, key.task, difficulty, seat);
  if (reward > 0n) {
    transferOnHold(ctx, budgetReason, owner, trainer, reward, "Exact", "Free", "Force");
    storage.Tasks.mutate(ctx, key.task, (task) => task && { ...task, budget: budget - reward });
  }
  events.MemberPaid(ctx, { ...key, trainer, work: difficulty, reward }, [trainer, taskTopic(key.task)]);
}

/** What a seat came to, besides what is returned of its bond. */
export interface Settlement {
  readonly outcome: Outcome;
  /** Out of liars' bonds, and out of the project's deposit. */
  readonly compensated?: bigint;
  readonly fromProject?: bigint;
  /** Of the bond, by `takeBond`. */
  readonly taken?: bigint;
}

/** Ends a seat: what was not taken of its bond is returned. */
export function settleSeat(ctx: Ctx, key: UnitKey, { trainer, bond }: Seat, settlement: Settlement): void {
  const { outcome, compensated = 0n, fromProject: from_project = 0n, taken = 0n } = settlement;
  const returned = bond - taken;
  release(ctx, taskBondReason, trainer, returned, "Exact");
  changeRecord(ctx, trainer, { seats: -1 });
  events.SeatSettled(ctx, { ...key, trainer, outcome, compensated, from_project, returned, taken }, [
    trainer,
    taskTopic(key.task),
  ]);
}

/** Takes a part of a bond for a fault, or all of it; those named get theirs first. */
export function takeBond(
  ctx: Ctx,
  key: UnitKey,
  trainer: AccountId,
  amount: bigint,
  reason: SlashReason,
  evidence: Uint8Array,
  to: readonly Share[],
): void {
  const { task, unit } = key;
  const subject = { type: "Unit", value: { task, unit } } as const;
  penalise(ctx, { trainer, from: taskBondReason, amount, reason, subject, evidence, to });
}

/** Another valid result in a row. */
export const noteValid = (ctx: Ctx, trainer: AccountId): void => changeRecord(ctx, trainer, { streak: 1 });

/** Trust is lost by a false result, and by not doing what was given, after which the trainer rests. */
export function noteFault(ctx: Ctx, trainer: AccountId, rests: boolean): void {
  const record = storage.Records.get(ctx, trainer);
  const rests_until = rests ? blockNumber(ctx) + constants.RestBlocks : record.rests_until;
  storage.Records.set(ctx, trainer, { ...record, streak: 0, rests_until });
}

function changeRecord(ctx: Ctx, trainer: AccountId, by: { seats?: number; streak?: number }): void {
  storage.Records.mutate(ctx, trainer, (record) => ({
    ...record,
    seats: record.seats + (by.seats ?? 0),
    streak: record.streak + (by.streak ?? 0),
  }));
}

/** What members of a quorum say: first a commitment, then what it was made of. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { openReveal } from "./deadlines.ts";
import { commitmentOf, type UnitKey } from "./hashes.ts";
import { judgeRound } from "./round.ts";
import { errors, events, storage, taskTopic } from "./schema.ts";
import type { Seat, Unit } from "./types.ts";
import { seatsIn, unitOf } from "./unit.ts";

/** Takes a member's commitment. Throws `NotCommitting`, `TooLate`, `AlreadyCommitted`, and `CopiedCommitment` for another member's. */
export function commitResult(ctx: Ctx, trainer: AccountId, key: UnitKey, commitment: Uint8Array): void {
  const unit = unitOf(ctx, key);
  ensure(unit.state === "Committing", errors.NotCommitting);
  ensure(blockNumber(ctx) < unit.due, errors.TooLate);
  const seat = seatOf(unit, trainer);
  ensure(seat.commitment === undefined, errors.AlreadyCommitted);
  const isCopy = unit.seats.some((other) => other.commitment && equalBytes(other.commitment, commitment));
  ensure(!isCopy, errors.CopiedCommitment);
  const next = withSeat(unit, { ...seat, commitment, committed: now(ctx) });
  events.ResultCommitted(ctx, { ...key, trainer, commitment }, [trainer, taskTopic(key.task)]);
  if (next.seats.every((member) => member.commitment !== undefined)) openReveal(ctx, key, next);
  else storage.Units.set(ctx, key.task, key.unit, next);
}

/** Returns how many seats were looked at because it was the last one and decided the round; else none. */
export function revealResult(
  ctx: Ctx,
  trainer: AccountId,
  key: UnitKey,
  result: Uint8Array,
  salt: Uint8Array,
): number {
  const unit = unitOf(ctx, key);
  ensure(unit.state === "Revealing", errors.NotRevealing);
  ensure(blockNumber(ctx) < unit.due, errors.TooLate);
  const seat = seatOf(unit, trainer);
  ensure(seat.result === undefined, errors.AlreadyRevealed);
  ensure(equalBytes(commitmentOf(key, trainer, result, salt), seat.commitment!), errors.DoesNotOpen);
  const next = withSeat(unit, { ...seat, result });
  events.ResultRevealed(ctx, { ...key, trainer, result }, [trainer, taskTopic(key.task)]);
  const isLast = next.seats.every((member) => member.result !== undefined);
  if (isLast) judgeRound(ctx, key, next);
  else storage.Units.set(ctx, key.task, key.unit, next);
  return isLast ? seatsIn(next) : 0;
}

function seatOf(unit: Unit, trainer: AccountId): Seat {
  const seat = unit.seats.find((member) => equalBytes(member.trainer, trainer));
  ensure(seat !== undefined, errors.NotMember);
  return seat;
}

const withSeat = (unit: Unit, seat: Seat): Unit => ({
  ...unit,
  seats: unit.seats.map((other) => (equalBytes(other.trainer, seat.trainer) ? seat : other)),
});

/** What becomes of earlier rounds when a unit's true result is known, or never will be. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { Share } from "../trainer-staking/index.ts";
import { evidenceOf, type UnitKey } from "./hashes.ts";
import { payFromDeposit } from "./projects.ts";
import { type CloseReason, constants, events, storage, taskTopic } from "./schema.ts";
import { noteFault, noteValid, rewardSeat, settleSeat, takeBond } from "./seats.ts";
import { taskOf } from "./tasks.ts";
import type { PastSeat, Unit } from "./types.ts";
import { removeUnit } from "./unit.ts";

/** Somebody whose credit was lost to others' lies, and how much of a unit's value is still due to it. */
interface Due {
  readonly seat: PastSeat;
  left: bigint;
}

/**
 * Settles members of earlier rounds by the truth. Who was wrong loses the bond; out of it come the units' values for those
 * who were right and lost their credit to them. Who was right alone, and audited, is credited and paid now.
 */
export function settlePast(
  ctx: Ctx,
  key: UnitKey,
  past: readonly PastSeat[],
  truth: Uint8Array,
  canary: Uint8Array | undefined,
): void {
  const { value } = taskOf(ctx, key.task);
  const right = past.filter(({ result }) => equalBytes(result!, truth));
  const dues: Due[] = right
    .filter(({ standing }) => standing === "Disputed")
    .map((seat) => ({ seat, left: value }));
  for (const seat of past) if (!right.includes(seat)) refute(ctx, key, seat, truth, dues);
  for (const seat of right) {
    const due = dues.find((d) => d.seat === seat);
    confirm(ctx, key, seat, due ? value - due.left : 0n, canary);
  }
}

function refute(ctx: Ctx, key: UnitKey, seat: PastSeat, truth: Uint8Array, dues: readonly Due[]): void {
  const { trainer, bond, standing, result } = seat;
  let left = bond;
  const shares: Share[] = [];
  for (const due of dues) {
    const part = smallerOf(due.left, left);
    if (part === 0n) continue;
    due.left -= part;
    left -= part;
    shares.push([due.seat.trainer, part]);
  }
  const reason = standing === "Accused" ? "CanaryFailed" : "FalseResult";
  takeBond(ctx, key, trainer, bond, reason, evidenceOf("refuted", key, trainer, result!, truth), shares);
  noteFault(ctx, trainer, false);
  settleSeat(ctx, key, seat, { outcome: "Refuted", taken: bond });
}

function confirm(
  ctx: Ctx,
  key: UnitKey,
  seat: PastSeat,
  fromLiars: bigint,
  canary: Uint8Array | undefined,
): void {
  const { project, value } = taskOf(ctx, key.task);
  const { trainer, standing, result } = seat;
  if (standing === "Audited") rewardSeat(ctx, key, seat);
  // A project that accused without cause, or it would agree with its canary.
  const isWronged = standing === "Accused" && canary !== undefined && !equalBytes(canary, result!);
  const fromProject = isWronged ? payFromDeposit(ctx, project, trainer, value) : 0n;
  noteValid(ctx, trainer);
  settleSeat(ctx, key, seat, { outcome: "Confirmed", compensated: fromLiars, fromProject });
}

/** Ends a unit of which nobody will know the result: bonds are returned, and the project pays those who gave one. */
export function closeUnit(
  ctx: Ctx,
  key: UnitKey,
  unit: Unit,
  past: readonly PastSeat[],
  reason: CloseReason,
): void {
  const { project } = taskOf(ctx, key.task);
  events.UnitClosed(ctx, { ...key, reason }, [taskTopic(key.task)]);
  for (const seat of unit.seats) settleSeat(ctx, key, seat, { outcome: "Undecided" });
  for (const seat of past) {
    const fromProject = payFromDeposit(ctx, project, seat.trainer, constants.DisputeFee);
    settleSeat(ctx, key, seat, { outcome: "Undecided", fromProject });
  }
  storage.Tasks.mutate(ctx, key.task, (task) => task && { ...task, failed: task.failed + 1 });
  removeUnit(ctx, key, unit, "Closed");
}

/**
 * The result that most members of both of the last two rounds found, at least two in each; undefined if there is none.
 * Only so can members who lie in every round, one at a time, be found out.
 */
export function majorityOf(past: readonly PastSeat[], lastRound: number): Uint8Array | undefined {
  const rounds = [lastRound - 1, lastRound].map((round) => past.filter((seat) => seat.round === round));
  const candidates = rounds.map((seats) =>
    seats.find(({ result }) => {
      const same = seats.filter((other) => equalBytes(other.result!, result!)).length;
      return same >= Math.max(2, Math.floor(seats.length / 2) + 1);
    }),
  );
  const [first, second] = candidates.map((seat) => seat?.result);
  return first && second && equalBytes(first, second) ? first : undefined;
}

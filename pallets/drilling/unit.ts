/** A unit in the state: every move goes through here, with its place on the agenda and among those that wait. */
import { schedule, unschedule } from "../../runtime/frame/agenda.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { mayMove } from "../machines/index.ts";
import { blockNumber } from "../system/index.ts";
import type { UnitKey } from "./hashes.ts";
import { agenda, constants, errors, events, type ReissueReason, storage, taskTopic } from "./schema.ts";
import { type UnitState, unitTransitions } from "./states.ts";
import { endIfDone } from "./tasks.ts";
import type { PastSeat, Seat, Standing, Unit } from "./types.ts";

/** A unit that was given out; throws `NoSuchUnit`. */
export function unitOf(ctx: ReadCtx, { task, unit }: UnitKey): Unit {
  const found = storage.Units.get(ctx, task, unit);
  ensure(found !== undefined, errors.NoSuchUnit);
  return found;
}

/** Stores what `before` becomes, due in so many blocks; returns the block. `before` is absent for a unit never given out. */
export function putUnit(
  ctx: Ctx,
  key: UnitKey,
  before: Unit | undefined,
  next: Omit<Unit, "due">,
  blocks: number,
): number {
  const { task, unit } = key;
  const due = blockNumber(ctx) + blocks;
  if (before) {
    checkMove(before.state, next.state);
    unschedule(ctx, agenda, before.due, key);
    if (before.state === "Waiting" && next.state !== "Waiting") storage.Waiting.delete(ctx, task, unit);
  }
  if (next.state === "Waiting") storage.Waiting.set(ctx, task, unit, true);
  storage.Units.set(ctx, task, unit, { ...next, due });
  schedule(ctx, agenda, due, key);
  return due;
}

/** Forgets a unit that has ended, and ends its task where it was the last. */
export function removeUnit(ctx: Ctx, key: UnitKey, before: Unit, how: "Done" | "Closed"): void {
  const { task, unit } = key;
  checkMove(before.state, how);
  unschedule(ctx, agenda, before.due, key);
  if (before.state === "Waiting") storage.Waiting.delete(ctx, task, unit);
  storage.Units.delete(ctx, task, unit);
  storage.Tasks.mutate(ctx, task, (found) => found && { ...found, open: found.open - 1 });
  endIfDone(ctx, task);
}

/** What differs from the unit before when it waits for members again. */
export interface Reissue {
  readonly round: number;
  readonly last_round: number;
  readonly size: number;
  readonly seats: readonly Seat[];
  readonly past: readonly PastSeat[];
  readonly canary: Uint8Array | undefined;
}

/** Has a unit wait for a fresh quorum, or for the members that it lacks. */
export function reissue(
  ctx: Ctx,
  key: UnitKey,
  before: Unit,
  reason: ReissueReason,
  change: Partial<Reissue>,
): void {
  const next = { ...before, ...change, state: "Waiting" as const, extended: false };
  putUnit(ctx, key, before, next, constants.WaitWindow);
  events.UnitReissued(ctx, { ...key, round: next.round, reason }, [taskTopic(key.task)]);
}

/** All who have a bond in a unit. */
export const seatsIn = ({ seats, past }: Unit): number => seats.length + past.length;

/** Members of this round as members of an earlier one. */
export const asPast = (seats: readonly Seat[], round: number, standing: Standing): PastSeat[] =>
  seats.map((seat) => ({ ...seat, round, standing }));

function checkMove(from: UnitState, to: UnitState | "Done" | "Closed"): void {
  if (!mayMove(unitTransitions, from, to)) throw new Error(`no unit moves from ${from} to ${to}`);
}

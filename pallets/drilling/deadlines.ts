/** What the chain does by itself when the time of a unit is over. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { UnitKey } from "./hashes.ts";
import { judgeRound, sample } from "./round.ts";
import { events, storage, taskTopic } from "./schema.ts";
import { noteFault, settleSeat } from "./seats.ts";
import { taskOf } from "./tasks.ts";
import { closeUnit } from "./truth.ts";
import type { Duty, Unit } from "./types.ts";
import { putUnit, reissue, removeUnit, seatsIn } from "./unit.ts";
import { closeVote } from "./votes.ts";

/** Settles a vote or a unit whose block has come; returns how many seats the unit had. */
export function settleDue(ctx: Ctx, { task, unit }: Duty): number {
  if (unit === undefined) {
    closeVote(ctx, task);
    return 0;
  }
  const found = storage.Units.get(ctx, task, unit)!;
  settleUnit(ctx, { task, unit }, found);
  return seatsIn(found);
}

function settleUnit(ctx: Ctx, key: UnitKey, unit: Unit): void {
  const { state } = unit;
  if (state === "Waiting") closeUnit(ctx, key, unit, unit.past, "NobodyAsked");
  else if (state === "Sampling") sample(ctx, key, unit);
  else if (state === "Agreed") finish(ctx, key, unit);
  else if (isExtended(ctx, key, unit, state === "Committing" ? "Commit" : "Reveal")) return;
  else if (state === "Committing") endCommitting(ctx, key, unit);
  else judgeRound(ctx, key, unit);
}

/** An outage is no fault: when more than half are silent in a window, it is extended once. */
function isExtended(ctx: Ctx, key: UnitKey, unit: Unit, stage: "Commit" | "Reveal"): boolean {
  const field = stage === "Commit" ? "commitment" : "result";
  const silent = unit.seats.filter((seat) => seat[field] === undefined).length;
  if (unit.extended || silent * 2 <= unit.seats.length) return false;
  const { commit_window, reveal_window } = taskOf(ctx, key.task);
  const blocks = stage === "Commit" ? commit_window : reveal_window;
  const until = putUnit(ctx, key, unit, { ...unit, extended: true }, blocks);
  const of = unit.seats.length;
  events.WindowExtended(ctx, { ...key, stage, silent, of, until }, [taskTopic(key.task)]);
  return true;
}

/** Who did not commit leaves with its bond and rests. Two who did are enough; one waits for others. */
function endCommitting(ctx: Ctx, key: UnitKey, unit: Unit): void {
  const seats = unit.seats.filter(({ commitment }) => commitment !== undefined);
  for (const seat of unit.seats) {
    if (seat.commitment !== undefined) continue;
    noteFault(ctx, seat.trainer, true);
    settleSeat(ctx, key, seat, { outcome: "NotCommitted" });
  }
  if (seats.length > 1) {
    openReveal(ctx, key, { ...unit, seats });
    return;
  }
  const size = Math.max(unit.size, taskOf(ctx, key.task).quorum);
  reissue(ctx, key, unit, "TooFewCommitted", { seats, size });
}

/** Takes no more commitments: members may reveal. */
export function openReveal(ctx: Ctx, key: UnitKey, unit: Unit): void {
  const { reveal_window } = taskOf(ctx, key.task);
  const next = { ...unit, state: "Revealing" as const, extended: false };
  const reveal_by = putUnit(ctx, key, unit, next, reveal_window);
  const trainers = unit.seats.map(({ trainer }) => trainer);
  events.RevealOpened(ctx, { ...key, trainers, reveal_by }, [taskTopic(key.task)]);
}

/** Ends a unit on which all agree: nobody has shown another answer. */
export function finish(ctx: Ctx, key: UnitKey, unit: Unit): void {
  events.UnitDone(ctx, { ...key, result: unit.seats[0]!.result! }, [taskTopic(key.task)]);
  for (const seat of unit.seats) settleSeat(ctx, key, seat, { outcome: "Agreed" });
  removeUnit(ctx, key, unit, "Done");
}

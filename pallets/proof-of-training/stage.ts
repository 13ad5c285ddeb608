/** Where an inspection stands: the one place that stores it, moves the order with it, and keeps its deadline. */
import { schedule, unschedule } from "../../runtime/frame/agenda.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import {
  advance,
  ensureInTime,
  type LiveState,
  liveOrder,
  type Order,
  postpone,
} from "../marketplace/index.ts";
import { agenda, constants, errors, storage } from "./schema.ts";
import { checkPhase, type Phase } from "./states.ts";
import type { Inspection } from "./types.ts";

/** An order with its inspection. */
export interface Proceeding {
  readonly id: number;
  readonly order: Order;
  readonly inspection: Inspection;
}

/** The proceeding of an order; throws `NoOrder` and `NoInspection`. */
export function proceedingOf(ctx: ReadCtx, id: number): Proceeding {
  const order = liveOrder(ctx, id);
  const inspection = storage.Inspections.get(ctx, id);
  ensure(inspection !== undefined, errors.NoInspection);
  return { id, order, inspection };
}

/** The same in a phase that is not over; throws `WrongPhase` and `DeadlinePassed` as well. */
export function proceedingIn(ctx: ReadCtx, id: number, phase: Phase): Proceeding {
  const proceeding = proceedingOf(ctx, id);
  ensure(proceeding.inspection.phase === phase, errors.WrongPhase);
  ensureInTime(ctx, proceeding.order);
  return proceeding;
}

/** Stores what an act within a phase has changed. */
export function keep(ctx: Ctx, id: number, inspection: Inspection): void {
  storage.Inspections.set(ctx, id, inspection);
}

/** Begins an inspection. */
export function open(ctx: Ctx, id: number, order: Order, inspection: Inspection, deadline: number): void {
  checkPhase("new", inspection.phase);
  advance(ctx, id, order, { to: "ProofSubmitted", by: "submit_proof", deadline });
  keep(ctx, id, inspection);
  schedule(ctx, agenda, deadline + 1, id);
}

/** Goes on to a phase, until `deadline`, and takes the order along where it goes on to another state. */
export function proceed(
  ctx: Ctx,
  { id, order, inspection }: Proceeding,
  next: Inspection,
  deadline: number,
  step?: { readonly to: LiveState; readonly by: string },
): void {
  checkPhase(inspection.phase, next.phase);
  unschedule(ctx, agenda, order.deadline + 1, id);
  if (step) advance(ctx, id, order, { ...step, deadline });
  else postpone(ctx, id, order, deadline);
  keep(ctx, id, next);
  schedule(ctx, agenda, deadline + 1, id);
}

/** Ends an inspection; the order is up to the caller. */
export function conclude(ctx: Ctx, { id, order, inspection }: Proceeding): void {
  checkPhase(inspection.phase, "over");
  unschedule(ctx, agenda, order.deadline + 1, id);
  storage.Inspections.delete(ctx, id);
}

/** Blocks that inspectors have for their work: more for longer trainings. */
export const inspectionWindow = (ctx: ReadCtx, { spec }: Order): number =>
  Math.max(constants.CommitWindow(ctx), Math.ceil(spec.train_within / constants.InspectionShare));

/** How an order moves from state to state: the one place that stores it, counts it and keeps its deadline. */
import { schedule, unschedule } from "../../runtime/frame/agenda.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { blockNumber } from "../system/index.ts";
import { agenda, errors, storage } from "./schema.ts";
import { checkStep, type LiveState, mayLeave, waits } from "./states.ts";
import type { Order, Statistics } from "./types.ts";

/** An order that is not over; throws `NoOrder`. */
export function liveOrder(ctx: ReadCtx, id: number): Order {
  const order = storage.Orders.get(ctx, id);
  ensure(order !== undefined, errors.NoOrder);
  return order;
}

/** The same, if this can be done to it now; throws `NoOrder`, `WrongState`, `DeadlinePassed`. */
export function orderFor(ctx: ReadCtx, id: number, by: string): Order {
  const order = liveOrder(ctx, id);
  ensure(mayLeave(order.state, by), errors.WrongState);
  ensureInTime(ctx, order);
  return order;
}

/** Throws `DeadlinePassed` once the chain is to settle the order, even if it has not come to it yet. */
export function ensureInTime(ctx: ReadCtx, { deadline }: Order): void {
  ensure(blockNumber(ctx) <= deadline, errors.DeadlinePassed);
}

/** Stores a new order. */
export function enter(ctx: Ctx, id: number, order: Order): void {
  count(ctx, bucketOf[order.state], 1);
  put(ctx, id, order);
}

/** Takes one step of the table; `order` is as stored, `change` holds what is different besides state and deadline. */
export function advance(
  ctx: Ctx,
  id: number,
  order: Order,
  step: { readonly to: LiveState; readonly by: string; readonly deadline: number },
  change: Partial<Order> = {},
): Order {
  checkStep(order.state, step.to, step.by);
  leaveAgenda(ctx, id, order);
  const [from, to] = [bucketOf[order.state], bucketOf[step.to]];
  if (from !== to) {
    count(ctx, from, -1);
    count(ctx, to, 1);
  }
  const next = { ...order, ...change, state: step.to, deadline: step.deadline };
  put(ctx, id, next);
  return next;
}

/** Gives an order in a state that another pallet settles another deadline; that pallet keeps its own agenda. */
export function postpone(ctx: Ctx, id: number, order: Order, deadline: number): Order {
  const next = { ...order, deadline };
  storage.Orders.set(ctx, id, next);
  return next;
}

/** Takes an order out of the market; what is left to do is up to the caller. */
export function leave(ctx: Ctx, id: number, order: Order): void {
  leaveAgenda(ctx, id, order);
  count(ctx, bucketOf[order.state], -1);
  storage.Orders.delete(ctx, id);
}

/** The block in which the chain does something about an order of a state that this pallet settles. */
export const dueBlock = ({ state, deal, deadline }: Order): number =>
  awaitsSeed({ state, deal }) ? deal!.accepted + 1 : deadline + 1;

/** Accepted, and the randomness that fixes its training is still to come. */
export const awaitsSeed = ({ state, deal }: Pick<Order, "state" | "deal">): boolean =>
  state === "Accepted" && deal !== undefined && deal.randomness === undefined;

function put(ctx: Ctx, id: number, order: Order): void {
  storage.Orders.set(ctx, id, order);
  if (waits[order.state].pallet !== "Marketplace") return;
  schedule(ctx, agenda, dueBlock(order), id);
}

function leaveAgenda(ctx: Ctx, id: number, order: Order): void {
  if (waits[order.state].pallet === "Marketplace") unschedule(ctx, agenda, dueBlock(order), id);
}

const bucketOf: Readonly<Record<LiveState, "placed" | "training" | "inspecting">> = {
  Placed: "placed",
  Accepted: "training",
  Training: "training",
  Stopping: "training",
  ProofSubmitted: "inspecting",
  Inspecting: "inspecting",
  Judged: "inspecting",
  Appealed: "inspecting",
};

function count(ctx: Ctx, bucket: "placed" | "training" | "inspecting", change: number): void {
  storage.Totals.mutate(ctx, (totals): Statistics => ({ ...totals, [bucket]: totals[bucket] + change }));
}

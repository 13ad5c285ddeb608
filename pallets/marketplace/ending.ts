/** Ends that need no inspector: a buyer that cancels, a deadline that passes. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { blockNumber } from "../system/index.ts";
import { penalise } from "../trainer-staking/index.ts";
import { returnBids } from "./bidding.ts";
import { close } from "./history.ts";
import { payInspectors } from "./inspectors-pay.ts";
import { advance, orderFor } from "./lifecycle.ts";
import { escrowReason, feeReason, giveBack, orderBondReason } from "./money.ts";
import { millionths } from "./price.ts";
import { constants, errors, events, storage } from "./schema.ts";
import { dealOf, refundAll } from "./settlement.ts";
import { orderTopic, topicsOf } from "./topics.ts";
import type { Order } from "./types.ts";

/** The buyer gives an order up. Once checkpoints are anchored, the trainer may prove them and be paid for them. */
export function cancelOrder(ctx: Ctx, buyer: AccountId, id: number): void {
  const order = orderFor(ctx, id, "cancel_order");
  ensure(equalBytes(order.buyer, buyer), errors.NotBuyer);
  const last = storage.Anchors.get(ctx, id).at(-1);
  if (order.state !== "Training" || last === undefined || last.index === 0) {
    abandon(ctx, id, order, "cancel_order");
    return;
  }
  const { trainer } = dealOf(id, order);
  const deadline = blockNumber(ctx) + constants.StopWindow(ctx);
  advance(ctx, id, order, { to: "Stopping", by: "cancel_order", deadline }, { stopped: true });
  const { index, step } = last;
  events.OrderStopped(
    ctx,
    { order: id, buyer, trainer, index, step, deadline },
    topicsOf(id, buyer, trainer),
  );
}

/** Settles an order whose deadline has passed in a state of this pallet. */
export function passDeadline(ctx: Ctx, id: number, order: Order): void {
  if (order.state === "Stopping") abandon(ctx, id, order, "deadline");
  else if (order.state === "Placed") lapse(ctx, id, order);
  else expireOrder(ctx, id, order, { by: "deadline", inspectors: [] });
}

/** The trainer did not deliver: the buyer gets everything back and a tenth of the bond, and inspectors their fee. */
export function expireOrder(
  ctx: Ctx,
  id: number,
  order: Order,
  { by, inspectors }: { readonly by: "deadline" | "verdict"; readonly inspectors: readonly AccountId[] },
): void {
  const { trainer, bond } = dealOf(id, order);
  const { buyer, state, spec } = order;
  const inspection = payInspectors(ctx, id, order, inspectors);
  const refunded =
    giveBack(ctx, escrowReason, buyer, order.price) +
    giveBack(ctx, feeReason, buyer, spec.inspection_fee - inspection);
  const penalty = millionths(constants.LatePenalty, bond);
  penalise(ctx, {
    trainer,
    from: orderBondReason,
    amount: penalty,
    reason: "DeadlineMissed",
    subject: { type: "Order", value: id },
    evidence: orderTopic(id),
    to: [[buyer, penalty]],
  });
  giveBack(ctx, orderBondReason, trainer, bond - penalty);
  close(ctx, id, order, { outcome: "Expired", by }, { inspected: inspection });
  events.OrderExpired(
    ctx,
    { order: id, buyer, trainer, state, inspection, refunded, penalty },
    topicsOf(id, buyer, trainer),
  );
}

/** Nobody was bound in time. */
function lapse(ctx: Ctx, id: number, order: Order): void {
  const { buyer, state } = order;
  const refunded = refundAll(ctx, order);
  returnBids(ctx, id);
  close(ctx, id, order, { outcome: "Expired", by: "deadline" });
  events.OrderExpired(
    ctx,
    { order: id, buyer, trainer: undefined, state, inspection: 0n, refunded, penalty: 0n },
    topicsOf(id, buyer),
  );
}

/** Everything returns to whose it was. */
function abandon(ctx: Ctx, id: number, order: Order, by: string): void {
  const { buyer, deal } = order;
  const refunded = refundAll(ctx, order);
  if (deal) giveBack(ctx, orderBondReason, deal.trainer, deal.bond);
  returnBids(ctx, id);
  close(ctx, id, order, { outcome: "Cancelled", by });
  events.OrderCanceled(
    ctx,
    { order: id, buyer, trainer: deal?.trainer, paid: 0n, burned: 0n, inspection: 0n, refunded, work: 0n },
    topicsOf(id, buyer, deal?.trainer),
  );
}

import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { feeReason, payFrom } from "./money.ts";
import { events } from "./schema.ts";
import { topicsOf } from "./topics.ts";
import type { Order } from "./types.ts";

/**
 * Divides an order's inspection fee among those who earned it: each at most the share of a full panel. Returns how much
 * was paid in all; the rest is still on hold.
 */
export function payInspectors(ctx: Ctx, id: number, order: Order, inspectors: readonly AccountId[]): bigint {
  const { inspection_fee, inspectors: seats } = order.spec;
  const share = inspection_fee / BigInt(Math.max(seats, inspectors.length));
  let paid = 0n;
  for (const inspector of inspectors) {
    const amount = payFrom(ctx, feeReason, order.buyer, inspector, share);
    paid += share;
    events.InspectionPaid(ctx, { order: id, inspector, source: "Fee", amount }, topicsOf(id, inspector));
  }
  return paid;
}

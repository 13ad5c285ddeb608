/** Placing an order, and taking it back before anybody is bound. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hold } from "../balances/index.ts";
import { ownerOf } from "../machines/index.ts";
import { blockNumber } from "../system/index.ts";
import { faultsOf, misfitsOf, originOf, refuseFor } from "./feasibility.ts";
import { close } from "./history.ts";
import { enter, orderFor } from "./lifecycle.ts";
import { escrowReason, feeReason, giveBack } from "./money.ts";
import { priceOf, uutOf } from "./price.ts";
import { errors, events, storage } from "./schema.ts";
import { topicsOf } from "./topics.ts";
import type { OrderSpec } from "./types.ts";

const maxOrders = 2 ** 32 - 1;

/** Holds what the order may cost at most, and opens it to the machine's owner or to bids. */
export function placeOrder(ctx: Ctx, buyer: AccountId, spec: OrderSpec): void {
  refuseFor(faultsOf(ctx, spec, buyer));
  let price = spec.price_limit;
  let trainer: AccountId | undefined;
  if (spec.machine !== undefined) {
    const offer = storage.Offers.get(ctx, spec.machine);
    refuseFor(misfitsOf(ctx, spec, spec.machine, offer, buyer));
    price = priceOf(uutOf(spec.flop), offer!.terms.price_per_ut);
    ({ trainer } = offer!);
  }
  const id = storage.NextOrder.get(ctx);
  ensure(id < maxOrders, errors.TooManyOrders);
  storage.NextOrder.set(ctx, id + 1);
  hold(ctx, escrowReason, buyer, price);
  hold(ctx, feeReason, buyer, spec.inspection_fee);
  const placed = blockNumber(ctx);
  const deadline = placed + spec.accept_within;
  enter(ctx, id, {
    buyer,
    spec,
    state: "Placed",
    deadline,
    price,
    placed,
    origin: spec.continues === undefined ? undefined : originOf(ctx, spec.continues, buyer),
    deal: undefined,
    stopped: false,
  });
  events.OrderPlaced(ctx, { order: id, buyer, spec, price, trainer, deadline }, topicsOf(id, buyer, trainer));
}

/** The owner of the machine that an order names does not want it. */
export function declineOrder(ctx: Ctx, trainer: AccountId, id: number): void {
  const order = orderFor(ctx, id, "decline_order");
  const { buyer, spec } = order;
  ensure(spec.machine !== undefined, errors.NotDirect);
  const owner = ownerOf(ctx, spec.machine);
  ensure(owner !== undefined && equalBytes(owner, trainer), errors.NotTrainer);
  const refunded =
    giveBack(ctx, escrowReason, buyer, order.price) + giveBack(ctx, feeReason, buyer, spec.inspection_fee);
  close(ctx, id, order, { outcome: "Declined", by: "decline_order" });
  events.OrderDeclined(ctx, { order: id, buyer, trainer, refunded }, topicsOf(id, buyer, trainer));
}

/** Bids for open orders. A bid binds: its bond is on hold until it is taken, replaced or withdrawn. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hold } from "../balances/index.ts";
import { bind } from "./binding.ts";
import { refuseFor, unfitness } from "./feasibility.ts";
import { liveOrder, orderFor } from "./lifecycle.ts";
import { escrowReason, giveBack, orderBondReason } from "./money.ts";
import { orderBond, segmentsOf } from "./price.ts";
import { constants, errors, events, storage } from "./schema.ts";
import { topicsOf } from "./topics.ts";
import type { Bid } from "./types.ts";

/** Offers to do an open order with a machine of the bidder's; replaces its earlier bid. */
export function placeBid(ctx: Ctx, trainer: AccountId, id: number, price: bigint, machine: Uint8Array): void {
  const order = orderFor(ctx, id, "take_bid");
  ensure(order.spec.machine === undefined, errors.NotOpen);
  ensure(price <= order.price, errors.PriceAboveLimit);
  ensure(price >= constants.MinPrice, errors.PriceTooLow);
  refuseFor(unfitness(ctx, order.spec, machine, trainer, order.buyer));
  let bids = storage.Bids.get(ctx, id);
  const earlier = bids.find((bid) => equalBytes(bid.trainer, trainer));
  const dropped = earlier ?? (bids.length < constants.MaxBids ? undefined : dearest(bids));
  ensure(earlier !== undefined || dropped === undefined || price < dropped.price, errors.TooManyBids);
  if (dropped) {
    bids = bids.filter((bid) => bid !== dropped);
    returnBond(ctx, id, dropped);
  }
  const bond = orderBond(price, segmentsOf(order.spec));
  hold(ctx, orderBondReason, trainer, bond);
  storage.Bids.set(ctx, id, [...bids, { trainer, machine, price, bond }]);
  events.BidPlaced(ctx, { order: id, trainer, machine, price, bond }, topicsOf(id, trainer, order.buyer));
}

/** Takes a standing bid back. */
export function withdrawBid(ctx: Ctx, trainer: AccountId, id: number): void {
  liveOrder(ctx, id);
  const bids = storage.Bids.get(ctx, id);
  const found = bids.find((bid) => equalBytes(bid.trainer, trainer));
  ensure(found !== undefined, errors.NoBid);
  storage.Bids.set(
    ctx,
    id,
    bids.filter((bid) => bid !== found),
  );
  returnBond(ctx, id, found);
}

/** The buyer takes a bid, by which both are bound; the other bids' bonds return. */
export function takeBid(ctx: Ctx, buyer: AccountId, id: number, trainer: AccountId): void {
  const order = orderFor(ctx, id, "take_bid");
  ensure(equalBytes(order.buyer, buyer), errors.NotBuyer);
  const taken = storage.Bids.get(ctx, id).find((bid) => equalBytes(bid.trainer, trainer));
  ensure(taken !== undefined, errors.NoBid);
  refuseFor(unfitness(ctx, order.spec, taken.machine, trainer, buyer));
  returnBids(ctx, id, taken);
  const refunded = giveBack(ctx, escrowReason, buyer, order.price - taken.price);
  bind(ctx, id, order, { ...taken, refunded }, "take_bid");
}

/** Returns the bonds of all bids for an order that is no longer open, but for the one that was taken. */
export function returnBids(ctx: Ctx, id: number, taken?: Bid): void {
  for (const bid of storage.Bids.take(ctx, id)) {
    if (taken === undefined || !equalBytes(bid.trainer, taken.trainer)) returnBond(ctx, id, bid);
  }
}

function returnBond(ctx: Ctx, order: number, { trainer, bond }: Bid): void {
  giveBack(ctx, orderBondReason, trainer, bond);
  events.BidWithdrawn(ctx, { order, trainer, bond }, topicsOf(order, trainer));
}

const dearest = (bids: readonly Bid[]): Bid =>
  bids.reduce((most, bid) => (bid.price > most.price ? bid : most));

import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { machineId } from "../machines/index.ts";
import { placeBid, takeBid, withdrawBid } from "./bidding.ts";
import { acceptOrder } from "./binding.ts";
import { cancelOrder } from "./ending.ts";
import { cancelOffer, makeOffer } from "./offers.ts";
import { declineOrder, placeOrder } from "./placing.ts";
import { orderSpec, terms } from "./types.ts";
import * as weights from "./weights.ts";

const order = alias(u32, "OrderId");
const trainer = alias(accountId, "T::AccountId");
const price = alias(u128, "BalanceOf<T>");

export const calls = {
  make_offer: call(
    0,
    { machine: machineId, terms },
    (ctx, { machine, terms }) => makeOffer(ctx, signer(ctx), machine, terms),
    { weight: weights.makeOffer, docs: "Puts a machine up for hire, or changes its terms." },
  ),
  cancel_offer: call(
    1,
    { machine: machineId },
    (ctx, { machine }) => cancelOffer(ctx, signer(ctx), machine),
    { weight: weights.cancelOffer, docs: "Takes a machine off the market; orders already placed stay." },
  ),
  place_order: call(2, { spec: orderSpec }, (ctx, { spec }) => placeOrder(ctx, signer(ctx), spec), {
    weight: weights.placeOrder,
    docs: "Orders a training from a machine on offer, or opens it to bids. Price and inspection fee go on hold.",
  }),
  bid: call(
    3,
    { order, price, machine: machineId },
    (ctx, { order, price, machine }) => placeBid(ctx, signer(ctx), order, price, machine),
    { weight: weights.bid, docs: "Offers to do an open order with a machine; the order bond goes on hold." },
  ),
  take_bid: call(
    4,
    { order, trainer },
    (ctx, { order, trainer }) => takeBid(ctx, signer(ctx), order, trainer),
    { weight: weights.takeBid, docs: "Takes a bid, by which buyer and trainer are bound." },
  ),
  accept_order: call(5, { order }, (ctx, { order }) => acceptOrder(ctx, signer(ctx), order), {
    weight: weights.acceptOrder,
    docs: "Accepts an order that names a machine of the caller's; the order bond goes on hold.",
  }),
  decline_order: call(6, { order }, (ctx, { order }) => declineOrder(ctx, signer(ctx), order), {
    weight: weights.declineOrder,
    docs: "Declines an order that names a machine of the caller's; the buyer gets everything back.",
  }),
  cancel_order: call(7, { order }, (ctx, { order }) => cancelOrder(ctx, signer(ctx), order), {
    weight: weights.cancelOrder,
    docs: "Gives an order up. Checkpoints that are anchored already may be proved and are paid.",
  }),
  withdraw_bid: call(8, { order }, (ctx, { order }) => withdrawBid(ctx, signer(ctx), order), {
    weight: weights.withdrawBid,
    docs: "Takes a standing bid back; its bond is free again.",
  }),
};

/** What clients read of the market, in pages. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { machineId } from "../machines/index.ts";
import { storage } from "./schema.ts";
import { anchor, bid, ended, offer, order, record } from "./types.ts";

/** An order, or what is kept of one that is over. */
export const orderInfo = struct("pallet_marketplace::OrderInfo", {
  id: u32,
  order: option(order),
  bids: vec(bid),
  anchors: vec(anchor),
  ended: option(ended),
});

export const openOrder = struct("pallet_marketplace::OpenOrder", { id: u32, order, bids: vec(bid) });

export const offerInfo = struct("pallet_marketplace::OfferInfo", {
  machine: machineId,
  offer,
  history: record,
});

/** All that is known of an order; undefined of one that never was or is forgotten. */
export function orderInfoOf(ctx: ReadCtx, id: number): Value<typeof orderInfo> | undefined {
  const order = storage.Orders.get(ctx, id);
  const ended = storage.Ended.get(ctx, id);
  if (order === undefined && ended === undefined) return undefined;
  return { id, order, bids: storage.Bids.get(ctx, id), anchors: storage.Anchors.get(ctx, id), ended };
}

/** At most `count` orders in the state Placed after the first `start`. */
export function openOrders(ctx: ReadCtx, start: number, count: number): Value<typeof openOrder>[] {
  const page: Value<typeof openOrder>[] = [];
  let position = 0;
  for (const [id, order] of storage.Orders.iterate(ctx)) {
    if (page.length >= count) break;
    if (order.state === "Placed" && position++ >= start) {
      page.push({ id, order, bids: storage.Bids.get(ctx, id) });
    }
  }
  return page;
}

/** At most `count` offers after the first `start`. */
export function offersFrom(ctx: ReadCtx, start: number, count: number): Value<typeof offerInfo>[] {
  const page: Value<typeof offerInfo>[] = [];
  let position = 0;
  for (const [machine, offer] of storage.Offers.iterate(ctx)) {
    if (page.length >= count) break;
    if (position++ >= start) page.push({ machine, offer, history: storage.MachineRecords.get(ctx, machine) });
  }
  return page;
}

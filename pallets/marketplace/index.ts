/**
 * The market: trainings that are offered, ordered, bid for, accepted, and how each order ends. Buyers' money and
 * trainers' bonds are holds; every state has a deadline, which the chain settles by itself. `ProofOfTraining` moves
 * orders on from acceptance to the verdict.
 */
import { runDue } from "../../runtime/frame/agenda.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, mulWeight } from "../../runtime/primitives/weight.ts";
import { drawSeed } from "./binding.ts";
import { calls } from "./calls.ts";
import { passDeadline } from "./ending.ts";
import { agenda, constants, declaration, events, storage } from "./schema.ts";
import { orderTopic } from "./topics.ts";
import { nothingDue, oneDue } from "./weights.ts";

export { jobSeed, silenceOf } from "./binding.ts";
export { expireOrder } from "./ending.ts";
export { advance, dueBlock, ensureInTime, liveOrder, orderFor, postpone } from "./lifecycle.ts";
export { burnOnHold, escrowReason, feeReason, giveBack, orderBondReason } from "./money.ts";
export { segmentsOf, workPrice } from "./price.ts";
export { type Quote, quote, quoteCodec } from "./quote.ts";
export {
  offerInfo,
  offersFrom,
  openOrder,
  openOrders,
  orderInfo,
  orderInfoOf,
} from "./reading.ts";
export { constants, errors, events, storage } from "./schema.ts";
export { completeOrder, dealOf, faultOrder, leaveOpen, rejectOrder } from "./settlement.ts";
export { type LiveState, liveStates, type Outcome, outcomes, transitions, waits } from "./states.ts";
export { defaultThresholds, type Thresholds, thresholds } from "./thresholds.ts";
export { orderTopic, topicsOf } from "./topics.ts";
export {
  type Anchor,
  type Deal,
  ended,
  type KeyPurpose,
  keyEnvelope,
  keyPurpose,
  type Order,
  type OrderSpec,
  order,
  orderSpec,
  record,
  statistics,
  type Terms,
  uri,
} from "./types.ts";

export const marketplace = pallet(declaration, {
  calls,
  genesis: genesis(
    { minSilence: u32, stopWindow: u32, historyKept: u32 },
    { minSilence: 100, stopWindow: 600, historyKept: 201_600 },
    (ctx, { minSilence, stopWindow, historyKept }) => {
      constants.MinSilence.set(ctx, minSilence);
      constants.StopWindow.set(ctx, stopWindow);
      constants.HistoryKept.set(ctx, historyKept);
    },
  ),
  onInitialize(ctx, block) {
    const due = runDue(ctx, agenda, block, constants.MaxDuePerBlock, (id) => settle(ctx, id));
    return addWeight(nothingDue, mulWeight(oneDue, BigInt(due)));
  },
});

function settle(ctx: Ctx, id: number): void {
  const order = storage.Orders.get(ctx, id);
  if (order === undefined) {
    storage.Ended.delete(ctx, id);
    events.OrderForgotten(ctx, { order: id }, [orderTopic(id)]);
  } else if (order.state === "Accepted" && order.deal?.randomness === undefined) drawSeed(ctx, id, order);
  else passDeadline(ctx, id, order);
}

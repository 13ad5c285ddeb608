import {
  offerInfo,
  offersFrom,
  openOrder,
  openOrders,
  orderInfo,
  orderInfoOf,
  orderSpec,
  quote,
  quoteCodec,
  record,
  statistics,
  storage,
} from "../../pallets/marketplace/index.ts";
import { inspection, storage as proofOfTraining } from "../../pallets/proof-of-training/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { accountId } from "../primitives/account.ts";
import { vec } from "../primitives/codec-list.ts";
import { u32 } from "../primitives/codec-number.ts";
import { struct } from "../primitives/codec-struct.ts";
import { option } from "../primitives/codec-tagged.ts";

/** So many entries are answered at once. */
const maxCount = 100;

/** All that the chain knows of an order. */
export const orderDetails = struct("matrixai_runtime::OrderDetails", {
  info: orderInfo,
  inspection: option(inspection),
});

const page = { start: u32, count: u32 };

export const marketplaceApi = runtimeApi(
  "MarketplaceApi",
  apiVersionOf.MarketplaceApi,
  "What trainings cost, who offers them, and how orders stand.",
  {
    quote: method(
      "What an order would cost at most, who could do it in what time, or why it cannot be.",
      { spec: orderSpec },
      quoteCodec,
      (ctx, { spec }) => quote(ctx, spec),
    ),
    order: method(
      "An order with its bids, anchors and inspection; of one that is over, what is kept of it; none if forgotten.",
      { id: u32 },
      option(orderDetails),
      (ctx, { id }) => {
        const info = orderInfoOf(ctx, id);
        return info && { info, inspection: proofOfTraining.Inspections.get(ctx, id) };
      },
    ),
    open_orders: method(
      `At most \`count\` orders that wait for a trainer, and at most ${maxCount}, after the first \`start\`, in the order of their storage keys.`,
      page,
      vec(openOrder),
      (ctx, { start, count }) => openOrders(ctx, start, Math.min(count, maxCount)),
    ),
    offers: method(
      `At most \`count\` offers, and at most ${maxCount}, after the first \`start\`, in the order of their storage keys.`,
      page,
      vec(offerInfo),
      (ctx, { start, count }) => offersFrom(ctx, start, Math.min(count, maxCount)),
    ),
    statistics: method("Sums over the market.", {}, statistics, (ctx) => storage.Totals.get(ctx)),
    history: method("How the orders of a trainer went.", { trainer: accountId }, record, (ctx, { trainer }) =>
      storage.TrainerRecords.get(ctx, trainer),
    ),
  },
);

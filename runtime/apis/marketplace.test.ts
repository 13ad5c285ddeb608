import { expect, test } from "vitest";
import {
  type OrderSpec,
  offerInfo,
  openOrder,
  orderSpec,
  quoteCodec,
  record,
  statistics,
} from "../../pallets/marketplace/index.ts";
import {
  buyer,
  machine,
  market,
  marketCall,
  ok,
  place,
  placeDirect,
  prove,
  spec,
  terms,
  trainer,
} from "../../pallets/marketplace/testing/market.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import { callApi } from "../apis.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Codec, decode, encode } from "../primitives/codec.ts";
import { vec } from "../primitives/codec-list.ts";
import { u32 } from "../primitives/codec-number.ts";
import { option } from "../primitives/codec-tagged.ts";
import type { Overlay } from "../primitives/overlay.ts";
import { orderDetails } from "./marketplace.ts";

const chain = market();
/** Answers of the chain's own runtime from the test market's state. */
const ask = <T>(name: string, output: Codec<T>, ...args: readonly Uint8Array[]): T =>
  decode(output, callApi(chain.ctx.storage as Overlay, `MarketplaceApi_${name}`, concatBytes(...args)));
const page = (start: number, count: number) => [encode(u32, start), encode(u32, count)];
const order = (id: number) => ask("order", option(orderDetails), encode(u32, id));
const quote = (wanted: OrderSpec) => ask("quote", quoteCodec, encode(orderSpec, wanted));

test("clients are told what a training would cost, and how orders and offers stand", () => {
  expect(quote(spec).candidates).toEqual([]);
  const direct = placeDirect(chain);
  const [candidate] = quote(spec).candidates;
  expect(candidate).toMatchObject({
    machine: machine(0),
    trainer: trainer(0),
    price: 100n * MAI,
    refusals: [],
  });
  expect(ask("offers", vec(offerInfo), ...page(0, 10))).toMatchObject([
    { machine: machine(0), offer: { trainer: trainer(0), terms }, history: { accepted: 0 } },
  ]);
  const open = place(chain);
  ok(chain, trainer(1), marketCall("bid", { order: open, price: 90n * MAI, machine: machine(1) }));
  const found = ask("open_orders", vec(openOrder), ...page(0, 10));
  expect(found.map(({ id, bids }) => [id, bids.length])).toEqual(
    expect.arrayContaining([
      [direct, 0],
      [open, 1],
    ]),
  );
  expect(ask("open_orders", vec(openOrder), ...page(1, 10))).toHaveLength(1);
  expect(ask("open_orders", vec(openOrder), ...page(2, 10))).toEqual([]);
  expect(order(open)).toMatchObject({
    info: { id: open, order: { buyer, state: "Placed" } },
    inspection: undefined,
  });
  expect(order(2 ** 32 - 1)).toBeUndefined();
  ok(chain, buyer, marketCall("cancel_order", { order: open }));
  expect(order(open)).toMatchObject({ info: { order: undefined, ended: { outcome: "Cancelled" } } });
  const proved = prove(chain);
  expect(order(proved)).toMatchObject({
    info: { order: { state: "Inspecting" }, anchors: { length: 13 } },
    inspection: { phase: "Committing", seats: { length: 3 } },
  });
  expect(ask("history", record, trainer(0))).toMatchObject({ accepted: 1 });
  // The order placed first has run out meanwhile or still waits.
  expect(ask("statistics", statistics)).toMatchObject({ inspecting: 1, cancelled: 1 });
});

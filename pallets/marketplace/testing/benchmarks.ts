import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { adopt, type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import type { TestChain } from "../../../runtime/frame/testing/expectations.ts";
import { constants as poh, storage as pohStorage } from "../../poh/index.ts";
import { MAI } from "../../testing/chain.ts";
import { constants, marketplace, storage } from "../index.ts";
import {
  acceptDirect,
  buyer,
  machine,
  market,
  marketCall,
  ok,
  place,
  placeDirect,
  terms,
  trainer,
} from "./market.ts";

/** Fills the list of authorities; those of the test's market outweigh the rest, so that they are drawn. */
export function crowd(ctx: Ctx): void {
  pohStorage.Authorities.mutate(ctx, (list) => {
    const real = list.map((entry) => ({ ...entry, weight: 1n << 60n }));
    const rest = Array.from({ length: poh.MaxAuthorities - real.length }, (_, i) => {
      const who = new Uint8Array(32)
        .fill(i % 256)
        .fill(i >> 8, 16)
        .fill(0xee, 30);
      return { trainer: who, key: who, weight: 1n };
    });
    return [...real, ...rest];
  });
}

/** An order with as many bids as there may be, less those left free; its uris are as long as can be. */
function orderWithBids(chain: TestChain, free = 0): number {
  const order = place(chain, { manifest_uri: new Uint8Array(512) });
  for (let i = 0; i < constants.MaxBids - free; i++) ok(chain, trainer(i), bidOf(order, i));
  return order;
}

const bidOf = (order: number, i: number): AnyCall =>
  marketCall("bid", { order, price: 100n * MAI, machine: machine(i) });

/** A benchmark of a call on a market of twenty trainers, within a full list of authorities. */
function measured(weight: string, who: Uint8Array, call: (chain: TestChain) => AnyCall): Benchmark {
  return {
    weight,
    prepare(ctx) {
      const chain = market(20);
      crowd(chain.ctx);
      const made = call(chain);
      adopt(ctx, chain);
      return dispatching(made, signedOrigin(who));
    },
  };
}

const long = { manifest_uri: new Uint8Array(512) };

export const benchmarks: readonly Benchmark[] = [
  measured("makeOffer", trainer(0), () => marketCall("make_offer", { machine: machine(0), terms })),
  measured("cancelOffer", trainer(0), (chain) => {
    ok(chain, trainer(0), marketCall("make_offer", { machine: machine(0), terms }));
    return marketCall("cancel_offer", { machine: machine(0) });
  }),
  measured("placeOrder", buyer, (chain) => {
    placeDirect(chain, long);
    const spec = storage.Orders.get(chain.ctx, 0)!.spec;
    return marketCall("place_order", { spec });
  }),
  measured("bid", trainer(9), (chain) => bidOf(orderWithBids(chain, 1), 9)),
  measured("withdrawBid", trainer(0), (chain) => marketCall("withdraw_bid", { order: orderWithBids(chain) })),
  measured("takeBid", buyer, (chain) =>
    marketCall("take_bid", { order: orderWithBids(chain), trainer: trainer(0) }),
  ),
  measured("acceptOrder", trainer(0), (chain) =>
    marketCall("accept_order", { order: placeDirect(chain, long) }),
  ),
  measured("declineOrder", trainer(0), (chain) =>
    marketCall("decline_order", { order: placeDirect(chain, long) }),
  ),
  measured("cancelOrder", buyer, (chain) => marketCall("cancel_order", { order: orderWithBids(chain) })),
  {
    weight: "nothingDue",
    prepare(ctx) {
      const chain = market(9);
      acceptDirect(chain);
      adopt(ctx, chain);
      return (run) => void marketplace.onInitialize?.(run, 3);
    },
  },
  {
    weight: "oneDue",
    items: 8,
    // Orders that nobody's bid was taken for.
    prepare(ctx, items) {
      const chain = market(20);
      for (let i = 0; i < items; i++) orderWithBids(chain);
      const due = items === 0 ? 2 : storage.Orders.get(chain.ctx, 0)!.deadline + 1;
      storage.AgendaSince.set(chain.ctx, due);
      adopt(ctx, chain);
      return (run) => void marketplace.onInitialize?.(run, due);
    },
  },
];

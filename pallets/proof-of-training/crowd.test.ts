import { expect, test } from "vitest";
import { constants as market, storage as orders } from "../marketplace/index.ts";
import { assertMarket } from "../marketplace/testing/invariants.ts";
import {
  machine,
  marketCall,
  market as marketOf,
  nextBlock,
  ok,
  place,
  potCall,
  terms,
  trainer,
} from "../marketplace/testing/market.ts";
import { constants, storage } from "./index.ts";
import { assertInspections } from "./testing/invariants.ts";

const many = 60;

test("more proofs at once than a block has room for wait their turn", () => {
  const chain = marketOf(12);
  const { ctx } = chain;
  const small = { price_limit: market.MinPrice, flop: 432_000n, machine: machine(0), inspectors: 1 };
  ok(
    chain,
    trainer(0),
    marketCall("make_offer", {
      machine: machine(0),
      terms: { ...terms, price_per_ut: market.MinPrice * 1_000_000n },
    }),
  );
  const ids = Array.from({ length: many }, () => place(chain, small));
  for (const order of ids) ok(chain, trainer(0), marketCall("accept_order", { order }));
  nextBlock(chain);
  const fault = { type: "Fault", value: "BadManifest" };
  for (const order of ids) ok(chain, trainer(0), potCall("submit_proof", { order, package: fault }));
  nextBlock(chain);
  const drawn = () => ids.filter((id) => storage.Inspections.get(ctx, id)!.phase === "Committing").length;
  for (const expected of [25, 50, 60]) {
    nextBlock(chain);
    expect(drawn()).toBe(expected);
    assertInspections(ctx);
  }
  expect(constants.MaxDuePerBlock).toBe(25);
  // Each has its whole time from the draw on, however late that came.
  const deadlines = ids.map((id) => orders.Orders.get(ctx, id)!.deadline);
  expect(Math.max(...deadlines) - Math.min(...deadlines)).toBe(2);
  assertMarket(ctx);
});

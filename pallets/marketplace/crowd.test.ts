import { expect, test } from "vitest";
import { freeBalance, hold } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { clearEvents } from "../testing/chain.ts";
import { constants, storage } from "./index.ts";
import { assertMarket } from "./testing/invariants.ts";
import { buyer, endowment, market, marketCall, nextBlock, noop, ok, place, spec } from "./testing/market.ts";

const many = 10_000;

test("ten thousand orders that expire in one block are settled in portions, and each to the unit", () => {
  const chain = market();
  const { ctx } = chain;
  const first = place(chain, { price_limit: constants.MinPrice, accept_within: 5 });
  // Placing so many through calls is what takes the time, so they are copies of one.
  const order = storage.Orders.get(ctx, first)!;
  const template = { ...order, price: constants.MinPrice };
  for (let id = first + 1; id < first + many; id++) {
    storage.Orders.set(ctx, id, template);
    storage.Agenda.set(ctx, order.deadline + 1, id, true);
  }
  storage.NextOrder.set(ctx, first + many);
  storage.Totals.mutate(ctx, (totals) => ({ ...totals, placed: many }));
  fund(many - 1);
  assertMarket(ctx);
  for (let block = 0; block < 5; block++) nextBlock(chain);
  expect(storage.Totals.get(ctx).placed).toBe(many);
  for (let portion = 1; portion <= many / constants.MaxDuePerBlock; portion++) {
    clearEvents(ctx);
    nextBlock(chain);
    expect(storage.Totals.get(ctx).placed).toBe(many - portion * constants.MaxDuePerBlock);
    if (portion > 1) continue;
    // What waits to be settled cannot be acted on.
    const left = storage.Orders.keys(ctx).next().value![0];
    noop(chain, buyer, marketCall("cancel_order", { order: left }), "Marketplace.DeadlinePassed");
    // And others go on as if nothing were.
    const other = place(chain, { accept_within: 1_000 });
    ok(chain, buyer, marketCall("cancel_order", { order: other }));
  }
  expect(storage.AgendaSince.get(ctx)).toBe(blockNumber(ctx) + 1);
  expect(freeBalance(ctx, buyer)).toBe(endowment);
  assertMarket(ctx);

  /** Holds what the copied orders say is held. */
  function fund(count: number): void {
    const holds = [
      ["Escrow", constants.MinPrice],
      ["InspectionFee", spec.inspection_fee],
    ] as const;
    for (const [reason, amount] of holds) {
      hold(ctx, { type: "Marketplace", value: reason }, buyer, amount * BigInt(count));
    }
  }
});

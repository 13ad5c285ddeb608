import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { type Reason, sameReason } from "../../../runtime/frame/reason.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as balances } from "../../balances/index.ts";
import { storage as machines } from "../../machines/index.ts";
import { assertIssuance } from "../../testing/chain.ts";
import { dueBlock, escrowReason, feeReason, orderBondReason, outcomes, storage, waits } from "../index.ts";

/** Sums by account. */
export class Ledger {
  readonly sums = new Map<string, bigint>();

  add(who: Uint8Array, amount: bigint): void {
    if (amount > 0n) this.sums.set(toHex(who), (this.sums.get(toHex(who)) ?? 0n) + amount);
  }
}

/** What all accounts have on hold for a reason. */
export function heldFor(ctx: Ctx, reason: Reason): Map<string, bigint> {
  const held = new Ledger();
  for (const [who, holds] of balances.Holds.iterate(ctx)) {
    for (const { id, amount } of holds) if (sameReason(id, reason)) held.add(who, amount);
  }
  return held.sums;
}

/**
 * What must hold after every block: to the unit, the market holds what its orders and bids say; every order has one
 * deadline; machines are bound as often as they work; the totals are those of the orders.
 */
export function assertMarket(ctx: Ctx): void {
  assertIssuance(ctx);
  const [escrow, fees, bonds] = [new Ledger(), new Ledger(), new Ledger()];
  const engaged = new Map<string, number>();
  const wanted = new Set<string>();
  const counts = { placed: 0, training: 0, inspecting: 0 };
  for (const [id, order] of storage.Orders.iterate(ctx)) {
    escrow.add(order.buyer, order.price);
    fees.add(order.buyer, order.spec.inspection_fee);
    expect(id).toBeLessThan(storage.NextOrder.get(ctx));
    expect(
      (order.deal === undefined) === (order.state === "Placed"),
      "only a placed order has no trainer",
    ).toBe(true);
    if (order.deal) {
      bonds.add(order.deal.trainer, order.deal.bond);
      const name = toHex(order.deal.machine);
      engaged.set(name, (engaged.get(name) ?? 0) + 1);
    }
    if (waits[order.state].pallet === "Marketplace") wanted.add(`${dueBlock(order)} ${id}`);
    if (order.state === "Placed") counts.placed++;
    else if (["Accepted", "Training", "Stopping"].includes(order.state)) counts.training++;
    else counts.inspecting++;
  }
  for (const [id, bids] of storage.Bids.iterate(ctx)) {
    expect(storage.Orders.get(ctx, id)?.state, "only placed orders have bids").toBe("Placed");
    for (const { trainer, bond } of bids) bonds.add(trainer, bond);
  }
  for (const [id, { until }] of storage.Ended.iterate(ctx)) {
    expect(storage.Orders.exists(ctx, id), "an ended order is no live one").toBe(false);
    wanted.add(`${until} ${id}`);
  }
  const agenda = new Set([...storage.Agenda.keys(ctx)].map(([block, id]) => `${block} ${id}`));
  expect(agenda, "each order once on the agenda").toEqual(wanted);
  for (const [block] of storage.Agenda.keys(ctx)) {
    expect(block).toBeGreaterThanOrEqual(storage.AgendaSince.get(ctx) ?? 0);
  }
  for (const [id] of storage.ReleasedKeys.keys(ctx)) {
    expect(storage.Orders.get(ctx, id)?.deal, "only bound orders have keys").toBeDefined();
  }
  for (const [id] of storage.Anchors.keys(ctx)) {
    expect(storage.Orders.exists(ctx, id), "only live orders have anchors").toBe(true);
  }
  expect(heldFor(ctx, escrowReason), "prices").toEqual(escrow.sums);
  expect(heldFor(ctx, feeReason), "inspection fees").toEqual(fees.sums);
  expect(heldFor(ctx, orderBondReason), "order bonds").toEqual(bonds.sums);
  for (const [id, { engagements }] of machines.Machines.iterate(ctx)) {
    expect(engagements, "engagements").toBe(engaged.get(toHex(id)) ?? 0);
  }
  const totals = storage.Totals.get(ctx);
  expect(totals).toMatchObject(counts);
  const over = outcomes.reduce(
    (sum, name) => sum + Number(totals[name.toLowerCase() as keyof typeof totals]),
    0,
  );
  expect(over + counts.placed + counts.training + counts.inspecting).toBe(storage.NextOrder.get(ctx));
}

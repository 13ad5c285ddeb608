import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as marketplace, waits } from "../../marketplace/index.ts";
import { heldFor, Ledger } from "../../marketplace/testing/invariants.ts";
import { appealBondReason, inspectionBondReason, storage } from "../index.ts";

/**
 * What must hold after every block: each order under inspection has its inspection and one deadline, inspectors and
 * appellants hold what it says, and nobody has two seats or one in an order of its own.
 */
export function assertInspections(ctx: Ctx): void {
  const [bonds, appeals] = [new Ledger(), new Ledger()];
  const wanted = new Set<string>();
  for (const [id, inspection] of storage.Inspections.iterate(ctx)) {
    const order = marketplace.Orders.get(ctx, id);
    expect(order && waits[order.state].pallet, "an inspection has its order").toBe("ProofOfTraining");
    wanted.add(`${order!.deadline + 1} ${id}`);
    for (const { inspector } of inspection.seats) bonds.add(inspector, inspection.bond);
    if (inspection.appeal) appeals.add(inspection.appeal.appellant, inspection.appeal.bond);
    const seated = inspection.seats.map(({ inspector }) => toHex(inspector));
    expect(new Set(seated).size, "one seat each").toBe(seated.length);
    expect(seated).not.toContain(toHex(order!.buyer));
    expect(seated).not.toContain(toHex(order!.deal!.trainer));
    for (const round of [0, 1, 2]) {
      const seats = inspection.seats.filter((seat) => seat.round === round).length;
      expect(seats === 0 || seats % 2 === 1, "an odd panel").toBe(true);
    }
  }
  for (const [id, { state }] of marketplace.Orders.iterate(ctx)) {
    expect(storage.Inspections.exists(ctx, id)).toBe(waits[state].pallet === "ProofOfTraining");
  }
  const agenda = new Set([...storage.Agenda.keys(ctx)].map(([block, id]) => `${block} ${id}`));
  expect(agenda, "each inspection once on the agenda").toEqual(wanted);
  expect(heldFor(ctx, inspectionBondReason), "inspection bonds").toEqual(bonds.sums);
  expect(heldFor(ctx, appealBondReason), "appeal bonds").toEqual(appeals.sums);
}

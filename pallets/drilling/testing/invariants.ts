import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { type Reason, sameReason } from "../../../runtime/frame/reason.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as balances } from "../../balances/index.ts";
import { assertIssuance } from "../../testing/chain.ts";
import { budgetReason, constants, depositReason, storage, taskBondReason } from "../index.ts";

/** What must hold after every block: money is on hold for what is recorded, to the unit; every unit has a deadline. */
export function checkDrilling(ctx: Ctx): void {
  assertIssuance(ctx);
  const tasks = [...storage.Tasks.iterate(ctx)];
  const units = [...storage.Units.iterate(ctx)];
  const deposits = new Ledger();
  const budgets = new Ledger();
  const bonds = new Ledger();
  const seats = new Ledger();
  for (const [, project] of storage.Projects.iterate(ctx)) deposits.add(project.owner, project.deposit);
  for (const [, task] of tasks) {
    deposits.add(task.owner, task.deposit);
    budgets.add(task.owner, task.budget);
  }
  for (const [, , unit] of units) {
    for (const { trainer, bond } of [...unit.seats, ...unit.past]) {
      bonds.add(trainer, bond);
      seats.add(trainer, 1n);
    }
  }
  expect(held(ctx, depositReason), "deposits").toEqual(deposits.positive());
  expect(held(ctx, budgetReason), "budgets").toEqual(budgets.positive());
  expect(held(ctx, taskBondReason), "bonds").toEqual(bonds.positive());
  const recorded = new Ledger();
  for (const [who, record] of storage.Records.iterate(ctx)) recorded.add(who, BigInt(record.seats));
  expect(recorded.positive(), "seats").toEqual(seats.positive());

  expect(storage.CounterForTasks.get(ctx)).toBe(tasks.length);
  expect([...storage.Files.keys(ctx)]).toHaveLength(tasks.length);
  for (const [id, task] of tasks) checkTask(ctx, id, task.open, units);
  const votes = tasks.filter(([, task]) => task.state === "Voting");
  const duties = [
    ...votes.map(([id, task]) => `${task.vote_ends} ${id} vote`),
    ...units.map(([id, unit, { due }]) => `${due} ${id} ${unit}`),
  ];
  const agenda = [...storage.Agenda.keys(ctx)].map(([due, d]) => `${due} ${d.task} ${d.unit ?? "vote"}`);
  expect(agenda.toSorted(), "deadlines").toEqual(duties.toSorted());
  const waiting = units.filter(([, , { state }]) => state === "Waiting").map(([id, unit]) => `${id} ${unit}`);
  const listed = [...storage.Waiting.keys(ctx)].map(([id, unit]) => `${id} ${unit}`);
  expect(listed.toSorted()).toEqual(waiting.toSorted());
  const active = tasks.filter(([, { state }]) => state !== "Voting").map(([id]) => id);
  expect(storage.ActiveTasks.get(ctx).toSorted((a, b) => a - b)).toEqual(active.toSorted((a, b) => a - b));

  const askers = storage.Askers.get(ctx);
  expect(storage.CounterForAskers.get(ctx)).toBe(askers.length);
  const asking = [...storage.Asking.keys(ctx)].map(([who]) => toHex(who));
  expect(asking.toSorted()).toEqual(askers.map(({ trainer }) => toHex(trainer)).toSorted());
  expect(askers.every(({ left }) => left > 0)).toBe(true);
}

type Entry = [
  task: number,
  unit: number,
  found: { readonly seats: readonly unknown[]; readonly round: number },
];

function checkTask(ctx: Ctx, id: number, open: number, units: readonly unknown[]): void {
  const own = (units as Entry[]).filter(([task]) => task === id);
  expect(own).toHaveLength(open);
  const { next, agreed, failed, units: all } = storage.Tasks.get(ctx, id)!;
  expect(next).toBeLessThanOrEqual(all);
  // A unit that agreed and is still open counts as both.
  expect(agreed + failed).toBeLessThanOrEqual(next);
  expect(next - open).toBeLessThanOrEqual(agreed + failed);
  for (const [, unit, { seats }] of own) {
    expect(unit).toBeLessThan(next);
    expect(seats.length).toBeLessThanOrEqual(constants.MaxQuorum);
  }
}

/** All that is on hold for a reason, by account. */
function held(ctx: Ctx, reason: Reason): Map<string, bigint> {
  const found = new Ledger();
  for (const [who, holds] of balances.Holds.iterate(ctx)) {
    for (const { id, amount } of holds) if (sameReason(id, reason)) found.add(who, amount);
  }
  return found.positive();
}

/** Sums by account. */
class Ledger {
  readonly #sums = new Map<string, bigint>();

  add(who: Uint8Array, amount: bigint): void {
    const key = toHex(who);
    this.#sums.set(key, (this.#sums.get(key) ?? 0n) + amount);
  }

  positive(): Map<string, bigint> {
    return new Map([...this.#sums].filter(([, sum]) => sum > 0n).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

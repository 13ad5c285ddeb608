/** What an account has to do, and by which block. */
import { balanceOnHold } from "../../../pallets/balances/index.ts";
import { storage as drilling, taskBondReason } from "../../../pallets/drilling/index.ts";
import { machineId, storage as machines, machinesOf } from "../../../pallets/machines/index.ts";
import { storage as marketplace, orderBondReason } from "../../../pallets/marketplace/index.ts";
import { inspectionBondReason, storage as inspections } from "../../../pallets/proof-of-training/index.ts";
import type { Ctx } from "../../frame/ctx.ts";
import type { AccountId } from "../../primitives/account.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Value } from "../../primitives/codec.ts";
import { str } from "../../primitives/codec-bytes.ts";
import { vec } from "../../primitives/codec-list.ts";
import { bool, u8, u32 } from "../../primitives/codec-number.ts";
import { struct } from "../../primitives/codec-struct.ts";

/** A seat in a drilling round. */
const unitDuty = struct("matrixai_runtime::UnitDuty", {
  task: u32,
  unit: u32,
  machine: machineId,
  state: str,
  round: u8,
  committed: bool,
  revealed: bool,
  due: u32,
});
/** An order that it trains. */
const orderDuty = struct("matrixai_runtime::OrderDuty", { order: u32, state: str, due: u32 });
/** A place on a panel. */
const inspectionDuty = struct("matrixai_runtime::InspectionDuty", {
  order: u32,
  phase: str,
  round: u8,
  committed: bool,
  revealed: bool,
  due: u32,
});
const challengeDuty = struct("matrixai_runtime::ChallengeDuty", { machine: machineId, state: str, due: u32 });

export const duties = struct("matrixai_runtime::Duties", {
  units: vec(unitDuty),
  orders: vec(orderDuty),
  inspections: vec(inspectionDuty),
  challenges: vec(challengeDuty),
  /** False where there is so much on the chain that not all of it was looked through. */
  complete: bool,
});
type Duties = Value<typeof duties>;

/** So many entries of a kind are looked through for one answer. */
const maxLookedAt = 20_000;

/** Whoever has a duty has a bond on hold for it: only then its kind is looked through. */
export function dutiesOf(ctx: Ctx, who: AccountId): Duties {
  const has = (reason: typeof taskBondReason | typeof orderBondReason | typeof inspectionBondReason) =>
    balanceOnHold(ctx, reason, who) > 0n;
  const units = has(taskBondReason) ? unitsOf(ctx, who) : nothing;
  const orders = has(orderBondReason) ? ordersOf(ctx, who) : nothing;
  const panels = has(inspectionBondReason) ? panelsOf(ctx, who) : nothing;
  return {
    units: units.found,
    orders: orders.found,
    inspections: panels.found,
    challenges: challengesOf(ctx, who),
    complete: units.complete && orders.complete && panels.complete,
  };
}

interface Found<T> {
  readonly found: T[];
  readonly complete: boolean;
}
const nothing = { found: [], complete: true };

const unitsOf = (ctx: Ctx, who: AccountId): Found<Duties["units"][number]> =>
  lookThrough(drilling.Units.iterate(ctx), ([task, unit, { state, round, due, seats }]) =>
    seats
      .filter(({ trainer }) => equalBytes(trainer, who))
      .map(({ machine, commitment, result }) => ({
        task,
        unit,
        machine,
        state,
        round,
        committed: commitment !== undefined,
        revealed: result !== undefined,
        due,
      })),
  );

const ordersOf = (ctx: Ctx, who: AccountId): Found<Duties["orders"][number]> =>
  lookThrough(marketplace.Orders.iterate(ctx), ([order, { state, deadline, deal }]) =>
    deal && equalBytes(deal.trainer, who) ? [{ order, state, due: deadline }] : [],
  );

const panelsOf = (ctx: Ctx, who: AccountId): Found<Duties["inspections"][number]> =>
  lookThrough(inspections.Inspections.iterate(ctx), ([order, { phase, round: present, seats }]) =>
    seats
      .filter(({ inspector, round }) => round === present && equalBytes(inspector, who))
      .map(({ round, commitment, vote }) => ({
        order,
        phase,
        round,
        committed: commitment !== undefined,
        revealed: vote !== undefined,
        due: marketplace.Orders.get(ctx, order)?.deadline ?? 0,
      })),
  );

function challengesOf(ctx: Ctx, who: AccountId): Duties["challenges"] {
  return machinesOf(ctx, who).flatMap((machine) => {
    const challenge = machines.Challenges.get(ctx, machine);
    return challenge ? [{ machine, state: challenge.state, due: challenge.due }] : [];
  });
}

function lookThrough<E, T>(entries: Iterable<E>, pick: (entry: E) => readonly T[]): Found<T> {
  const found: T[] = [];
  let seen = 0;
  for (const entry of entries) {
    if (seen++ === maxLookedAt) return { found, complete: false };
    found.push(...pick(entry));
  }
  return { found, complete: true };
}

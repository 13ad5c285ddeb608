/** The state of a chain whose economy is busy: what calls would have left in it, written at once. */
import { hold } from "../../pallets/balances/index.ts";
import { storage as drill, constants as drilling, taskBondReason } from "../../pallets/drilling/index.ts";
import { spec as taskSpec } from "../../pallets/drilling/testing/world.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import {
  escrowReason,
  feeReason,
  storage as market,
  orderBondReason,
} from "../../pallets/marketplace/index.ts";
import { spec as orderSpec } from "../../pallets/marketplace/testing/market.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { runtime } from "../../runtime/index.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";

const mai = 10n ** 12n;
const wealth = 10n ** 9n * mai;
const bond = 1_000n * mai;
const seatBond = mai;
/** Nothing falls due while blocks are measured. */
const later = 1_000_000;
const tasks = 10;

/** How much there is of everything. */
export interface Size {
  readonly trainers: number;
  readonly orders: number;
  readonly units: number;
}

export const accountOf = (name: string, i: number): Uint8Array => blake2_256(Buffer.from(`${name} ${i}`));
const machineOf = (i: number): Uint8Array => accountOf("machine", i).slice(0, 16);
const buyer = accountOf("buyer", 0);
const owner = accountOf("owner", 0);

/** All entries of a state with the accounts `senders` and an economy of this size. */
export function busyState(senders: readonly Uint8Array[], size: Size): Changes {
  const trainers = Array.from({ length: size.trainers }, (_, i) => accountOf("trainer", i));
  const genesis = buildGenesis({
    Balances: { balances: [...senders, ...trainers, buyer, owner].map((who) => [who, wealth] as const) },
    TrainerStaking: {
      trainers: trainers.map((trainer, i) => {
        return { trainer, poh_key: accountOf("poh", i), gran_key: accountOf("gran", i), bond };
      }),
    },
  });
  const backend = memoryBackend();
  backend.apply(genesis);
  const storage = new Overlay(backend);
  const ctx = runtime.context(storage);
  for (const [i, trainer] of trainers.entries()) addMachine(ctx, i, trainer);
  openOrders(ctx, size.orders, trainers);
  pendingUnits(ctx, size.units, trainers);
  return new Map([...genesis, ...storage.changes()]);
}

function addMachine(ctx: Ctx, place: number, owner: Uint8Array): void {
  const id = machineOf(place);
  machines.Machines.set(ctx, id, {
    owner,
    declared: bond,
    measured: bond,
    state: "Available",
    // Silence is not what is measured.
    heartbeat: 1_000n,
    chain: accountOf("chain", place),
    place,
    engagements: 0,
  });
  machines.MachineAt.set(ctx, place, id);
  machines.Fleets.set(ctx, owner, { machines: [id], bond });
  machines.CounterForMachines.set(ctx, place + 1);
}

/** Orders that wait for a bid to be taken, with one bid each. */
function openOrders(ctx: Ctx, count: number, trainers: readonly Uint8Array[]): void {
  if (count === 0) return;
  const price = orderSpec.price_limit;
  for (let id = 0; id < count; id++) {
    const i = id % trainers.length;
    const deadline = later + id;
    market.Orders.set(ctx, id, {
      buyer,
      spec: orderSpec,
      state: "Placed",
      deadline,
      price,
      placed: 1,
      origin: undefined,
      deal: undefined,
      stopped: false,
    });
    market.Agenda.set(ctx, deadline + 1, id, true);
    market.Bids.set(ctx, id, [{ trainer: trainers[i]!, machine: machineOf(i), price, bond: price }]);
  }
  market.NextOrder.set(ctx, count);
  market.Totals.set(ctx, { ...market.Totals.get(ctx), placed: count });
  hold(ctx, escrowReason, buyer, BigInt(count) * price);
  hold(ctx, feeReason, buyer, BigInt(count) * orderSpec.inspection_fee);
  for (const [i, trainer] of trainers.entries()) {
    const bids = Math.ceil((count - i) / trainers.length);
    if (bids > 0) hold(ctx, orderBondReason, trainer, BigInt(bids) * price);
  }
}

/** Units that two members compute, and as many that wait for members. */
function pendingUnits(ctx: Ctx, count: number, trainers: readonly Uint8Array[]): void {
  if (count === 0) return;
  const { model, inputs, rule, canaries: _none, ...terms } = taskSpec({ units: count / tasks });
  const seats = new Map<Uint8Array, number>();
  for (let task = 0; task < tasks; task++) {
    drill.Tasks.set(ctx, task, {
      project: 0,
      owner,
      state: "Active",
      ...terms,
      canary_window: undefined,
      value: mai,
      budget: 0n,
      deposit: 0n,
      next: terms.units,
      open: terms.units,
      agreed: 0,
      failed: 0,
      vote_ends: 1,
      ayes: 1n,
      nays: 0n,
    });
    drill.Files.set(ctx, task, { model, inputs, rule });
    drill.ActiveTasks.append(ctx, task);
    for (let unit = 0; unit < terms.units; unit++) putUnit(ctx, task, unit, trainers, seats);
  }
  drill.NextTask.set(ctx, tasks);
  drill.CounterForTasks.set(ctx, tasks);
  for (const [trainer, taken] of seats) {
    drill.Records.set(ctx, trainer, { streak: 0, rests_until: 0, seats: taken });
    hold(ctx, taskBondReason, trainer, BigInt(taken) * seatBond);
  }
}

function putUnit(
  ctx: Ctx,
  task: number,
  unit: number,
  trainers: readonly Uint8Array[],
  seats: Map<Uint8Array, number>,
): void {
  const isWaiting = unit % 2 === 1;
  const due = later + unit;
  const members = isWaiting ? [] : [unit, unit + 1].map((i) => trainers[i % trainers.length]!);
  for (const trainer of members) seats.set(trainer, (seats.get(trainer) ?? 0) + 1);
  drill.Units.set(ctx, task, unit, {
    state: isWaiting ? "Waiting" : "Committing",
    round: 1,
    last_round: drilling.MaxRounds,
    size: 2,
    due,
    extended: false,
    seats: members.map((trainer) => {
      const machine = machineOf((unit + members.indexOf(trainer)) % trainers.length);
      return {
        trainer,
        machine,
        bond: seatBond,
        seated: 1n,
        committed: 0n,
        commitment: undefined,
        result: undefined,
      };
    }),
    past: [],
    canary: undefined,
  });
  if (isWaiting) drill.Waiting.set(ctx, task, unit, true);
  drill.Agenda.set(ctx, due, { task, unit }, true);
}

import { expect, test } from "vitest";
import { hold, mint } from "../../pallets/balances/index.ts";
import { storage as drilling, taskBondReason } from "../../pallets/drilling/index.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { market, panel, prove, trainer } from "../../pallets/marketplace/testing/market.ts";
import { storage as poh } from "../../pallets/poh/index.ts";
import { constants as rewards } from "../../pallets/rewards/index.ts";
import { scheduleVesting } from "../../pallets/rewards/vesting.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { slashBond, storage as staking } from "../../pallets/trainer-staking/index.ts";
import { callApi } from "../apis.ts";
import type { Ctx } from "../frame/ctx.ts";
import { buildGenesis, type GenesisConfig } from "../genesis.ts";
import { runtime } from "../index.ts";
import { decode, type Value } from "../primitives/codec.ts";
import { textKey } from "../primitives/key-text.ts";
import { memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import { explanation } from "./trainer.ts";

const [alice, bob] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const machine = new Uint8Array(16).fill(7);
const bond = 1_000_000_000_000_000n;
const config: GenesisConfig = {
  Balances: { balances: [[alice, 2n * bond]] },
  ComputeScore: { scores: [{ trainer: alice, drilling: 200_000_000n, training: 200_000_000n }] },
  TrainerStaking: {
    trainers: [{ trainer: alice, poh_key: alice, gran_key: alice, bond }],
  },
};

/** What a client is told of `who` in a state after genesis that `change` has brought about. */
function explain(who: Uint8Array, change: (ctx: Ctx) => void = () => {}): Value<typeof explanation> {
  const backend = memoryBackend();
  backend.apply(buildGenesis(config));
  const storage = new Overlay(backend);
  change(runtime.context(storage));
  return decode(explanation, callApi(storage, "TrainerApi_explain", who));
}

test("a stranger is told that it is not registered", () => {
  const told = explain(bob);
  expect(told).toMatchObject({ account: bob, obstacles: ["NotRegistered"], places: [], machines: [] });
  expect(told.stake).toBeUndefined();
  expect(told.duties).toEqual({ units: [], orders: [], inspections: [], challenges: [], complete: true });
});

test("a trainer of genesis makes blocks, and is told what it lacks for work", () => {
  const told = explain(alice);
  expect(told.obstacles).toEqual(["NoMachine", "NotAskingForWork"]);
  expect(told.stake).toMatchObject({ bond, unbonding: 0n, active: true, can_work: true });
  // Alone in the list: every fourth slot, exactly.
  const { weight, threshold } = told.places[0]!;
  expect(told.places).toEqual([0n, 1n].map((epoch) => ({ epoch, weight, all: weight, threshold })));
  expect(threshold).toBe(1n << 126n);
  expect(told.weight).toBe(200_000_000n);
});

test("what stands in the way is named, and what was taken, and why", () => {
  const evidence = new Uint8Array(32).fill(3);
  const fault = { reason: "BlockEquivocation", subject: { type: "Slot", value: 9n }, evidence } as const;
  const told = explain(alice, (ctx) => {
    system.Number.set(ctx, 5);
    slashBond(ctx, { trainer: alice, amount: 1_000n, ...fault });
    staking.Trainers.mutate(
      ctx,
      alice,
      (trainer) => trainer && { ...trainer, chilled: true, suspended_before: 3n, required: 2n * bond },
    );
    poh.Authorities.set(ctx, []);
    poh.NextAuthorities.mutate(ctx, (list) => list.map((entry) => ({ ...entry, weight: 0n })));
    machines.Fleets.set(ctx, alice, { machines: [machine], bond: 0n });
    machines.Machines.set(ctx, machine, {
      owner: alice,
      declared: 100n,
      measured: 0n,
      state: "Failed",
      heartbeat: 0n,
      chain: evidence,
      place: 0,
      engagements: 0,
    });
    drilling.Records.set(ctx, alice, { streak: 2, rests_until: 6, seats: 0 });
  });
  expect(told.obstacles).toEqual([
    "Chilled",
    "Suspended",
    "BondBelowRequired",
    "NotInThisEpoch",
    "NoWeightInNextEpoch",
    "NoMachineAvailable",
    "RestsFromDrilling",
    "NotAskingForWork",
  ]);
  expect(told.penalties).toEqual([{ block: 5, amount: 1_000n, ...fault }]);
  expect(told.machines).toMatchObject([{ id: machine, state: "Failed", available: false, declared: 100n }]);
  expect(told.drilling).toEqual({ asking: false, streak: 2, rests_until: 6 });
});

test("open duties are found by the bonds that they take, with what is due when", () => {
  const seat = (trainer: Uint8Array, commitment?: Uint8Array) => ({
    trainer,
    machine,
    bond: 5n,
    seated: 0n,
    committed: 0n,
    commitment,
    result: undefined,
  });
  const lay = (ctx: Ctx) => {
    drilling.Units.set(ctx, 3, 9, {
      state: "Committing",
      round: 1,
      last_round: 3,
      size: 2,
      due: 77,
      extended: false,
      seats: [seat(bob), seat(alice, new Uint8Array(32))],
      past: [],
      canary: undefined,
    });
  };
  expect(explain(alice, lay).duties.units).toEqual([]);
  const told = explain(alice, (ctx) => {
    lay(ctx);
    hold(ctx, taskBondReason, alice, 5n);
  });
  expect(told.duties).toMatchObject({
    units: [
      { task: 3, unit: 9, machine, state: "Committing", round: 1, committed: true, revealed: false, due: 77 },
    ],
    complete: true,
  });
});

test("orders that it trains and panels that it sits on are duties, with their deadlines", () => {
  const chain = market(9);
  const order = prove(chain);
  const { deadline } = marketplace.Orders.get(chain.ctx, order)!;
  const [inspector] = panel(chain.ctx, order) as [Uint8Array];
  const asked = (who: Uint8Array) =>
    explain(who, (ctx) => {
      for (const [key, value] of chain.ctx.storage.changes()) {
        if (value !== undefined) ctx.storage.set(textKey(key), value);
      }
    }).duties;
  expect(asked(trainer(0))).toMatchObject({
    orders: [{ order, state: "Inspecting", due: deadline }],
    inspections: [],
  });
  expect(asked(inspector)).toMatchObject({
    orders: [],
    inspections: [{ order, phase: "Committing", round: 0, committed: false, revealed: false, due: deadline }],
  });
});

test("rewards on hold are told apart by what could be claimed", () => {
  const told = explain(alice, (ctx) => {
    mint(ctx, alice, 2_000n);
    rewards.VestingPeriod.set(ctx, 1_000);
    scheduleVesting(ctx, alice, 2_000n);
    system.Number.set(ctx, 250);
  });
  expect([told.vested, told.vesting]).toEqual([500n, 1_500n]);
});

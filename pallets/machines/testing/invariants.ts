import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { equalBytes, toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as system } from "../../system/index.ts";
import { isTrainer, storage as staking } from "../../trainer-staking/index.ts";
import { bondFor } from "../fleet.ts";
import { constants, storage } from "../index.ts";

/** What must hold after every block: the lists of machines agree, bonds are required for them, every challenge has an end. */
export function checkMachines(ctx: Ctx): void {
  const all = [...storage.Machines.iterate(ctx)];
  expect(storage.CounterForMachines.get(ctx)).toBe(all.length);
  expect([...storage.MachineAt.keys(ctx)]).toHaveLength(all.length);
  expect([...storage.Metadata.keys(ctx)]).toHaveLength(all.length);
  for (const [id, { place, owner, declared }] of all) {
    expect(storage.MachineAt.get(ctx, place)).toEqual(id);
    expect(isTrainer(ctx, owner)).toBe(true);
    expect(declared > 0n).toBe(true);
    expect(storage.Fleets.get(ctx, owner).machines.some((other) => equalBytes(other, id))).toBe(true);
  }
  let listed = 0;
  for (const [owner, { machines, bond }] of storage.Fleets.iterate(ctx)) {
    listed += machines.length;
    expect(machines.length).toBeLessThanOrEqual(constants.MaxMachines);
    const sum = machines.reduce(
      (total, id) => total + bondFor(ctx, storage.Machines.get(ctx, id)!.declared),
      0n,
    );
    expect(bond).toBe(sum);
    expect(staking.Trainers.get(ctx, owner)!.required).toBe(sum);
  }
  expect(listed).toBe(all.length);
  const agenda = [...storage.Agenda.keys(ctx)].map(([due, id]) => `${due} ${toHex(id)}`);
  const challenges = [...storage.Challenges.iterate(ctx)];
  expect(agenda.toSorted()).toEqual(challenges.map(([id, { due }]) => `${due} ${toHex(id)}`).toSorted());
  const since = storage.AgendaSince.get(ctx) ?? system.Number.get(ctx);
  for (const [id, { due }] of challenges) {
    expect(storage.Machines.exists(ctx, id)).toBe(true);
    expect(due).toBeGreaterThanOrEqual(since);
  }
}

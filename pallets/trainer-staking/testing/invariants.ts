import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { sameReason } from "../../../runtime/frame/reason.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { storage as balances } from "../../balances/index.ts";
import { assertIssuance } from "../../testing/chain.ts";
import { bondReason, constants, stakeOf, storage, trainerOfKey } from "../index.ts";

/** What must hold after every block: every bond is on hold to the unit, and records agree with each other. */
export function assertStakingInvariants(ctx: Ctx): void {
  assertIssuance(ctx);
  const staked = new Map<string, bigint>();
  const trainers = [...storage.Trainers.iterate(ctx)];
  const unbonding = [...storage.Unbonding.iterate(ctx)];
  for (const [who] of [...trainers, ...unbonding]) staked.set(toHex(who), stakeOf(ctx, who));
  const held = new Map<string, bigint>();
  for (const [who, holds] of balances.Holds.iterate(ctx)) {
    const bond = holds.find(({ id }) => sameReason(id, bondReason));
    if (bond) held.set(toHex(who), bond.amount);
  }
  const positive = [...staked].filter(([, amount]) => amount > 0n);
  expect(new Map(positive), "held and recorded").toEqual(held);

  expect(storage.CounterForTrainers.get(ctx)).toBe(trainers.length);
  expect(trainers.length).toBeLessThanOrEqual(constants.MaxTrainers);
  for (const [who, { poh_key, gran_key }] of trainers) {
    expect(trainerOfKey(ctx, "poh", poh_key)).toEqual(who);
    expect(trainerOfKey(ctx, "gran", gran_key)).toEqual(who);
  }
  expect([...storage.KeyOwner.keys(ctx)]).toHaveLength(2 * trainers.length);
  for (const [, chunks] of unbonding) {
    const epochs = chunks.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => (a < b ? -1 : 1)));
    expect(chunks.every(({ value }) => value > 0n)).toBe(true);
    expect(chunks.length).toBeGreaterThan(0);
  }
}

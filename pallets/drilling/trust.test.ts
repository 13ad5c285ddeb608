import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { scoreOf } from "../compute-score/index.ts";
import type { World } from "../machines/testing/world.ts";
import { storage as poh } from "../poh/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, happened, person } from "../testing/chain.ts";
import * as Drilling from "./index.ts";
import { checkDrilling } from "./testing/invariants.ts";
import {
  approvedTask,
  ask,
  byOwner,
  commitAs,
  difficulty,
  drillCall,
  drillWorld,
  hashOf,
  membersOf,
  owner,
  play,
  revealAs,
  reward,
  truthOf,
  unitAt,
} from "./testing/world.ts";

const { constants, storage, taskBondReason, budgetReason } = Drilling;
const lie = hashOf("a lie");
const byAlice = signedOrigin(alice);
const all = (world: World, name: string) =>
  happened(world.ctx).flatMap(([found, fields]) =>
    found === `Drilling.${name}` ? [fields as Record<string, unknown>] : [],
  );
const wealth = (world: World, who: Uint8Array) =>
  freeBalance(world.ctx, who) + balanceOnHold(world.ctx, taskBondReason, who);

const trust = (world: World, who: Uint8Array, streak = constants.TrustedAfter) =>
  storage.Records.mutate(world.ctx, who, (record) => ({ ...record, streak }));

/** Makes the next block's randomness one that does, or does not, draw a unit for an audit. */
function sampled(world: World, key: Drilling.UnitKey, audit: boolean): void {
  const unit = unitAt(world, key)!;
  const block = system.Number.get(world.ctx) + 1;
  for (let i = 0; i < 1_000; i++) {
    world.ctx.storage.begin();
    system.Number.set(world.ctx, block);
    poh.BlockRandomness.set(world.ctx, hashOf(`block ${i}`));
    Drilling.drilling.onInitialize?.(world.ctx, block);
    const drawn = unitAt(world, key)?.round === unit.round + 1;
    if (drawn === audit) {
      world.ctx.storage.commit();
      return;
    }
    world.ctx.storage.rollback();
  }
  throw new Error("no such randomness");
}

/** Alice, trusted, alone with the only unit; the others wait. */
function alone(change = {}, others = 6) {
  const world = drillWorld(1 + others);
  const key = { task: approvedTask(world, { units: 1, ...change }), unit: 0 };
  const { value } = storage.Tasks.get(world.ctx, key.task)!;
  trust(world, alice);
  ask(world, 1);
  world.next();
  for (let n = 2; n <= 1 + others; n++) ask(world, n);
  return { world, key, value };
}

describe("a trusted trainer", () => {
  test("works alone, with a bond of twenty times the value", () => {
    const { world, key, value } = alone();
    expect(membersOf(world, key)).toEqual([alice]);
    expect(balanceOnHold(world.ctx, taskBondReason, alice)).toBe(20n * value);
    expect(unitAt(world, key)).toMatchObject({ size: 1, round: 1 });
    checkDrilling(world.ctx);
  });

  test("is credited and paid when no audit is drawn, which adds nothing to its trust", () => {
    const { world, key } = alone();
    const before = wealth(world, alice);
    play(world, key);
    expect(unitAt(world, key)!.state).toBe("Sampling");
    expect(scoreOf(world.ctx, alice).drilling.total).toBe(0n);
    checkDrilling(world.ctx);
    sampled(world, key, false);
    expect(all(world, "UnitAgreed")).toMatchObject([{ basis: "Trust", trainers: [alice], work: difficulty }]);
    expect(scoreOf(world.ctx, alice).drilling.total).toBe(difficulty);
    expect(wealth(world, alice)).toBe(before + reward);
    expect(storage.Records.get(world.ctx, alice).streak).toBe(10);
    // The project paid one instead of two.
    expect(all(world, "TaskClosed")).toMatchObject([
      { refunded: 3n * reward + constants.TaskDeposit(world.ctx) },
    ]);
    checkDrilling(world.ctx);
  });

  test("is audited by others now and then, and credited when they find the same", () => {
    const { world, key } = alone();
    const before = wealth(world, alice);
    play(world, key);
    sampled(world, key, true);
    expect(all(world, "UnitReissued")).toMatchObject([{ round: 2, reason: "Audit" }]);
    checkDrilling(world.ctx);
    const auditors = membersOf(world, key);
    expect(auditors).toHaveLength(2);
    play(world, key);
    const settled = all(world, "SeatSettled").map(({ outcome }) => outcome);
    expect(settled).toEqual(["Confirmed", "Agreed", "Agreed"]);
    expect(all(world, "MemberPaid")).toMatchObject(settled.map(() => ({ work: difficulty, reward })));
    expect(wealth(world, alice)).toBe(before + reward);
    expect(storage.Records.get(world.ctx, alice)).toMatchObject({ streak: 11, seats: 0 });
    checkDrilling(world.ctx);
  });

  test("that lied loses all of its bond in an audit, and its trust", () => {
    const { world, key, value } = alone();
    const before = wealth(world, alice);
    play(world, key, () => lie);
    sampled(world, key, true);
    play(world, key);
    expect(wealth(world, alice)).toBe(before - 20n * value);
    expect(storage.Records.get(world.ctx, alice)).toMatchObject({ streak: 0, seats: 0 });
    expect(scoreOf(world.ctx, alice).drilling.total).toBe(0n);
    checkDrilling(world.ctx);
  });

  test("gains nothing by lying for ever: what audits take is more than what lies bring", () => {
    const { value } = alone();
    const rate = BigInt(constants.AuditRate);
    const brings = (1_000_000n - rate) * value;
    expect(rate * Drilling.trustedBondFor(value, 2)).toBeGreaterThan(brings);
  });

  test("that does not commit leaves the unit to a whole quorum", () => {
    const { world, key } = alone();
    world.next(5);
    expect(all(world, "WindowExtended")).toMatchObject([{ silent: 1, of: 1 }]);
    world.next(5);
    expect(unitAt(world, key)).toMatchObject({ size: 2, round: 1, state: "Committing" });
    expect(storage.Records.get(world.ctx, alice).streak).toBe(0);
    checkDrilling(world.ctx);
  });

  test("that does not reveal pays a quarter of its bond", () => {
    const { world, key, value } = alone();
    const before = wealth(world, alice);
    commitAs(world, key, alice);
    world.next(10);
    expect(wealth(world, alice)).toBe(before - 5n * value);
    expect(all(world, "UnitReissued")).toMatchObject([{ reason: "TooFewRevealed", round: 1 }]);
    checkDrilling(world.ctx);
  });

  test("without funds for that bond is a member like others", () => {
    const world = drillWorld(3);
    const task = approvedTask(world, { units: 1, reward: 10_000_000_000_000_000n });
    for (const n of [1, 2, 3]) trust(world, person(n));
    for (const n of [1, 2, 3]) ask(world, n);
    world.next();
    // A bond of 15,000 MAI is more than anybody has.
    expect(unitAt(world, { task, unit: 0 })).toBeUndefined();
    const cheaper = approvedTask(world, { units: 1, reward: 1_000_000_000_000_000n });
    world.next();
    expect(unitAt(world, { task: cheaper, unit: 0 })!.seats).toHaveLength(2);
    checkDrilling(world.ctx);
  });

  test("is one after ten valid results in a row, and audits come at their rate", () => {
    const world = drillWorld(2);
    const task = approvedTask(world, { units: 4_000 });
    let audits = 0;
    let solo = 0;
    for (let block = 0; block < 200; block++) {
      for (const n of [1, 2]) if (!storage.Asking.get(world.ctx, person(n))) ask(world, n);
      world.next();
      audits += all(world, "UnitReissued").length;
      for (const [, unit, found] of [...storage.Units.iterate(world.ctx)]) {
        if (found.state !== "Committing") continue;
        if (found.size === 1) solo++;
        else expect(storage.Records.get(world.ctx, alice).streak <= 10).toBe(true);
        play(world, { task, unit });
      }
    }
    // Only two trainers, so that no audit finds a disjoint quorum: they wait.
    expect(solo).toBeGreaterThan(300);
    const expected = solo / 20;
    expect(Math.abs(audits - expected)).toBeLessThan(6 * Math.sqrt(expected));
    checkDrilling(world.ctx);
  });
});

describe("a canary", () => {
  const salt = person(42);
  const answer = (result: Uint8Array) => Drilling.canaryOf(0, 0, result, salt);
  const open = (key: Drilling.UnitKey, result: Uint8Array) =>
    drillCall("open_canary", { ...key, result, salt });

  /** Two who agreed on `found` in a task whose project had committed to `answers`. */
  function agreed(
    found: (key: Drilling.UnitKey) => Uint8Array,
    answers: (key: Drilling.UnitKey) => Uint8Array,
  ) {
    const world = drillWorld(7);
    const key = { task: storage.NextTask.get(world.ctx), unit: 0 };
    const commitments = [answer(answers(key))];
    approvedTask(world, { units: 1, canaries: { commitments, window: 50 } });
    for (let n = 1; n <= 7; n++) ask(world, n);
    world.next();
    const members = membersOf(world, key);
    const { value } = storage.Tasks.get(world.ctx, key.task)!;
    const before = members.map((who) => wealth(world, who));
    play(world, key, () => found(key));
    return { world, key, members, value, before };
  }

  test("keeps the bonds for its window, in which a unit that agreed is credited and paid already", () => {
    const { world, key, members, before } = agreed(truthOf, truthOf);
    expect(unitAt(world, key)!.state).toBe("Agreed");
    for (const [i, who] of members.entries()) {
      expect(wealth(world, who)).toBe(before[i]! + reward);
      expect(balanceOnHold(world.ctx, taskBondReason, who)).toBeGreaterThan(0n);
      expect(scoreOf(world.ctx, who).drilling.total).toBe(difficulty);
    }
    checkDrilling(world.ctx);
    world.next(50);
    expect(all(world, "UnitDone")).toEqual([{ ...key, result: truthOf(key) }]);
    expect(balanceOnHold(world.ctx, taskBondReason, members[0]!)).toBe(0n);
    expect(all(world, "TaskClosed")).toHaveLength(1);
    checkDrilling(world.ctx);
    world.next();
    expect([...storage.Canaries.keys(world.ctx)]).toEqual([]);
  });

  test("that holds ends the unit at once", () => {
    const { world, key, members } = agreed(truthOf, truthOf);
    assertOk(world, open(key, truthOf(key)), byOwner);
    expect(all(world, "CanaryOpened")).toEqual([{ ...key, result: truthOf(key), held: true, escrowed: 0n }]);
    for (const who of members) expect(balanceOnHold(world.ctx, taskBondReason, who)).toBe(0n);
    checkDrilling(world.ctx);
  });

  test("finds out a quorum that lied together", () => {
    const { world, key, members, value, before } = agreed(() => lie, truthOf);
    const budget = balanceOnHold(world.ctx, budgetReason, owner);
    assertOk(world, open(key, truthOf(key)), byOwner);
    expect(balanceOnHold(world.ctx, budgetReason, owner)).toBe(budget + 4n * reward);
    expect(unitAt(world, key)).toMatchObject({ state: "Waiting", round: 2, last_round: 4, size: 3 });
    checkDrilling(world.ctx);
    world.next();
    play(world, key);
    const bond = Drilling.bondFor(value, 2);
    for (const [i, who] of members.entries()) expect(wealth(world, who)).toBe(before[i]! + reward - bond);
    const slashes = happened(world.ctx).filter(([name]) => name === "TrainerStaking.Slashed");
    expect(slashes.map(([, fields]) => (fields as { reason: string }).reason)).toEqual([
      "CanaryFailed",
      "CanaryFailed",
    ]);
    // Every reward was paid from what was on hold, and the rest is back.
    expect(all(world, "TaskClosed")).toMatchObject([
      { agreed: 1, failed: 0, refunded: 8n * reward - 5n * reward + constants.TaskDeposit(world.ctx) },
    ]);
    checkDrilling(world.ctx);
  });

  test("that is wrong costs the project, not the honest", () => {
    const { world, key, members, value, before } = agreed(truthOf, () => lie);
    const { deposit } = storage.Projects.get(world.ctx, 0)!;
    assertOk(world, open(key, lie), byOwner);
    world.next();
    play(world, key);
    for (const [i, who] of members.entries()) expect(wealth(world, who)).toBe(before[i]! + reward + value);
    expect(storage.Projects.get(world.ctx, 0)!.deposit).toBe(deposit - 2n * value);
    checkDrilling(world.ctx);
  });

  test("that nobody can decide returns all bonds", () => {
    const { world, key, members, before } = agreed(truthOf, () => lie);
    assertOk(world, open(key, lie), byOwner);
    world.next();
    for (const who of membersOf(world, key)) commitAs(world, key, who, hashOf(`${who}`));
    for (const who of membersOf(world, key)) revealAs(world, key, who, hashOf(`${who}`));
    world.next(constants.WaitWindow);
    expect(all(world, "UnitClosed")).toMatchObject([{ reason: "NobodyAsked" }]);
    const fee = constants.DisputeFee;
    for (const [i, who] of members.entries()) expect(wealth(world, who)).toBe(before[i]! + reward + fee);
    checkDrilling(world.ctx);
  });

  test("has errors for whatever else is opened, by whomever, whenever", () => {
    const { world, key, members } = agreed(truthOf, truthOf);
    const right = open(key, truthOf(key));
    assertNoop(world, right, byAlice, "Drilling.NotOwner");
    assertNoop(world, open({ task: 9, unit: 0 }, lie), byOwner, "Drilling.NoSuchTask");
    assertNoop(world, open({ ...key, unit: 1 }, lie), byOwner, "Drilling.NoSuchUnit");
    assertNoop(world, open(key, lie), byOwner, "Drilling.NotCanary");
    const foreign = drillCall("open_canary", { ...key, result: truthOf(key), salt: person(1) });
    assertNoop(world, foreign, byOwner, "Drilling.NotCanary");
    system.Number.mutate(world.ctx, (number) => number + 50);
    assertNoop(world, right, byOwner, "Drilling.TooLate");
    system.Number.mutate(world.ctx, (number) => number - 50);
    assertOk(world, right, byOwner);
    assertNoop(world, right, byOwner, "Drilling.NoSuchTask");
    expect(members).toHaveLength(2);
  });

  test("is not opened while members still work, nor without funds for another round", () => {
    const { world, key } = agreed(() => lie, truthOf);
    const all = freeBalance(world.ctx, owner);
    const away = { dest: { type: "Id", value: bob }, value: all - 2n * reward };
    const transfer = { type: "Balances", value: { type: "transfer_keep_alive", value: away } };
    assertOk(world, transfer, byOwner);
    assertNoop(world, open(key, truthOf(key)), byOwner, "Token.FundsUnavailable");
    const back = { dest: { type: "Id", value: owner }, value: all - 2n * reward };
    assertOk(
      world,
      { type: "Balances", value: { type: "transfer_keep_alive", value: back } },
      signedOrigin(bob),
    );
    assertOk(world, open(key, truthOf(key)), byOwner);
    assertNoop(world, open(key, truthOf(key)), byOwner, "Drilling.NotAgreed");
  });
});

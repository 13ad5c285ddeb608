import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { scoreOf } from "../compute-score/index.ts";
import { slotMs, startMs } from "../machines/testing/world.ts";
import { storage as system } from "../system/index.ts";
import { happened, MAI, person } from "../testing/chain.ts";
import * as Drilling from "./index.ts";
import { checkDrilling } from "./testing/invariants.ts";
import {
  approvedTask,
  ask,
  commitAs,
  difficulty,
  drillCall,
  drillWorld,
  hashOf,
  membersOf,
  owner,
  play,
  revealAs,
  revealCall,
  reward,
  truthOf,
  unitAt,
} from "./testing/world.ts";

const { constants, storage, taskBondReason } = Drilling;
const lie = hashOf("a lie");
const other = hashOf("another lie");

/** Everything that happened in this block under one name, without the pallet's. */
const all = (world: { ctx: Parameters<typeof happened>[0] }, name: string) =>
  happened(world.ctx).flatMap(([found, fields]) =>
    found === `Drilling.${name}` ? [fields as Record<string, unknown>] : [],
  );

/** Trainers some of whom have just been given the only unit of a task; the others go on waiting. */
function seated(change = {}, trainers = 3) {
  const world = drillWorld(trainers);
  const task = approvedTask(world, { units: 1, ...change });
  for (let n = 1; n <= trainers; n++) ask(world, n);
  world.next();
  const key = { task, unit: 0 };
  const value = storage.Tasks.get(world.ctx, task)!.value;
  return { world, key, value, members: membersOf(world, key) };
}

const wealth = (world: { ctx: Parameters<typeof happened>[0] }, who: Uint8Array) =>
  freeBalance(world.ctx, who) + balanceOnHold(world.ctx, taskBondReason, who);

describe("a quorum that agrees", () => {
  test("is formed by the block after the requests, with a bond of each member on hold", () => {
    const { world, key, value, members } = seated();
    expect(members).toHaveLength(2);
    const bond = Drilling.bondFor(value, 2);
    expect(bond).toBe((value * 3n) / 2n);
    for (const who of members) expect(balanceOnHold(world.ctx, taskBondReason, who)).toBe(bond);
    expect(all(world, "QuorumFormed")).toMatchObject([
      { task: 0, unit: 0, round: 1, trainers: members, bond, commit_by: system.Number.get(world.ctx) + 5 },
    ]);
    // The third waits on.
    expect(storage.Askers.get(world.ctx)).toHaveLength(1);
    for (const who of members) expect(system.EventTopics.get(world.ctx, who).length).toBeGreaterThan(0);
    checkDrilling(world.ctx);
    expect(unitAt(world, key)!.state).toBe("Committing");
  });

  test("is credited, paid and given back its bonds, and the unit is gone", () => {
    const { world, key, members } = seated();
    const before = members.map((who) => wealth(world, who));
    world.next();
    play(world, key);
    for (const [i, who] of members.entries()) {
      expect(wealth(world, who) - before[i]!).toBe(reward);
      expect(balanceOnHold(world.ctx, taskBondReason, who)).toBe(0n);
      expect(scoreOf(world.ctx, who).drilling.total).toBe(difficulty);
      expect(storage.Records.get(world.ctx, who)).toMatchObject({ streak: 1, seats: 0 });
    }
    expect(unitAt(world, key)).toBeUndefined();
    expect(all(world, "ResultCommitted")).toMatchObject(members.map((trainer) => ({ ...key, trainer })));
    const result = truthOf(key);
    expect(all(world, "ResultRevealed")).toEqual(members.map((trainer) => ({ ...key, trainer, result })));
    expect(all(world, "UnitAgreed")).toEqual([
      {
        task: 0,
        unit: 0,
        round: 1,
        result: truthOf(key),
        basis: "Unanimity",
        trainers: members,
        work: difficulty,
      },
    ]);
    expect(all(world, "MemberPaid")).toEqual(
      members.map((trainer) => ({ ...key, trainer, work: difficulty, reward })),
    );
    expect(all(world, "SeatSettled").map(({ outcome, taken }) => [outcome, taken])).toEqual([
      ["Agreed", 0n],
      ["Agreed", 0n],
    ]);
    checkDrilling(world.ctx);
  });

  test("is credited for the time from the seat to the commitment", () => {
    const { world, key, members } = seated();
    const block = BigInt(system.Number.get(world.ctx));
    world.next(2);
    for (const who of members) commitAs(world, key, who);
    world.next();
    for (const who of members) revealAs(world, key, who);
    const credits = happened(world.ctx).filter(([name]) => name === "ComputeScore.Credited");
    expect(credits.map(([, fields]) => fields)).toMatchObject(
      members.map((trainer) => ({
        trainer,
        work: difficulty,
        // At the beginning of its block, the time is that of the block before.
        start: startMs + (block - 1n) * slotMs,
        end: startMs + (block + 2n) * slotMs,
        source: { type: "Task", value: 0 },
      })),
    );
  });

  test("leaves its work to the drilling pool, once", () => {
    const { world, key, members } = seated();
    play(world, key);
    const taken = Drilling.takeCreditedWork(world.ctx);
    expect(taken.map(([who, work]) => [toHex(who), work]).toSorted()).toEqual(
      members.map((who) => [toHex(who), difficulty]).toSorted(),
    );
    expect(Drilling.takeCreditedWork(world.ctx)).toEqual([]);
  });

  test("may be of seven", () => {
    const { world, key, members, value } = seated({ quorum: 7 }, 9);
    expect(new Set(members.map(toHex)).size).toBe(7);
    expect(balanceOnHold(world.ctx, taskBondReason, members[0]!)).toBe(9n * value);
    play(world, key);
    expect(all(world, "UnitAgreed")).toHaveLength(1);
    checkDrilling(world.ctx);
  });

  test("waits while fewer ask than it takes", () => {
    const world = drillWorld(3);
    approvedTask(world, { quorum: 3 });
    ask(world, 1);
    ask(world, 2);
    world.next(3);
    expect(all(world, "QuorumFormed")).toEqual([]);
    ask(world, 3);
    world.next();
    expect(all(world, "QuorumFormed")).toHaveLength(1);
  });
});

describe("members who differ", () => {
  test("all lose the credit; a disjoint, larger quorum is drawn", () => {
    const { world, key, members } = seated({}, 6);
    play(world, key, (who) => (who === members[0] ? lie : truthOf(key)));
    for (const who of members) {
      expect(scoreOf(world.ctx, who).drilling.total).toBe(0n);
      expect(balanceOnHold(world.ctx, taskBondReason, who)).toBeGreaterThan(0n);
    }
    expect(all(world, "UnitDisagreed")).toEqual([
      { task: 0, unit: 0, round: 1, trainers: members, results: [lie, truthOf(key)] },
    ]);
    expect(all(world, "UnitReissued")).toMatchObject([{ round: 2, reason: "Disagreement" }]);
    checkDrilling(world.ctx);
    world.next();
    const second = membersOf(world, key);
    expect(second).toHaveLength(3);
    expect(second.some((who) => members.map(toHex).includes(toHex(who)))).toBe(false);
  });

  test("by a unanimous later round: the liar pays the honest one the unit's value, in tokens", () => {
    const { world, key, members, value } = seated({}, 6);
    const [liar, honest] = members as [Uint8Array, Uint8Array];
    const before = [wealth(world, liar), wealth(world, honest)];
    play(world, key, (who) => (who === liar ? lie : truthOf(key)));
    world.next();
    const second = membersOf(world, key);
    play(world, key);
    const bond = Drilling.bondFor(value, 2);
    expect(wealth(world, liar)).toBe(before[0]! - bond);
    expect(wealth(world, honest)).toBe(before[1]! + value);
    expect(scoreOf(world.ctx, honest).drilling.total).toBe(0n);
    for (const who of second) expect(scoreOf(world.ctx, who).drilling.total).toBe(difficulty);
    const settled = all(world, "SeatSettled").map(({ outcome, compensated, returned, taken }) => [
      outcome,
      compensated,
      returned,
      taken,
    ]);
    const third = Drilling.bondFor(value, 3);
    expect(settled).toEqual([
      ["Refuted", 0n, 0n, bond],
      ["Confirmed", value, bond, 0n],
      ["Agreed", 0n, third, 0n],
      ["Agreed", 0n, third, 0n],
      ["Agreed", 0n, third, 0n],
    ]);
    expect(happened(world.ctx).find(([name]) => name === "TrainerStaking.Slashed")![1]).toMatchObject({
      trainer: liar,
      reason: "FalseResult",
      subject: { type: "Unit", value: key },
      amount: bond,
    });
    expect(storage.Records.get(world.ctx, liar).streak).toBe(0);
    checkDrilling(world.ctx);
  });

  /** Plays rounds with one liar in each of them; returns who lied. */
  function liarInEachRound(lies: readonly Uint8Array[], quorum = 2) {
    const { world, key, value } = seated({ quorum }, 20);
    const liars: Uint8Array[] = [];
    const honest: Uint8Array[] = [];
    for (const told of lies) {
      const [first, ...rest] = membersOf(world, key) as [Uint8Array, ...Uint8Array[]];
      liars.push(first);
      honest.push(...rest);
      play(world, key, (who) => (who === first ? told : truthOf(key)));
      world.next();
    }
    return { world, key, value, liars, honest };
  }

  test("with one liar in each round: the majorities of the last two find all of them out", () => {
    const { world, key, value, liars, honest } = liarInEachRound([lie, lie]);
    const before = new Map([...liars, ...honest].map((who) => [who, wealth(world, who)]));
    const [last, ...rest] = membersOf(world, key) as [Uint8Array, ...Uint8Array[]];
    for (const who of [last, ...rest]) before.set(who, wealth(world, who));
    play(world, key, (who) => (who === last ? lie : truthOf(key)));
    expect(all(world, "UnitAgreed")).toMatchObject([{ basis: "Majority", trainers: [], work: 0n }]);
    let lost = 0n;
    for (const who of [...liars, last]) lost += before.get(who)! - wealth(world, who);
    for (const who of [...honest, ...rest]) expect(wealth(world, who) - before.get(who)!).toBe(value);
    expect(lost).toBe(Drilling.bondFor(value, 2) + 2n * Drilling.bondFor(value, 3));
    // Five honest members lost a unit's value each, and are made whole; the liars lost more.
    expect(lost).toBeGreaterThan(5n * value);
    expect(unitAt(world, key)).toBeUndefined();
    checkDrilling(world.ctx);
  });

  test("without a truth: bonds are returned, and the project pays a fee for the trouble", () => {
    const { world, key } = seated({}, 20);
    const published = specOf(world, key.task);
    const people: Uint8Array[] = [];
    const before = new Map<Uint8Array, bigint>();
    for (let round = 1; round <= 3; round++) {
      const members = membersOf(world, key);
      for (const who of members) before.set(who, wealth(world, who));
      people.push(...members);
      const found = [lie, truthOf(key), other];
      play(world, key, (who) => found[members.indexOf(who)]!);
      if (round < 3) world.next();
    }
    expect(all(world, "UnitClosed")).toEqual([{ ...key, reason: "NoTruth" }]);
    expect(people).toHaveLength(8);
    for (const who of people) expect(wealth(world, who)).toBe(before.get(who)! + constants.DisputeFee);
    const { deposit } = storage.Projects.get(world.ctx, 0)!;
    expect(deposit).toBe(10n * MAI - 8n * constants.DisputeFee);
    expect(all(world, "TaskClosed")).toMatchObject([{ agreed: 0, failed: 1, refunded: 4n * reward + MAI }]);
    checkDrilling(world.ctx);
    // The next task fills the deposit up.
    assertOk(world, drillCall("publish_task", { project: 0, spec: published }), signedOrigin(owner));
    expect(storage.Projects.get(world.ctx, 0)!.deposit).toBe(10n * MAI);
    checkDrilling(world.ctx);
  });
});

const specOf = (world: { ctx: Parameters<typeof happened>[0] }, id: number) => {
  const { units, difficulty, quorum, reward, commit_window, reveal_window } = storage.Tasks.get(
    world.ctx,
    id,
  )!;
  const files = storage.Files.get(world.ctx, id)!;
  return { ...files, units, difficulty, quorum, reward, commit_window, reveal_window, canaries: undefined };
};

describe("commitments", () => {
  test("have errors for everything but one of each member in time", () => {
    const { world, key, members } = seated();
    const [first, second] = members as [Uint8Array, Uint8Array];
    const stranger = [1, 2, 3].map(person).find((who) => !members.map(toHex).includes(toHex(who)))!;
    const commitment = Drilling.commitmentOf(key, first, truthOf(key), person(9));
    const commit = (change: object = {}) => drillCall("commit_result", { ...key, commitment, ...change });
    assertNoop(world, commit({ unit: 1 }), signedOrigin(first), "Drilling.NoSuchUnit");
    assertNoop(world, commit({ task: 7 }), signedOrigin(first), "Drilling.NoSuchUnit");
    assertNoop(world, commit(), signedOrigin(stranger), "Drilling.NotMember");
    assertNoop(world, revealCall(key, first), signedOrigin(first), "Drilling.NotRevealing");
    assertOk(world, commit(), signedOrigin(first));
    assertNoop(world, commit(), signedOrigin(first), "Drilling.AlreadyCommitted");
    assertNoop(world, commit(), signedOrigin(second), "Drilling.CopiedCommitment");
    // A copy with another salt in mind, made of the first one's hash, opens nothing later.
    const theirs = Drilling.commitmentOf(key, first, truthOf(key), person(8));
    assertOk(world, commit({ commitment: theirs }), signedOrigin(second));
    assertNoop(world, commit(), signedOrigin(first), "Drilling.NotCommitting");
    const reveal = (salt: Uint8Array, result = truthOf(key)) =>
      drillCall("reveal_result", { ...key, result, salt });
    assertNoop(world, reveal(person(8)), signedOrigin(second), "Drilling.DoesNotOpen");
    assertNoop(world, reveal(person(9)), signedOrigin(second), "Drilling.DoesNotOpen");
    assertNoop(world, reveal(person(9), lie), signedOrigin(first), "Drilling.DoesNotOpen");
    assertNoop(world, reveal(person(7)), signedOrigin(first), "Drilling.DoesNotOpen");
    assertNoop(world, reveal(person(9)), signedOrigin(stranger), "Drilling.NotMember");
    assertOk(world, reveal(person(9)), signedOrigin(first));
    assertNoop(world, reveal(person(9)), signedOrigin(first), "Drilling.AlreadyRevealed");
    checkDrilling(world.ctx);
  });

  test("are refused when the time is over, though the chain has not come to it", () => {
    const { world, key, members } = seated();
    const [first, second] = members as [Uint8Array, Uint8Array];
    system.Number.mutate(world.ctx, (number) => number + 5);
    const commitment = person(5);
    assertNoop(
      world,
      drillCall("commit_result", { ...key, commitment }),
      signedOrigin(first),
      "Drilling.TooLate",
    );
    system.Number.mutate(world.ctx, (number) => number - 5);
    commitAs(world, key, first);
    commitAs(world, key, second);
    system.Number.mutate(world.ctx, (number) => number + 5);
    assertNoop(world, revealCall(key, first), signedOrigin(first), "Drilling.TooLate");
  });

  test("that one of two does not make: it leaves with its bond, and another takes its place", () => {
    const { world, key, members } = seated({}, 4);
    const [here, gone] = members as [Uint8Array, Uint8Array];
    const before = wealth(world, gone);
    commitAs(world, key, here);
    world.next(5);
    expect(all(world, "SeatSettled")).toMatchObject([{ trainer: gone, outcome: "NotCommitted", taken: 0n }]);
    expect(all(world, "UnitReissued")).toMatchObject([{ round: 1, reason: "TooFewCommitted" }]);
    expect(wealth(world, gone)).toBe(before);
    // There were others who asked, so the unit has a new member in the same block.
    const now = membersOf(world, key);
    expect(toHex(now[0]!)).toBe(toHex(here));
    expect(toHex(now[1]!)).not.toBe(toHex(gone));
    const n = gone[0]!;
    const request = drillCall("request_work", {
      machine: new Uint8Array(16).fill(n).fill(0, 15),
      max_units: 1,
    });
    assertNoop(world, request, signedOrigin(gone), "Drilling.Resting");
    play(world, key);
    for (const who of now) expect(scoreOf(world.ctx, who).drilling.total).toBe(difficulty);
    checkDrilling(world.ctx);
    world.next(constants.RestBlocks);
    assertOk(world, request, signedOrigin(gone));
  });

  test("that one of three does not make: the other two go on", () => {
    const { world, key, members } = seated({ quorum: 3 });
    const [a, b, gone] = members as [Uint8Array, Uint8Array, Uint8Array];
    commitAs(world, key, a);
    commitAs(world, key, b);
    world.next(5);
    expect(all(world, "RevealOpened")).toMatchObject([{ trainers: [a, b] }]);
    revealAs(world, key, a);
    revealAs(world, key, b);
    expect(scoreOf(world.ctx, a).drilling.total).toBe(difficulty);
    expect(scoreOf(world.ctx, gone).drilling.total).toBe(0n);
    checkDrilling(world.ctx);
  });

  test("that more than half do not make: the window is extended, once", () => {
    const { world, key, members } = seated();
    world.next(5);
    expect(all(world, "WindowExtended")).toMatchObject([{ stage: "Commit", silent: 2, of: 2 }]);
    checkDrilling(world.ctx);
    for (const who of members) commitAs(world, key, who);
    world.next(5);
    // Each window has its own extension.
    expect(all(world, "WindowExtended")).toMatchObject([{ stage: "Reveal", silent: 2, of: 2 }]);
    for (const who of members) revealAs(world, key, who);
    expect(all(world, "UnitAgreed")).toHaveLength(1);
    checkDrilling(world.ctx);
  });

  test("that nobody makes, extension and all: all leave, and the unit waits for others", () => {
    const { world, key } = seated({}, 2);
    world.next(10);
    expect(all(world, "SeatSettled")).toHaveLength(2);
    expect(unitAt(world, key)).toMatchObject({ state: "Waiting", seats: [], past: [], round: 1, size: 2 });
    checkDrilling(world.ctx);
    world.next(constants.WaitWindow);
    expect(all(world, "UnitClosed")).toEqual([{ ...key, reason: "NobodyAsked" }]);
    checkDrilling(world.ctx);
  });
});

describe("results that are not revealed", () => {
  test("cost a quarter of the bond, which goes to the one whose work was in vain", () => {
    const { world, key, members, value } = seated({}, 2);
    const [here, gone] = members as [Uint8Array, Uint8Array];
    for (const who of members) commitAs(world, key, who);
    revealAs(world, key, here);
    const before = [wealth(world, here), wealth(world, gone)];
    world.next(5);
    const taken = Drilling.bondFor(value, 2) / 4n;
    expect(wealth(world, gone)).toBe(before[1]! - taken);
    expect(wealth(world, here)).toBe(before[0]! + taken);
    expect(all(world, "SeatSettled")).toMatchObject([{ trainer: gone, outcome: "NotRevealed", taken }]);
    expect(all(world, "UnitReissued")).toMatchObject([{ round: 2, reason: "TooFewRevealed" }]);
    expect(unitAt(world, key)!.past).toMatchObject([{ trainer: here, standing: "Void" }]);
    checkDrilling(world.ctx);
  });

  test("do not hinder two others who agree", () => {
    const { world, key, members, value } = seated({ quorum: 3 });
    const [a, b, gone] = members as [Uint8Array, Uint8Array, Uint8Array];
    for (const who of members) commitAs(world, key, who);
    revealAs(world, key, a);
    revealAs(world, key, b);
    const before = wealth(world, gone);
    world.next(5);
    expect(all(world, "UnitAgreed")).toMatchObject([{ trainers: [a, b] }]);
    expect(wealth(world, gone)).toBe(before - Drilling.bondFor(value, 3) / 4n);
    expect(happened(world.ctx).find(([name]) => name === "TrainerStaking.Slashed")![1]).toMatchObject({
      reason: "ResultNotRevealed",
      subject: { type: "Unit", value: key },
    });
    checkDrilling(world.ctx);
  });
});

test("units past reward end undecided when nobody can take them, and the lone result is paid its fee", () => {
  const { world, key, members } = seated({}, 2);
  const [here] = members as [Uint8Array];
  for (const who of members) commitAs(world, key, who);
  revealAs(world, key, here);
  world.next(5);
  const before = wealth(world, here);
  world.next(constants.WaitWindow);
  expect(all(world, "UnitClosed")).toEqual([{ ...key, reason: "NobodyAsked" }]);
  expect(wealth(world, here)).toBe(before + constants.DisputeFee);
  expect(balanceOnHold(world.ctx, taskBondReason, here)).toBe(0n);
  checkDrilling(world.ctx);
});

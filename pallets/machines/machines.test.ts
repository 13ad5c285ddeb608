import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, eventNames, happened, MAI, person } from "../testing/chain.ts";
import { bondOf, canWork, storage as staking } from "../trainer-staking/index.ts";
import { assertStakingInvariants } from "../trainer-staking/testing/invariants.ts";
import * as Machines from "./index.ts";
import { checkMachines } from "./testing/invariants.ts";
import { solve } from "./testing/solver.ts";
import {
  addMachine,
  bonded,
  machineCall,
  machineIdOf,
  slotMs,
  trainersWorld,
  type World,
} from "./testing/world.ts";

const id = machineIdOf(1);
const byAlice = signedOrigin(alice);
const byBob = signedOrigin(bob);
const { constants, storage } = Machines;
const activity = { whetstone: 4000, utilisation: 900, memory: 2048, energy: undefined, record: person(9) };
const heartbeat = (of = id) => machineCall("heartbeat", { id: of, activity });
const commit = (root: Uint8Array, of = id) => machineCall("commit_challenge", { id: of, root });
const answer = (solved: ReturnType<typeof solve>, world: World, of = id) => {
  const { randomness } = storage.Challenges.get(world.ctx, of)!;
  const openings = solved.open(randomness!, constants.Picks);
  return machineCall("answer_challenge", {
    id: of,
    entries: openings.map(({ leaf }) => leaf),
    proof: { roots: solved.roots, paths: openings.map(({ siblings }) => siblings) },
  });
};
const stateOf = (world: World, of = id) => storage.Machines.get(world.ctx, of)?.state;
const last = (world: World) => happened(world.ctx).at(-1);

/** Alice's machine, whose first challenge has just been issued. */
function challenged(): World {
  const world = trainersWorld(2);
  world.next();
  assertOk(world, addMachine(id), byAlice);
  world.next();
  return world;
}

/** The same, whose products are committed to, and whose entries are picked. */
function picked(spoil?: (product: Int32Array) => void) {
  const world = challenged();
  const challenge = storage.Challenges.get(world.ctx, id)!;
  const solved = solve(challenge, spoil);
  world.next(2);
  assertOk(world, commit(solved.commitment), byAlice);
  return { world, solved, challenge };
}

/** Alice's machine, measured. */
function proven(): World {
  const { world, solved } = picked();
  world.next();
  assertOk(world, answer(solved, world), byAlice);
  return world;
}

describe("a machine", () => {
  test("is added with its bond required, unproven", () => {
    const world = trainersWorld(2);
    world.next();
    const capacity = 200_000_001n;
    assertOk(world, addMachine(id, capacity, textBytes('{"gpu":"none","load":1.5}')), byAlice);
    const required = 10n * MAI + 2n * constants.BondPerUnit(world.ctx);
    expect(last(world)).toEqual([
      "Machines.MachineAdded",
      {
        machine: id,
        owner: alice,
        declared_capacity: capacity,
        metadata: textBytes('{"gpu":"none","load":1.5}'),
        required_bond: required,
      },
    ]);
    expect(staking.Trainers.get(world.ctx, alice)!.required).toBe(required);
    expect(Machines.machineOf(world.ctx, id)).toMatchObject({
      state: "Unproven",
      available: false,
      measured: 0n,
    });
    expect(system.EventTopics.get(world.ctx, Machines.machineTopic(id))).toHaveLength(1);
    checkMachines(world.ctx);
  });

  test("is refused to strangers, twice, in excess and with nonsense", () => {
    const world = trainersWorld(2);
    const stranger = person(99);
    assertNoop(world, addMachine(id), signedOrigin(stranger), "Machines.NotTrainer");
    assertNoop(world, addMachine(id, 0n), byAlice, "Machines.CapacityOutOfRange");
    assertNoop(
      world,
      addMachine(id, constants.MaxDeclaredCapacity + 1n),
      byAlice,
      "Machines.CapacityOutOfRange",
    );
    for (const text of ["", "[]", "null", "1.5", '{"a":}', '{"a":1}x', "{'a':1}"]) {
      assertNoop(world, addMachine(id, 1n, textBytes(text)), byAlice, "Machines.InvalidMetadata");
    }
    assertNoop(
      world,
      addMachine(id, 1n, Uint8Array.of(0x7b, 0xff, 0x7d)),
      byAlice,
      "Machines.InvalidMetadata",
    );
    assertOk(world, addMachine(id, constants.MaxDeclaredCapacity), byAlice);
    assertNoop(world, addMachine(id), byBob, "Machines.IdInUse");
    for (let i = 1; i < constants.MaxMachines; i++) assertOk(world, addMachine(machineIdOf(1, i)), byAlice);
    assertNoop(world, addMachine(machineIdOf(7)), byAlice, "Machines.TooManyMachines");
    checkMachines(world.ctx);
  });

  test("may not work while the bond is short for all of them", () => {
    const world = trainersWorld(2);
    const { CapacityUnit, BondBase, BondPerUnit } = constants;
    const units = (bonded - BondBase(world.ctx)) / BondPerUnit(world.ctx);
    assertOk(world, addMachine(id, units * CapacityUnit), byAlice);
    expect(bondOf(world.ctx, alice)).toBe(bonded);
    expect(canWork(world.ctx, alice)).toBe(true);
    assertOk(world, addMachine(machineIdOf(1, 1)), byAlice);
    expect(canWork(world.ctx, alice)).toBe(false);
  });

  test("is removed by its owner, in the middle of a challenge too", () => {
    const world = challenged();
    for (let i = 1; i < 4; i++) assertOk(world, addMachine(machineIdOf(1, i)), byAlice);
    const remove = machineCall("remove_machine", { id });
    assertNoop(world, remove, byBob, "Machines.NotOwner");
    assertNoop(
      world,
      machineCall("remove_machine", { id: machineIdOf(5) }),
      byAlice,
      "Machines.NoSuchMachine",
    );
    Machines.engage(world.ctx, id);
    assertNoop(world, remove, byAlice, "Machines.MachineEngaged");
    Machines.disengage(world.ctx, id);
    assertOk(world, remove, byAlice);
    expect(last(world)![0]).toBe("Machines.MachineRemoved");
    expect(Machines.machineOf(world.ctx, id)).toBeUndefined();
    checkMachines(world.ctx);
    // The last took the place of the first.
    expect(Machines.machineIds(world.ctx, 0, 9)).toEqual([3, 1, 2].map((i) => machineIdOf(1, i)));
    for (let i = 1; i < 4; i++) {
      assertOk(world, machineCall("remove_machine", { id: machineIdOf(1, i) }), byAlice);
      checkMachines(world.ctx);
    }
    expect(staking.Trainers.get(world.ctx, alice)!.required).toBe(0n);
  });
});

describe("a challenge", () => {
  test("is issued by the block after, and right answers measure the machine", () => {
    const { world, solved, challenge } = picked();
    expect(challenge).toMatchObject({ state: "Issued", n: 256, rounds: 1 });
    world.next();
    expect(eventNames(world.ctx)).toContain("Machines.EntriesPicked");
    assertOk(world, answer(solved, world), byAlice);
    // Issued in a block, committed two blocks later, and reckoned from the block before.
    const elapsed = 3n * slotMs;
    const uut_per_day = Machines.capacityOf(256, 1, elapsed);
    expect(last(world)).toEqual([
      "Machines.CapacityMeasured",
      { machine: id, owner: alice, uut_per_day, n: 256, rounds: 1, elapsed },
    ]);
    expect(Machines.machineOf(world.ctx, id)).toMatchObject({ available: true, measured: uut_per_day });
    expect(storage.Challenges.get(world.ctx, id)).toBeUndefined();
    checkMachines(world.ctx);
  });

  test("takes longer for who commits later, who only looks slower", () => {
    const world = challenged();
    const solved = solve(storage.Challenges.get(world.ctx, id)!);
    world.next(constants.CommitWindow - 1);
    assertOk(world, commit(solved.commitment), byAlice);
    world.next();
    assertOk(world, answer(solved, world), byAlice);
    const elapsed = BigInt(constants.CommitWindow) * slotMs;
    expect(Machines.machineOf(world.ctx, id)!.measured).toBe(Machines.capacityOf(256, 1, elapsed));
    expect(bondOf(world.ctx, alice)).toBe(bonded);
  });

  test("costs 5 % of the stake when an entry is wrong that was committed to", () => {
    const { world, solved } = picked((product) => product.fill(3));
    world.next();
    assertOk(world, answer(solved, world), byAlice);
    const slashed = bonded / 20n;
    expect(bondOf(world.ctx, alice)).toBe(bonded - slashed);
    expect(last(world)).toEqual([
      "Machines.ChallengeFailed",
      { machine: id, owner: alice, reason: "WrongEntry", slashed },
    ]);
    expect(happened(world.ctx).find(([name]) => name === "TrainerStaking.Slashed")![1]).toMatchObject({
      trainer: alice,
      reason: "ChallengeFailed",
      subject: { type: "Machine", value: id },
      amount: slashed,
    });
    expect(Machines.machineOf(world.ctx, id)).toMatchObject({
      state: "Failed",
      available: false,
      measured: 0n,
    });
    expect(storage.Challenges.get(world.ctx, id)).toBeUndefined();
    assertStakingInvariants(world.ctx);
    checkMachines(world.ctx);
  });

  test("of another machine is answered in vain: the seeds differ, so it costs stake", () => {
    const world = trainersWorld(2);
    world.next();
    const other = machineIdOf(2);
    assertOk(world, addMachine(id), byAlice);
    assertOk(world, addMachine(other), byBob);
    world.next();
    const solved = solve(storage.Challenges.get(world.ctx, other)!);
    assertNoop(world, commit(solved.commitment, other), byAlice, "Machines.NotOwner");
    // Bob's products under Alice's seed; the commitment to Bob's seed opens nothing of hers.
    const mine = storage.Challenges.get(world.ctx, id)!;
    assertOk(world, commit(solved.commitment), byAlice);
    world.next();
    assertNoop(world, answer(solved, world), byAlice, "Machines.NotCommitted");
    world.next(constants.AnswerWindow);
    expect(stateOf(world)).toBe("Failed");
    expect(mine.seed).not.toEqual(storage.Challenges.get(world.ctx, other)?.seed);
  });

  test("has errors for everything else", () => {
    const { world, solved } = picked();
    assertNoop(world, commit(solved.commitment), byAlice, "Machines.NoChallenge");
    assertNoop(
      world,
      machineCall("answer_challenge", { id, entries: [], proof: { roots: [], paths: [] } }),
      byAlice,
      "Machines.TooEarly",
    );
    world.next();
    const right = answer(solved, world);
    const { entries, proof } = right.value.value as {
      entries: Uint8Array[];
      proof: { roots: Uint8Array[]; paths: Uint8Array[][] };
    };
    const changed = (change: object) => machineCall("answer_challenge", { id, entries, proof, ...change });
    assertNoop(world, right, byBob, "Machines.NotOwner");
    assertNoop(world, changed({ entries: entries.slice(1) }), byAlice, "Machines.WrongCount");
    assertNoop(world, changed({ proof: { ...proof, roots: [] } }), byAlice, "Machines.WrongCount");
    assertNoop(world, changed({ proof: { ...proof, roots: [person(1)] } }), byAlice, "Machines.NotCommitted");
    assertNoop(world, changed({ proof: { ...proof, paths: [] } }), byAlice, "Machines.NotInTree");
    assertNoop(world, changed({ entries: entries.toReversed() }), byAlice, "Machines.NotInTree");
    assertOk(world, right, byAlice);
    assertNoop(world, right, byAlice, "Machines.NoChallenge");
    assertNoop(world, commit(solved.commitment), byAlice, "Machines.NoChallenge");
  });

  test("that nobody commits to in time ends without a penalty, and the next heartbeat asks for another", () => {
    const world = challenged();
    world.next(constants.CommitWindow - 1);
    expect(stateOf(world)).toBe("Unproven");
    world.next();
    expect(last(world)).toEqual([
      "Machines.ChallengeFailed",
      { machine: id, owner: alice, reason: "NotCommittedInTime", slashed: 0n },
    ]);
    assertNoop(world, commit(person(1)), byAlice, "Machines.NoChallenge");
    expect(bondOf(world.ctx, alice)).toBe(bonded);
    world.epoch(6n);
    assertOk(world, heartbeat(), byAlice);
    expect(storage.Challenges.get(world.ctx, id)!.state).toBe("Queued");
    checkMachines(world.ctx);
  });

  test("committed to and not answered in time ends likewise", () => {
    const { world } = picked();
    world.next(constants.AnswerWindow + 1);
    expect(last(world)![1]).toMatchObject({ reason: "NotAnsweredInTime", slashed: 0n });
    expect(stateOf(world)).toBe("Failed");
    expect(bondOf(world.ctx, alice)).toBe(bonded);
  });

  test("whose end is carried over takes nothing late", () => {
    const world = challenged();
    world.next(constants.CommitWindow - 1);
    // A block whose agenda is full elsewhere does not come to this one.
    system.Number.mutate(world.ctx, (number) => number + 1);
    assertNoop(world, commit(person(1)), byAlice, "Machines.TooLate");
    world.next();
    expect(stateOf(world)).toBe("Failed");
  });

  test("many that fall due at once are moved on a few in each block", () => {
    const world = trainersWorld(100);
    for (let n = 1; n <= 100; n++) assertOk(world, addMachine(machineIdOf(n)), signedOrigin(person(n)));
    const issued = () =>
      [...storage.Challenges.iterate(world.ctx)].filter(([, c]) => c.state === "Issued").length;
    for (const expected of [32, 64, 96, 100]) {
      world.next();
      expect(issued()).toBe(expected);
      checkMachines(world.ctx);
    }
    // All the same each has its whole window.
    for (const [, { due }] of storage.Challenges.iterate(world.ctx)) {
      expect(due).toBeGreaterThanOrEqual(2 + constants.CommitWindow);
    }
  });

  test("comes again by chance, about as often as promised, but not to machines at work", () => {
    const world = trainersWorld(1);
    const interval = constants.ChallengeEpochs * 100;
    const idle = proveBy(world, 0);
    const busy = proveBy(world, 1);
    Machines.engage(world.ctx, busy);
    let challenges = 0;
    const blocks = 4 * interval;
    for (let i = 0; i < blocks; i++) {
      world.next();
      expect(storage.Challenges.exists(world.ctx, busy)).toBe(false);
      if (!storage.Challenges.exists(world.ctx, idle)) continue;
      challenges++;
      const { due } = storage.Challenges.take(world.ctx, idle)!;
      storage.Agenda.delete(world.ctx, due, idle);
    }
    expect(challenges).toBeGreaterThan(0);
    expect(challenges).toBeLessThan(14);
  });
});

/** A machine of Alice that is available without having been asked for anything. */
function proveBy(world: World, which: number): Uint8Array {
  const of = machineIdOf(1, which);
  assertOk(world, addMachine(of), byAlice);
  const { due } = storage.Challenges.take(world.ctx, of)!;
  storage.Agenda.delete(world.ctx, due, of);
  storage.Machines.mutate(world.ctx, of, (machine) => machine && { ...machine, state: "Available" });
  return of;
}

describe("heartbeats", () => {
  test("come once in an epoch, in a chain of hashes", () => {
    const world = proven();
    assertNoop(world, heartbeat(), byAlice, "Machines.HeartbeatSent");
    world.epoch(6n);
    assertNoop(world, heartbeat(), byBob, "Machines.NotOwner");
    assertNoop(world, heartbeat(machineIdOf(8)), byBob, "Machines.NoSuchMachine");
    assertOk(world, heartbeat(), byAlice);
    const first = Machines.nextLink(new Uint8Array(32), id, 6n, activity);
    expect(last(world)).toEqual([
      "Machines.Heartbeat",
      { machine: id, owner: alice, epoch: 6n, activity, chain: first },
    ]);
    assertNoop(world, heartbeat(), byAlice, "Machines.HeartbeatSent");
    world.epoch(7n);
    assertOk(world, heartbeat(), byAlice);
    expect(storage.Machines.get(world.ctx, id)!.chain).toEqual(Machines.nextLink(first, id, 7n, activity));
  });

  test("that are missing make a machine unavailable, not slashed, until it is heard again", () => {
    const world = proven();
    world.epoch(6n);
    expect(Machines.isAvailable(world.ctx, id)).toBe(true);
    world.epoch(7n);
    expect(Machines.isAvailable(world.ctx, id)).toBe(false);
    expect(last(world)).toEqual(["Machines.MachineUnavailable", { machine: id, owner: alice, epoch: 7n }]);
    world.next();
    expect(eventNames(world.ctx)).toEqual([]);
    assertOk(world, heartbeat(), byAlice);
    expect(last(world)![0]).toBe("Machines.MachineAvailable");
    expect(Machines.isAvailable(world.ctx, id)).toBe(true);
    expect(bondOf(world.ctx, alice)).toBe(bonded);
  });

  test("are looked for a few machines at a time, and missed at once all the same", () => {
    const world = trainersWorld(100);
    for (let n = 1; n <= 100; n++) assertOk(world, addMachine(machineIdOf(n)), signedOrigin(person(n)));
    for (let n = 1; n <= 100; n++) {
      storage.Machines.mutate(world.ctx, machineIdOf(n), (m) => m && { ...m, state: "Available" });
    }
    const silent = () =>
      [...storage.Machines.iterate(world.ctx)].filter(([, m]) => m.state === "Silent").length;
    world.epoch(7n);
    expect(silent()).toBe(constants.MaxSweepPerBlock);
    expect(Machines.isAvailable(world.ctx, machineIdOf(100))).toBe(false);
    world.next();
    expect(silent()).toBe(100);
  });
});

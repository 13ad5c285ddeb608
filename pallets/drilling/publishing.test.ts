import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { storage as scores } from "../compute-score/index.ts";
import { storage as machines } from "../machines/index.ts";
import { machineIdOf, type World } from "../machines/testing/world.ts";
import { storage as poh } from "../poh/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, happened, MAI, person } from "../testing/chain.ts";
import { storage as timestamp } from "../timestamp/index.ts";
import { storage as staking } from "../trainer-staking/index.ts";
import * as Drilling from "./index.ts";
import { checkDrilling } from "./testing/invariants.ts";
import {
  approvedTask,
  ask,
  byOwner,
  drillCall,
  drillWorld,
  owner,
  play,
  publishTask,
  reward,
  spec,
  voteWindow,
} from "./testing/world.ts";

const { budgetReason, constants, depositReason, storage } = Drilling;
const byAlice = signedOrigin(alice);
const byBob = signedOrigin(bob);
const last = (world: World) => happened(world.ctx).at(-1);
const publish = (change = {}, project = 0) => drillCall("publish_task", { project, spec: spec(change) });
const vote = (aye: boolean, task = 0) => drillCall("vote_task", { task, aye });
const request = (n: number, max_units = 1) =>
  drillCall("request_work", { machine: machineIdOf(n), max_units });

describe("a project", () => {
  test("has a deposit on hold, which returns when it ends", () => {
    const world = drillWorld(1);
    expect(last(world)).toEqual([
      "Drilling.ProjectRegistered",
      { project: 0, owner, name: textBytes("stars"), uri: textBytes("https://stars"), deposit: 10n * MAI },
    ]);
    const close = drillCall("close_project", { project: 0 });
    assertNoop(world, close, byAlice, "Drilling.NotOwner");
    assertNoop(world, drillCall("close_project", { project: 1 }), byOwner, "Drilling.NoSuchProject");
    publishTask(world);
    assertNoop(world, close, byOwner, "Drilling.TasksRunning");
    assertOk(world, drillCall("close_task", { task: 0 }), byOwner);
    assertOk(world, close, byOwner);
    expect(last(world)).toEqual(["Drilling.ProjectClosed", { project: 0, owner, refunded: 10n * MAI }]);
    expect(freeBalance(world.ctx, owner)).toBe(1_000_000n * MAI);
    checkDrilling(world.ctx);
    // Numbers never repeat.
    assertOk(world, drillCall("register_project", { name: textBytes("a"), uri: textBytes("b") }), byOwner);
    expect(storage.Projects.exists(world.ctx, 1)).toBe(true);
  });

  test("needs a name and a place in UTF-8, and the deposit", () => {
    const world = drillWorld(1);
    const register = (name: Uint8Array, uri: Uint8Array) => drillCall("register_project", { name, uri });
    const [good, bad, none] = [textBytes("x"), Uint8Array.of(0xff), new Uint8Array(0)];
    assertNoop(world, register(none, good), byOwner, "Drilling.InvalidText");
    assertNoop(world, register(good, none), byOwner, "Drilling.InvalidText");
    assertNoop(world, register(bad, good), byOwner, "Drilling.InvalidText");
    assertNoop(world, register(good, good), signedOrigin(person(77)), "Token.FundsUnavailable");
  });
});

describe("a task", () => {
  test("is published with all that it can cost on hold", () => {
    const world = drillWorld(1);
    const task = publishTask(world, { units: 50 });
    const budget = 50n * 4n * reward;
    expect(balanceOnHold(world.ctx, budgetReason, owner)).toBe(budget);
    expect(balanceOnHold(world.ctx, depositReason, owner)).toBe(11n * MAI);
    // The reward, and 1 ut at 0.0001 MAI.
    const value = reward + 100_000_000n;
    const vote_ends = system.Number.get(world.ctx) + voteWindow;
    expect(last(world)).toEqual([
      "Drilling.TaskPublished",
      { task, project: 0, owner, spec: spec({ units: 50 }), value, budget, deposit: MAI, vote_ends },
    ]);
    expect(system.EventTopics.get(world.ctx, Drilling.taskTopic(task))).toHaveLength(1);
    expect(system.EventTopics.get(world.ctx, Drilling.projectTopic(0)).length).toBeGreaterThan(0);
    checkDrilling(world.ctx);
  });

  test("may pay nothing, and its bonds are then of the score's value", () => {
    const world = drillWorld(1);
    const task = publishTask(world, { reward: 0n, difficulty: 10_000_000_000n });
    expect(storage.Tasks.get(world.ctx, task)).toMatchObject({ budget: 0n, value: MAI });
  });

  test.each<[string, Parameters<typeof spec>[0], string]>([
    ["no units", { units: 0 }, "UnitsOutOfRange"],
    ["too many units", { units: 1_000_001 }, "UnitsOutOfRange"],
    ["no difficulty", { difficulty: 0n }, "DifficultyOutOfRange"],
    ["too high a difficulty", { difficulty: (1n << 64n) + 1n }, "DifficultyOutOfRange"],
    ["one member", { quorum: 1 }, "QuorumOutOfRange"],
    ["eight members", { quorum: 8 }, "QuorumOutOfRange"],
    ["a reward too small for an account", { reward: 1n }, "RewardOutOfRange"],
    ["a reward beyond all tokens", { reward: 1n << 120n }, "RewardOutOfRange"],
    ["no time to commit", { commit_window: 1 }, "WindowOutOfRange"],
    ["ages to commit", { commit_window: 14_401 }, "WindowOutOfRange"],
    ["no time to reveal", { reveal_window: 0 }, "WindowOutOfRange"],
    ["no quantum", { rule: { type: "Quantised", value: { quantum: 0n } } }, "InvalidQuantum"],
    ["no place", { model: { hash: person(1), uri: new Uint8Array(0) } }, "InvalidText"],
    ["no canaries in the list", { canaries: { commitments: [], window: 5 } }, "NoCanaries"],
    ["two canaries the same", { canaries: { commitments: [alice, alice], window: 5 } }, "TooManyCanaries"],
    [
      "three canaries of 100",
      { canaries: { commitments: [1, 2, 3].map(person), window: 5 } },
      "TooManyCanaries",
    ],
    ["no time for canaries", { canaries: { commitments: [alice], window: 1 } }, "WindowOutOfRange"],
  ])("with %s is refused", (_, change, error) => {
    assertNoop(drillWorld(1), publish(change), byOwner, `Drilling.${error}`);
  });

  test("is refused to others, without funds, and in excess", () => {
    const world = drillWorld(1);
    assertNoop(world, publish(), byAlice, "Drilling.NotOwner");
    assertNoop(world, publish({}, 4), byOwner, "Drilling.NoSuchProject");
    assertNoop(world, publish({ reward: 1_000_000n * MAI }), byOwner, "Token.FundsUnavailable");
    storage.CounterForTasks.set(world.ctx, constants.MaxTasks);
    assertNoop(world, publish(), byOwner, "Drilling.TooManyTasks");
  });
});

describe("the vote", () => {
  /** Alice has 100, Bob 60, Charlie 1 in the list of this epoch, and as a score now. */
  function electorate() {
    const world = drillWorld(3);
    const weights = [100n, 60n, 1n];
    const at = timestamp.Now.get(world.ctx);
    poh.Authorities.set(
      world.ctx,
      weights.map((weight, i) => ({ trainer: person(i + 1), key: person(i + 50), weight })),
    );
    for (const [i, weight] of weights.entries()) {
      const none = { total: 0n, effective: 0n, updated: 0n };
      // Twice and a half, since drilling counts 0.4.
      const drilling = { total: 0n, effective: ((weight * 5n) << 128n) / 2n, updated: at };
      scores.Scores.set(world.ctx, person(i + 1), { drilling, training: none });
    }
    return world;
  }

  test("approves with most votes and a tenth of all weight", () => {
    const world = electorate();
    publishTask(world);
    assertOk(world, vote(true), byAlice);
    expect(last(world)).toEqual([
      "Drilling.TaskVoted",
      { task: 0, voter: alice, aye: true, weight: 100n, ayes: 100n, nays: 0n },
    ]);
    assertOk(world, vote(false), byBob);
    world.next(voteWindow);
    expect(happened(world.ctx)).toContainEqual([
      "Drilling.TaskApproved",
      { task: 0, project: 0, ayes: 100n, nays: 60n, electorate: 161n },
    ]);
    expect(storage.ActiveTasks.get(world.ctx)).toEqual([0]);
    checkDrilling(world.ctx);
  });

  test("rejects with most votes against, with none, and with too little weight; all is refunded", () => {
    const world = electorate();
    for (let task = 0; task < 4; task++) publishTask(world);
    const before = freeBalance(world.ctx, owner);
    assertOk(world, vote(true), byBob);
    assertOk(world, vote(false), byAlice);
    assertOk(world, vote(true, 1), signedOrigin(person(3)));
    assertOk(world, vote(true, 2), byBob);
    // Equal is not more.
    assertOk(world, vote(false, 3), byAlice);
    storage.Tasks.mutate(world.ctx, 3, (task) => task && { ...task, ayes: 100n });
    world.next(voteWindow);
    const rejected = happened(world.ctx).filter(([name]) => name === "Drilling.TaskRejected");
    expect(rejected.map(([, fields]) => (fields as { task: number }).task).toSorted()).toEqual([0, 1, 3]);
    expect(rejected[0]![1]).toMatchObject({ refunded: 100n * 4n * reward + MAI, electorate: 161n });
    expect(freeBalance(world.ctx, owner) - before).toBe(3n * (100n * 4n * reward + MAI));
    checkDrilling(world.ctx);
    world.next();
    expect([...storage.Ballots.keys(world.ctx, 0)]).toEqual([]);
    expect([...storage.Ballots.keys(world.ctx, 2)]).toHaveLength(1);
  });

  test("may be changed, and is not cast twice, late, or by others", () => {
    const world = electorate();
    publishTask(world);
    assertOk(world, vote(true), byAlice);
    assertNoop(world, vote(true), byAlice, "Drilling.AlreadyVoted");
    assertOk(world, vote(false), byAlice);
    expect(storage.Tasks.get(world.ctx, 0)).toMatchObject({ ayes: 0n, nays: 100n });
    assertOk(world, vote(true), byAlice);
    expect(storage.Tasks.get(world.ctx, 0)).toMatchObject({ ayes: 100n, nays: 0n });
    assertNoop(world, vote(true), byOwner, "Drilling.NotTrainer");
    assertNoop(world, vote(true, 9), byAlice, "Drilling.NoSuchTask");
    assertOk(world, drillCall("register_project", { name: alice, uri: alice }), byAlice);
    expect(storage.NextProject.get(world.ctx)).toBe(2);
    system.Number.mutate(world.ctx, (number) => number + voteWindow);
    assertNoop(world, vote(true), byBob, "Drilling.NotVoting");
    system.Number.mutate(world.ctx, (number) => number - voteWindow);
    world.next(voteWindow);
    assertNoop(world, vote(true), byBob, "Drilling.NotVoting");
  });

  test("is not cast by the owner of the project, trainer or not", () => {
    const world = electorate();
    assertOk(world, drillCall("register_project", { name: textBytes("x"), uri: textBytes("y") }), byAlice);
    assertOk(world, publish({ units: 1 }, 1), byAlice);
    assertNoop(world, vote(true), byAlice, "Drilling.OwnTask");
  });

  test("of a trainer without any score counts one, as it does in the lottery", () => {
    const world = drillWorld(2);
    publishTask(world);
    assertOk(world, vote(true), byAlice);
    expect(last(world)![1]).toMatchObject({ weight: 1n });
  });
});

describe("closing a task", () => {
  const close = drillCall("close_task", { task: 0 });

  test("during the vote returns everything", () => {
    const world = drillWorld(1);
    const before = freeBalance(world.ctx, owner);
    publishTask(world);
    assertNoop(world, close, byAlice, "Drilling.NotOwner");
    assertOk(world, close, byOwner);
    expect(freeBalance(world.ctx, owner)).toBe(before);
    assertNoop(world, close, byOwner, "Drilling.NoSuchTask");
    checkDrilling(world.ctx);
    world.next(voteWindow);
    checkDrilling(world.ctx);
  });

  test("with units in work waits for them, and pays only what was done", () => {
    const world = drillWorld(4);
    const before = freeBalance(world.ctx, owner);
    approvedTask(world);
    for (const n of [1, 2, 3, 4]) ask(world, n, 3);
    world.next();
    const { open } = storage.Tasks.get(world.ctx, 0)!;
    assertOk(world, close, byOwner);
    expect(last(world)).toEqual(["Drilling.TaskClosing", { task: 0, project: 0, owner, open }]);
    assertNoop(world, close, byOwner, "Drilling.AlreadyClosing");
    world.next();
    // Nothing new is given out.
    expect(storage.Tasks.get(world.ctx, 0)!.next).toBe(open);
    for (let unit = 0; unit < open; unit++) play(world, { task: 0, unit });
    const refunded = 400n * reward - BigInt(2 * open) * reward + MAI;
    expect(last(world)).toMatchObject([
      "Drilling.TaskClosed",
      { task: 0, project: 0, owner, agreed: open, failed: 0, refunded },
    ]);
    expect(freeBalance(world.ctx, owner)).toBe(before - BigInt(2 * open) * reward);
    expect([...storage.Units.keys(world.ctx)]).toEqual([]);
    checkDrilling(world.ctx);
  });

  test("with nothing in work ends it at once", () => {
    const world = drillWorld(1);
    approvedTask(world);
    assertOk(world, close, byOwner);
    expect(last(world)![0]).toBe("Drilling.TaskClosed");
    checkDrilling(world.ctx);
  });
});

describe("a request for work", () => {
  test("is for a machine of one's own that is there, and for a bounded number of units", () => {
    const world = drillWorld(3);
    assertNoop(world, request(1, constants.MaxUnitsPerRequest + 1), byAlice, "Drilling.TooManyUnits");
    assertNoop(world, request(2), byAlice, "Drilling.NotOwner");
    assertNoop(world, request(9), byAlice, "Drilling.MachineUnavailable");
    assertNoop(world, request(1), byOwner, "Drilling.CannotWork");
    machines.Machines.mutate(world.ctx, machineIdOf(1), (m) => m && { ...m, state: "Failed" });
    assertNoop(world, request(1), byAlice, "Drilling.MachineUnavailable");
    machines.Machines.mutate(world.ctx, machineIdOf(1), (m) => m && { ...m, state: "Available" });
    staking.Trainers.mutate(world.ctx, alice, (t) => t && { ...t, required: t.bond + 1n });
    assertNoop(world, request(1), byAlice, "Drilling.CannotWork");
    staking.Trainers.mutate(world.ctx, alice, (t) => t && { ...t, required: 0n });
    storage.Records.set(world.ctx, alice, { streak: 0, rests_until: 0, seats: constants.MaxSeats });
    assertNoop(world, request(1), byAlice, "Drilling.TooManySeats");
    storage.Records.delete(world.ctx, alice);
    storage.CounterForAskers.set(world.ctx, constants.MaxAskers);
    assertNoop(world, request(1), byAlice, "Drilling.TooManyAskers");
    storage.CounterForAskers.delete(world.ctx);
    assertOk(world, request(1), byAlice);
    expect(last(world)).toEqual([
      "Drilling.WorkRequested",
      { trainer: alice, machine: machineIdOf(1), units: 1, weight: constants.BaseWeight },
    ]);
    assertNoop(world, request(1), byAlice, "Drilling.AlreadyAsking");
    checkDrilling(world.ctx);
  });

  test("is taken back with no units", () => {
    const world = drillWorld(2);
    assertNoop(world, request(1, 0), byAlice, "Drilling.NotAsking");
    ask(world, 1, 5);
    ask(world, 2, 5);
    assertOk(world, request(1, 0), byAlice);
    expect(last(world)).toEqual(["Drilling.RequestWithdrawn", { trainer: alice }]);
    expect(storage.Askers.get(world.ctx)).toMatchObject([{ trainer: bob }]);
    checkDrilling(world.ctx);
  });

  test("is dropped when the trainer may not work any more, or its machine is gone", () => {
    const world = drillWorld(4);
    approvedTask(world, { units: 1 });
    for (const n of [1, 2]) ask(world, n);
    machines.Machines.mutate(world.ctx, machineIdOf(1), (m) => m && { ...m, state: "Failed" });
    staking.Trainers.mutate(world.ctx, bob, (t) => t && { ...t, chilled: true });
    world.next();
    expect(happened(world.ctx)).toEqual([
      ["Drilling.RequestDropped", { trainer: alice, machine: machineIdOf(1), reason: "MachineUnavailable" }],
      ["Drilling.RequestDropped", { trainer: bob, machine: machineIdOf(2), reason: "CannotWork" }],
    ]);
    checkDrilling(world.ctx);
  });

  test("of the project's owner is not served with its own task, nor one without the bond", () => {
    const world = drillWorld(4);
    assertOk(world, drillCall("register_project", { name: textBytes("x"), uri: textBytes("y") }), byAlice);
    const task = storage.NextTask.get(world.ctx);
    assertOk(world, publish({ reward: 1_000n * MAI, units: 1 }, 1), byAlice);
    for (const n of [2, 3, 4]) assertOk(world, vote(true, task), signedOrigin(person(n)));
    world.next(voteWindow);
    ask(world, 1);
    ask(world, 2);
    ask(world, 3);
    // Bob has 10,000 MAI to spend, of which he moves 9,000.
    const away = { dest: { type: "Id", value: owner }, value: 9_000n * MAI };
    const transfer = { type: "Balances", value: { type: "transfer_keep_alive", value: away } };
    assertOk(world, transfer, byBob);
    world.next(3);
    expect(storage.Units.get(world.ctx, task, 0)).toBeUndefined();
    ask(world, 4);
    world.next();
    const members = storage.Units.get(world.ctx, task, 0)!.seats.map(({ trainer }) => trainer[0]);
    expect(members.toSorted()).toEqual([3, 4]);
    checkDrilling(world.ctx);
  });

  test("is served as the trainer prefers", () => {
    const world = drillWorld(2);
    const first = approvedTask(world, { units: 1 });
    const results = textBytes("https://trainer.example/results");
    const prefer = (max_bond: bigint, refused_tasks: number[], at: Uint8Array | undefined = results) =>
      drillCall("set_preferences", { preferences: { max_bond, refused_tasks, results: at } });
    assertNoop(world, prefer(1n, []), byOwner, "Drilling.CannotWork");
    for (const none of [new Uint8Array(), Uint8Array.of(0xff)])
      assertNoop(world, prefer(1n, [], none), byAlice, "Drilling.InvalidText");
    ask(world, 1);
    ask(world, 2);
    assertOk(world, prefer(1n << 100n, [first]), byAlice);
    const preferences = { max_bond: 1n << 100n, refused_tasks: [first], results };
    expect(last(world)).toEqual(["Drilling.PreferencesSet", { trainer: alice, preferences }]);
    world.next();
    expect(storage.Units.get(world.ctx, first, 0)).toBeUndefined();
    const { value } = storage.Tasks.get(world.ctx, first)!;
    assertOk(world, prefer(Drilling.bondFor(value, 2) - 1n, []), byAlice);
    world.next();
    expect(storage.Units.get(world.ctx, first, 0)).toBeUndefined();
    assertOk(world, prefer(Drilling.bondFor(value, 2), []), byAlice);
    world.next();
    expect(storage.Units.get(world.ctx, first, 0)).toBeDefined();
  });

  test("has a chance without any score, and a better one with", () => {
    const world = drillWorld(3);
    approvedTask(world, { units: 10_000, reward: 0n });
    const first = [0, 0, 0];
    const none = { total: 0n, effective: 0n, updated: 0n };
    for (let round = 0; round < 300; round++) {
      // Alice weighs 9, the others 1: what they earn on the way is forgotten.
      scores.Scores.clear(world.ctx, []);
      const drilling = { total: 0n, effective: 20_000_000n << 128n, updated: timestamp.Now.get(world.ctx) };
      scores.Scores.set(world.ctx, alice, { drilling, training: none });
      for (const n of [1, 2, 3]) ask(world, n);
      world.next();
      const unit = storage.Tasks.get(world.ctx, 0)!.next - 1;
      first[storage.Units.get(world.ctx, 0, unit)!.seats[0]!.trainer[0]! - 1]!++;
      play(world, { task: 0, unit });
      storage.Records.clear(world.ctx, []);
      for (const { trainer } of storage.Askers.get(world.ctx)) {
        assertOk(world, request(trainer[0]!, 0), signedOrigin(trainer));
      }
    }
    // Nine in eleven are 245 of 300: six standard deviations are 40.
    expect(Math.abs(first[0]! - 245)).toBeLessThan(40);
    expect(Math.min(first[1]!, first[2]!)).toBeGreaterThan(0);
  });

  test("of many is served in bounded steps, one seat for each stash, tasks in turn", () => {
    const world = drillWorld(40);
    const tasks = [approvedTask(world), approvedTask(world)];
    for (let n = 1; n <= 40; n++) ask(world, n, 64);
    world.next();
    const formed = happened(world.ctx).filter(([name]) => name === "Drilling.QuorumFormed");
    expect(formed).toHaveLength(constants.MaxQuorumsPerBlock);
    const nexts = tasks.map((task) => storage.Tasks.get(world.ctx, task)!.next);
    expect(nexts).toEqual([16, 16]);
    for (const [, fields] of formed) {
      const { trainers } = fields as { trainers: Uint8Array[] };
      expect(new Set(trainers.map((who) => who[0])).size).toBe(trainers.length);
    }
    checkDrilling(world.ctx);
    world.next();
    checkDrilling(world.ctx);
  });
});

import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { adopt, type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { assertOk } from "../../../runtime/frame/testing/expectations.ts";
import { machineIdOf, type World } from "../../machines/testing/world.ts";
import { storage as system } from "../../system/index.ts";
import { person } from "../../testing/chain.ts";
import {
  canaryOf,
  commitmentOf,
  constants,
  drilling,
  storage,
  type TaskSpec,
  type UnitKey,
} from "../index.ts";
import { formQuorums } from "../quorum.ts";
import { sweepLeftovers } from "../tasks.ts";
import {
  approvedTask,
  ask,
  byOwner,
  commitAs,
  drillCall,
  drillWorld,
  membersOf,
  play,
  publishTask,
  revealAs,
  revealCall,
  saltOf,
  spec,
  truthOf,
  unitAt,
  voteWindow,
} from "./world.ts";

const trainers = 16;
const canarySalt = person(42);

/** A benchmark of a call, by whom it says. */
function measured(
  weight: string,
  make: (world: World) => readonly [who: Uint8Array | undefined, call: AnyCall],
): Benchmark {
  return {
    weight,
    prepare(ctx) {
      const world = drillWorld(trainers);
      const [who, call] = make(world);
      adopt(ctx, world);
      return dispatching(call, who ? signedOrigin(who) : byOwner);
    },
  };
}

/** A unit of a task with the largest quorum, given to its seven members. */
function seated(world: World, change: Partial<TaskSpec> = {}): UnitKey {
  const task = approvedTask(world, { units: 1, quorum: constants.MaxQuorum, ...change });
  for (let n = 1; n <= constants.MaxQuorum; n++) ask(world, n);
  world.next();
  return { task, unit: 0 };
}

/** Trainers that wait, as many as the list holds. */
function manyAskers(world: World): void {
  storage.Askers.mutate(world.ctx, (askers) => {
    const rest = constants.MaxAskers - 1 - askers.length;
    const others = Array.from({ length: rest }, (_, i) => ({
      trainer: new Uint8Array(32).fill(i % 256).fill(i >> 8, 16),
      machine: new Uint8Array(16),
      left: 1,
      weight: 1n,
    }));
    return [...askers, ...others];
  });
  storage.CounterForAskers.set(world.ctx, constants.MaxAskers - 1);
}

/** The hook in the block `due`, at which what is on the agenda falls due. */
function closing(ctx: Ctx, world: World, due: number): (run: Ctx) => void {
  storage.AgendaSince.set(world.ctx, due);
  adopt(ctx, world);
  return (run) => void drilling.onInitialize?.(run, due);
}

export const benchmarks: readonly Benchmark[] = [
  measured("registerProject", () => [
    person(1),
    drillCall("register_project", { name: new Uint8Array(64), uri: new Uint8Array(256) }),
  ]),
  {
    weight: "publishTask",
    items: constants.MaxCanaries,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      adopt(ctx, world);
      const commitments = Array.from({ length: items }, (_, i) =>
        new Uint8Array(32).fill(i % 256).fill(i >> 8, 16),
      );
      const canaries = items === 0 ? undefined : { commitments, window: 50 };
      const made = spec({ units: 100_000, canaries });
      return dispatching(drillCall("publish_task", { project: 0, spec: made }), byOwner);
    },
  },
  measured("voteTask", (world) => {
    const task = publishTask(world);
    assertOk(world, drillCall("vote_task", { task, aye: false }), signedOrigin(person(1)));
    return [person(1), drillCall("vote_task", { task, aye: true })];
  }),
  measured("requestWork", (world) => {
    manyAskers(world);
    return [person(16), drillCall("request_work", { machine: machineIdOf(16), max_units: 64 })];
  }),
  // The last to commit opens the window of revealing.
  measured("commitResult", (world) => {
    const key = seated(world);
    const members = membersOf(world, key);
    for (const member of members.slice(1)) commitAs(world, key, member);
    const [last] = members as [Uint8Array];
    const commitment = commitmentOf(key, last, truthOf(key), saltOf(last));
    return [last, drillCall("commit_result", { ...key, commitment })];
  }),
  {
    weight: "revealResult",
    // The last of a round, which settles all of its seats; without items the first, which settles none.
    items: constants.MaxQuorum,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      const key = seated(world);
      const [who, ...others] = membersOf(world, key) as [Uint8Array, ...Uint8Array[]];
      for (const member of [who, ...others]) commitAs(world, key, member);
      if (items > 0) for (const member of others) revealAs(world, key, member);
      adopt(ctx, world);
      return dispatching(revealCall(key, who), signedOrigin(who));
    },
  },
  measured("openCanary", (world) => {
    const answer = canaryOf(0, 0, person(7), canarySalt);
    const key = seated(world, { canaries: { commitments: [answer], window: 50 } });
    world.next();
    play(world, key);
    return [undefined, drillCall("open_canary", { ...key, result: person(7), salt: canarySalt })];
  }),
  measured("closeTask", (world) => [
    undefined,
    drillCall("close_task", { task: approvedTask(world, { units: 1 }) }),
  ]),
  measured("closeProject", () => [undefined, drillCall("close_project", { project: 0 })]),
  measured("setPreferences", () => {
    const refused_tasks = Array.from({ length: 32 }, (_, i) => i);
    return [
      person(1),
      drillCall("set_preferences", {
        preferences: { max_bond: 1n, refused_tasks, results: new Uint8Array(256).fill(97) },
      }),
    ];
  }),
  {
    weight: "perBlock",
    prepare(ctx) {
      const world = drillWorld(trainers);
      adopt(ctx, world);
      const next = system.Number.get(world.ctx) + 1;
      return (run) => void drilling.onInitialize?.(run, next);
    },
  },
  {
    weight: "perDue",
    // A vote that closes.
    items: 1,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      if (items > 0) publishTask(world);
      return closing(ctx, world, system.Number.get(world.ctx) + voteWindow);
    },
  },
  {
    weight: "perSeat",
    // Five of seven have revealed; the silent two are penalised, and the unit goes to another quorum.
    items: constants.MaxQuorum,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      const key = items > 0 ? seated(world) : undefined;
      if (key === undefined) return closing(ctx, world, system.Number.get(world.ctx) + 1);
      const members = membersOf(world, key);
      for (const member of members) commitAs(world, key, member);
      for (const member of members.slice(2)) revealAs(world, key, member);
      return closing(ctx, world, unitAt(world, key)!.due);
    },
  },
  {
    weight: "perQuorum",
    items: 2,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      for (let i = 0; i < items; i++) approvedTask(world, { units: 1, quorum: constants.MaxQuorum });
      for (let n = 1; n <= 2 * constants.MaxQuorum; n++) ask(world, n);
      adopt(ctx, world);
      const next = system.Number.get(world.ctx) + 1;
      return (run) => void formQuorums(run, next);
    },
  },
  {
    weight: "perSwept",
    items: 64,
    prepare(ctx, items) {
      const world = drillWorld(trainers);
      if (items > 0) {
        const commitments = Array.from({ length: items }, (_, i) => new Uint8Array(32).fill(i));
        const task = publishTask(world, { units: 6_400, canaries: { commitments, window: 50 } });
        assertOk(world, drillCall("close_task", { task }), byOwner);
      }
      adopt(ctx, world);
      return (run) => void sweepLeftovers(run, constants.MaxSweepPerBlock);
    },
  },
];

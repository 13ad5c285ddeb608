import { schedule } from "../../../runtime/frame/agenda.ts";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { adopt, type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { concatBytes, textBytes } from "../../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { storage as poh } from "../../poh/index.ts";
import { storage as system } from "../../system/index.ts";
import { person } from "../../testing/chain.ts";
import { moveOn } from "../challenge.ts";
import { challengeByChance } from "../chance.ts";
import { commitmentOf, leafEntries } from "../gemm.ts";
import { sweep } from "../heartbeat.ts";
import { type Challenge, constants, machines, storage } from "../index.ts";
import { agenda } from "../schema.ts";
import {
  addMachine,
  giveProvenMachine,
  machineCall,
  machineIdOf,
  trainersWorld,
  type World,
} from "./world.ts";

const owner = person(1);
const id = machineIdOf(1);
const side = 32_768;
const hash = (...parts: Uint8Array[]) => blake2_256(concatBytes(...parts));

/** A benchmark of a call of the first trainer, which has as many machines as it may. */
function measured(weight: string, call: (world: World) => AnyCall): Benchmark {
  return {
    weight,
    prepare(ctx) {
      const world = fleet();
      const made = call(world);
      adopt(ctx, world);
      return dispatching(made, signedOrigin(owner));
    },
  };
}

function fleet(less = 0): World {
  const world = trainersWorld(2);
  for (let i = 0; i < constants.MaxMachines - less; i++) giveProvenMachine(world, 1, i);
  return world;
}

/** A challenge of the first machine with the largest matrices, in a state, due in a block. */
function challenge(world: World, change: Partial<Challenge>, rounds = 1): Challenge {
  const made: Challenge = {
    state: "Issued",
    due: 50,
    seed: person(9),
    n: side,
    rounds,
    start: 1_600_000_000_000n,
    commitment: undefined,
    randomness: undefined,
    ...change,
  };
  storage.Challenges.set(world.ctx, id, made);
  schedule(world.ctx, agenda, made.due, id);
  return made;
}

/** A tree of zeros: every level has one hash. Its entries are wrong, so that all are computed and the stake is slashed. */
function zeros(): { leaf: Uint8Array; siblings: Uint8Array[]; root: Uint8Array } {
  const leaf = new Uint8Array(4 * leafEntries);
  const siblings: Uint8Array[] = [];
  const count = (side * side) / leafEntries;
  let node = hash(Uint8Array.of(0), leaf);
  for (let width = count; width > 1; width /= 2) {
    siblings.push(node);
    node = hash(Uint8Array.of(1), node, node);
  }
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, count, true);
  return { leaf, siblings, root: hash(Uint8Array.of(2), size, node) };
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "addMachine",
    items: 2_000,
    prepare(ctx, items) {
      const world = fleet(1);
      adopt(ctx, world);
      const metadata = textBytes(items === 0 ? "{}" : `{"a":"${"x".repeat(items - 6)}"}`);
      return dispatching(addMachine(machineIdOf(1, 99), 1n, metadata), signedOrigin(owner));
    },
  },
  measured("removeMachine", (world) => {
    challenge(world, {});
    return machineCall("remove_machine", { id });
  }),
  measured("heartbeat", (world) => {
    poh.EpochIndex.set(world.ctx, 6n);
    const activity = { whetstone: 1, utilisation: 1, memory: 1, energy: 1n, record: person(3) };
    return machineCall("heartbeat", { id, activity });
  }),
  measured("commitChallenge", (world) => {
    challenge(world, {});
    return machineCall("commit_challenge", { id, root: person(4) });
  }),
  {
    weight: "answerChallenge",
    items: 1_000,
    prepare(ctx, items) {
      const world = fleet();
      const { leaf, siblings, root } = zeros();
      const roots = Array.from({ length: Math.max(1, items) }, () => root);
      const products = { seed: person(9), n: side, rounds: roots.length };
      const commitment = { root: commitmentOf(products, roots), at: 1_600_000_060_000n };
      challenge(world, { state: "Drawn", commitment, randomness: person(5) }, roots.length);
      adopt(ctx, world);
      const entries = Array.from({ length: constants.Picks }, () => leaf);
      const proof = { roots, paths: entries.map(() => siblings) };
      return dispatching(machineCall("answer_challenge", { id, entries, proof }), signedOrigin(owner));
    },
  },
  {
    weight: "perBlock",
    prepare(ctx) {
      adopt(ctx, trainersWorld(1));
      system.Number.set(ctx, 2);
      return (run) => void machines.onInitialize?.(run, 2);
    },
  },
  // Queued, it is issued; drawn and not answered, the machine fails.
  ...(["Queued", "Drawn"] as const).map((state) => ({
    weight: "perDue",
    prepare(ctx: Ctx) {
      const world = fleet();
      challenge(world, { state });
      adopt(ctx, world);
      return (run: Ctx) => moveOn(run, id);
    },
  })),
  {
    weight: "perDraw",
    // With as many machines as one draw is made for, so that it hits one.
    items: 1,
    prepare(ctx, items) {
      const world = fleet();
      const interval = constants.ChallengeEpochs * 100;
      for (let place = 0; place < items * interval; place++) storage.MachineAt.set(world.ctx, place, id);
      storage.CounterForMachines.set(world.ctx, items * interval);
      adopt(ctx, world);
      return (run) => void challengeByChance(run);
    },
  },
  {
    weight: "perSwept",
    items: 32,
    // All have been silent for too long.
    prepare(ctx, items) {
      const world = fleet(constants.MaxMachines - items);
      storage.Sweep.set(world.ctx, { epoch: 0n, next: 0 });
      poh.EpochIndex.set(world.ctx, 50n);
      adopt(ctx, world);
      return (run) => void sweep(run);
    },
  },
];

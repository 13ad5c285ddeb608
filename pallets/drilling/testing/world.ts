/** A project, its tasks, and trainers that drill honestly or otherwise, block by block. */
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { assertOk } from "../../../runtime/frame/testing/expectations.ts";
import { equalBytes, textBytes } from "../../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { giveProvenMachine, machineIdOf, trainersWorld, type World } from "../../machines/testing/world.ts";
import { storage as system } from "../../system/index.ts";
import { MAI, person } from "../../testing/chain.ts";
import { commitmentOf, constants, drilling, storage, type TaskSpec, type UnitKey } from "../index.ts";

/** Who owns the project; no trainer. */
export const owner = person(200);
export const byOwner = signedOrigin(owner);

export const drillCall = (type: string, value: unknown) => ({ type: "Drilling", value: { type, value } });

export const reward = MAI / 10n;
export const difficulty = 1_000_000n;
export const voteWindow = 10;

export const spec = (change: Partial<TaskSpec> = {}): TaskSpec => ({
  model: { hash: person(1), uri: textBytes("ipfs:model") },
  inputs: { hash: person(2), uri: textBytes("ipfs:inputs") },
  rule: { type: "Integers" },
  units: 100,
  difficulty,
  quorum: 2,
  reward,
  commit_window: 5,
  reveal_window: 5,
  canaries: undefined,
  ...change,
});

export const hashOf = (text: string): Uint8Array => blake2_256(textBytes(text));
/** What an honest member finds in a unit. */
export const truthOf = ({ task, unit }: UnitKey): Uint8Array => hashOf(`truth ${task} ${unit}`);
export const saltOf = (trainer: Uint8Array): Uint8Array => blake2_256(trainer);

/** Persons 1 to `count` with a proven machine each, and a project of `owner`, number 0. */
export function drillWorld(count: number): World {
  const hooks = [(ctx: World["ctx"], block: number) => void drilling.onInitialize?.(ctx, block)];
  const world = trainersWorld(count, hooks, [[owner, 1_000_000n * MAI]]);
  constants.VoteWindow.set(world.ctx, voteWindow);
  world.next();
  for (let n = 1; n <= count; n++) giveProvenMachine(world, n);
  const project = { name: textBytes("stars"), uri: textBytes("https://stars") };
  assertOk(world, drillCall("register_project", project), byOwner);
  return world;
}

/** Publishes a task and has everybody approve it; returns its number. */
export function approvedTask(world: World, change: Partial<TaskSpec> = {}): number {
  const task = publishTask(world, change);
  for (const [trainer] of storageOfTrainers(world)) {
    assertOk(world, drillCall("vote_task", { task, aye: true }), signedOrigin(trainer));
  }
  world.next(voteWindow);
  return task;
}

export function publishTask(world: World, change: Partial<TaskSpec> = {}): number {
  const task = storage.NextTask.get(world.ctx);
  assertOk(world, drillCall("publish_task", { project: 0, spec: spec(change) }), byOwner);
  return task;
}

const storageOfTrainers = (world: World) => {
  const trainers: [Uint8Array][] = [];
  for (let n = 1; system.Account.exists(world.ctx, person(n)) && n < 200; n++) trainers.push([person(n)]);
  return trainers;
};

export const ask = (world: World, n: number, max_units = 1): void => {
  const request = drillCall("request_work", { machine: machineIdOf(n), max_units });
  assertOk(world, request, signedOrigin(person(n)));
};

export const unitAt = (world: World, key: UnitKey) => storage.Units.get(world.ctx, key.task, key.unit);
// The same array for the same person, so that tests can compare them with `===`.
const people = Array.from({ length: 256 }, (_, n) => person(n));
export const membersOf = (world: World, key: UnitKey): Uint8Array[] =>
  unitAt(world, key)!.seats.map(({ trainer }) => people[trainer[0]!]!);

export function commitAs(world: World, key: UnitKey, trainer: Uint8Array, result = truthOf(key)): void {
  const commitment = commitmentOf(key, trainer, result, saltOf(trainer));
  assertOk(world, drillCall("commit_result", { ...key, commitment }), signedOrigin(trainer));
}

export const revealCall = (key: UnitKey, trainer: Uint8Array, result = truthOf(key)) =>
  drillCall("reveal_result", { ...key, result, salt: saltOf(trainer) });

export const revealAs = (world: World, key: UnitKey, trainer: Uint8Array, result = truthOf(key)): void =>
  void assertOk(world, revealCall(key, trainer, result), signedOrigin(trainer));

/** Commits and reveals for all members of a round; `find` is what each of them says. */
export function play(
  world: World,
  key: UnitKey,
  find: (trainer: Uint8Array) => Uint8Array = () => truthOf(key),
): void {
  const members = membersOf(world, key);
  const mute = unitAt(world, key)!.seats.filter(({ commitment }) => commitment !== undefined);
  for (const trainer of members) {
    if (mute.some((seat) => equalBytes(seat.trainer, trainer))) continue;
    commitAs(world, key, trainer, find(trainer));
  }
  for (const trainer of members) revealAs(world, key, trainer, find(trainer));
}

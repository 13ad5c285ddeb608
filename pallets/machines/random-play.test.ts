import fc from "fast-check";
import { test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { storage as poh } from "../poh/index.ts";
import { person } from "../testing/chain.ts";
import { assertStakingInvariants } from "../trainer-staking/testing/invariants.ts";
import { constants, storage } from "./index.ts";
import { checkMachines } from "./testing/invariants.ts";
import { solve } from "./testing/solver.ts";
import { addMachine, machineCall, machineIdOf, trainersWorld, type World } from "./testing/world.ts";

const people = 3;
const which = {
  who: fc.integer({ min: 1, max: people }),
  of: fc.integer({ min: 1, max: people }),
  nth: fc.nat(2),
};
const does = <T extends string>(name: T) => fc.record({ do: fc.constant(name), ...which });
const step = fc.oneof(
  { weight: 3, arbitrary: does("add") },
  { weight: 1, arbitrary: does("remove") },
  { weight: 3, arbitrary: does("heartbeat") },
  { weight: 6, arbitrary: does("commit") },
  { weight: 6, arbitrary: does("answer") },
  { weight: 2, arbitrary: does("epoch") },
  { weight: 6, arbitrary: does("block") },
  { weight: 1, arbitrary: does("wait") },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const zeros = new Uint8Array(32);
/** Solving takes time, and the same challenge comes up again: once to commit, once to answer. */
const solved = new Map<string, ReturnType<typeof solve>>();

function solutionOf(world: World, id: Uint8Array, isLie: boolean) {
  const challenge = storage.Challenges.get(world.ctx, id);
  if (!challenge || challenge.state === "Queued") return undefined;
  const key = `${challenge.seed} ${isLie}`;
  const found = solved.get(key) ?? solve(challenge, (product) => void (isLie && product.fill(1)));
  solved.set(key, found);
  return found;
}

function act(world: World, { do: what, who, of, nth }: Step): void {
  // Most act on machines of their own; the third machine of each is a forger's.
  const id = machineIdOf(nth === 1 ? of : who, nth);
  const isLie = nth === 2;
  const by = signedOrigin(person(who));
  const attempt = (call: ReturnType<typeof machineCall>) => void world.ctx.dispatch(call, by);
  if (what === "block") world.next();
  if (what === "wait") world.next(constants.CommitWindow);
  if (what === "epoch") world.epoch(poh.EpochIndex.get(world.ctx) + 1n);
  if (what === "add") attempt(addMachine(id));
  if (what === "remove") attempt(machineCall("remove_machine", { id }));
  if (what === "heartbeat") {
    const activity = { whetstone: 1, utilisation: 1, memory: 1, energy: 1n, record: blake2_256(id) };
    attempt(machineCall("heartbeat", { id, activity }));
  }
  const solution = what === "commit" || what === "answer" ? solutionOf(world, id, isLie) : undefined;
  if (what === "commit")
    attempt(machineCall("commit_challenge", { id, root: solution?.commitment ?? zeros }));
  if (what !== "answer") return;
  const randomness = storage.Challenges.get(world.ctx, id)?.randomness ?? zeros;
  const openings = solution?.open(randomness, constants.Picks) ?? [];
  const entries = openings.map(({ leaf }) => leaf);
  const paths = openings.map(({ siblings }) => siblings);
  attempt(machineCall("answer_challenge", { id, entries, proof: { roots: solution?.roots ?? [], paths } }));
}

test("whatever owners, forgers and strangers do, the lists agree, bonds are right and challenges end", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
      const world = trainersWorld(people);
      world.next();
      for (const action of steps) {
        act(world, action);
        checkMachines(world.ctx);
      }
      assertStakingInvariants(world.ctx);
    }),
    { numRuns: 12 },
  );
});

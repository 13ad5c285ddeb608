import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { storage as scores } from "../compute-score/index.ts";
import { currentAuthorities, maxAuthorityWeight, setId } from "../grandpa/index.ts";
import { authorities } from "../poh/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, charlie, MAI, testChain } from "../testing/chain.ts";
import { storage as timestamp } from "../timestamp/index.ts";
import { votersOf } from "./epoch.ts";
import { bondReason, constants, slashBond, storage, trainerStaking } from "./index.ts";
import { chill, deregister, enter, resume } from "./registration.ts";
import { beginFirstEpoch, nextEpoch } from "./testing/epochs.ts";
import { madeUpKeys } from "./testing/keys.ts";

const week = 604_800_000n;
const names = new Map([
  [alice[0], "alice"],
  [bob[0], "bob"],
  [charlie[0], "charlie"],
]);
const keyOf = (who: Uint8Array) => madeUpKeys(who[0]!);

/** Trainers with bonds of 100 MAI; Alice and Bob have computed, Charlie has not. */
function begin(trainers: readonly Uint8Array[] = [alice, bob, charlie]): Ctx {
  const { ctx } = testChain([alice, bob, charlie].map((who) => [who, 1000n * MAI]));
  timestamp.Now.set(ctx, week);
  const dated = (uutPerDay: bigint) => ({ total: 0n, effective: uutPerDay << 128n, updated: week });
  scores.Scores.set(ctx, alice, { drilling: dated(100n), training: dated(0n) });
  scores.Scores.set(ctx, bob, { drilling: dated(0n), training: dated(100n) });
  for (const who of trainers) enter(ctx, who, 100n * MAI, keyOf(who));
  beginFirstEpoch(ctx);
  return ctx;
}

/** Who authors in the present epoch, with which weight. */
const authors = (ctx: Ctx) =>
  Object.fromEntries(authorities(ctx).map(({ trainer, weight }) => [names.get(trainer[0])!, weight]));
/** Who votes now, with which weight. */
const voters = (ctx: Ctx) =>
  Object.fromEntries(currentAuthorities(ctx).map(([key, weight]) => [names.get(key[0])!, weight]));

test("the list of an epoch is frozen when the second epoch before it begins", () => {
  const ctx = begin();
  // Scores halve in a week, and the list of epoch 2 is frozen by then.
  timestamp.Now.set(ctx, 2n * week);
  nextEpoch(ctx);
  timestamp.Now.set(ctx, 3n * week);
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n, bob: 60n, charlie: 0n });
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 20n, bob: 30n, charlie: 0n });
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 10n, bob: 15n, charlie: 0n });
  const [entry] = authorities(ctx).filter(({ trainer }) => trainer[0] === alice[0]);
  expect(entry?.key).toEqual(keyOf(alice).poh);
});

test("who registers votes from the next epoch on, and authors two epochs after it", () => {
  const ctx = begin([alice]);
  expect(voters(ctx)).toEqual({ alice: 100_000n });
  enter(ctx, bob, 150n * MAI, keyOf(bob));
  expect(voters(ctx)).toEqual({ alice: 100_000n });
  nextEpoch(ctx);
  expect(voters(ctx)).toEqual({ alice: 100_000n, bob: 150_000n });
  expect(setId(ctx)).toBe(2n);
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n });
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n, bob: 60n });
  // Nothing has changed, so there is no new set.
  expect(setId(ctx)).toBe(2n);
});

test("who rests leaves both lists in the same way, and comes back", () => {
  const ctx = begin();
  chill(ctx, bob);
  nextEpoch(ctx);
  expect(Object.keys(voters(ctx)).toSorted()).toEqual(["alice", "charlie"]);
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n, bob: 60n, charlie: 0n });
  resume(ctx, bob);
  nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n, charlie: 0n });
  expect(Object.keys(voters(ctx)).toSorted()).toEqual(["alice", "bob", "charlie"]);
});

test("a bond below the least one gives no place, neither does a former one", () => {
  const ctx = begin();
  const evidence = new Uint8Array(32);
  const subject = { type: "Machine", value: new Uint8Array(16) } as const;
  slashBond(ctx, { trainer: alice, amount: 1n, reason: "ChallengeFailed", subject, evidence });
  deregister(ctx, bob);
  nextEpoch(ctx);
  expect(Object.keys(voters(ctx))).toEqual(["charlie"]);
  nextEpoch(ctx);
  nextEpoch(ctx);
  // Nobody of those left has computed, so all weigh the same.
  expect(authors(ctx)).toEqual({ charlie: 1n });
});

test("the chain goes on when nobody serves, and when nobody is left", () => {
  const ctx = begin([alice]);
  chill(ctx, alice);
  for (let i = 0; i < 4; i++) nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n });
  expect(voters(ctx)).toEqual({ alice: 100_000n });
  deregister(ctx, alice);
  for (let i = 0; i < 4; i++) nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n });
  expect(voters(ctx)).toEqual({ alice: 100_000n });
  enter(ctx, bob, 100n * MAI, keyOf(bob));
  for (let i = 0; i < 3; i++) nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ bob: 60n });
  expect(voters(ctx)).toEqual({ bob: 100_000n });
});

test("a block within an epoch plans nothing", () => {
  const ctx = begin([alice]);
  nextEpoch(ctx);
  const before = setId(ctx);
  enter(ctx, bob, 100n * MAI, keyOf(bob));
  system.Number.mutate(ctx, (number) => number + 1);
  trainerStaking.onInitialize?.(ctx, system.Number.get(ctx));
  expect(voters(ctx)).toEqual({ alice: 100_000n });
  expect(setId(ctx)).toBe(before);
  for (let i = 0; i < 2; i++) nextEpoch(ctx);
  expect(authors(ctx)).toEqual({ alice: 40n });
});

test("a vote weighs a thousandth of a MAI, at least one and at most what a u64 can sum up", () => {
  const weigh = (bond: bigint) => {
    const trainer = { ...storage.Trainers.get(ctx, alice)!, bond };
    return votersOf([[alice, trainer]])[0]!.weight;
  };
  const ctx = begin([alice]);
  expect(weigh(0n)).toBe(1n);
  expect(weigh(1_999_999_999n)).toBe(1n);
  expect(weigh(2_000_000_000n)).toBe(2n);
  expect(weigh(1n << 127n)).toBe(maxAuthorityWeight);
  expect(bondReason).toEqual({ type: "TrainerStaking", value: "Bond" });
  expect(constants.MaxTrainers).toBe(1000);
});

import { expect, test } from "vitest";
import { balanceOnHold, balances, freeBalance } from "../balances/index.ts";
import { computeScore } from "../compute-score/index.ts";
import { currentAuthorities, setId, trainerOf } from "../grandpa/index.ts";
import { authorities } from "../poh/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, MAI, person, testChain } from "../testing/chain.ts";
import { bondReason, constants, trainerStaking, trainers } from "./index.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { madeUpKeys } from "./testing/keys.ts";

const first = (trainer: Uint8Array, byte: number, bond: bigint) => {
  const { poh: poh_key, gran: gran_key } = madeUpKeys(byte);
  return { trainer, poh_key, gran_key, bond };
};

interface Config {
  readonly trainers: readonly ReturnType<typeof first>[];
  readonly scores?: readonly { trainer: Uint8Array; drilling: bigint; training: bigint }[];
  readonly minBond?: bigint;
}

function begin({ trainers, scores = [], minBond = 100n * MAI }: Config) {
  const chain = testChain();
  const endowed = [alice, bob].map((who) => [who, 1000n * MAI] as const);
  balances.genesis?.build(chain.ctx, { balances: endowed });
  computeScore.genesis?.build(chain.ctx, { scores });
  trainerStaking.genesis?.build(chain.ctx, { trainers, minBond, unbondingEpochs: 3 });
  return chain.ctx;
}

test("first trainers are bonded, author by their scores and vote by their bonds", () => {
  const ctx = begin({
    trainers: [first(alice, 1, 100n * MAI), first(bob, 2, 300n * MAI)],
    scores: [
      { trainer: alice, drilling: 10n, training: 0n },
      { trainer: bob, drilling: 0n, training: 10n },
    ],
  });
  expect(trainers(ctx)).toHaveLength(2);
  expect(balanceOnHold(ctx, bondReason, bob)).toBe(300n * MAI);
  expect(freeBalance(ctx, bob)).toBe(700n * MAI);
  expect(constants.MinBond(ctx)).toBe(100n * MAI);
  expect(constants.UnbondingEpochs(ctx)).toBe(3);
  for (const epoch of ["current", "next"] as const) {
    const weights = authorities(ctx, epoch).map(({ trainer, key, weight }) => [trainer[0], key, weight]);
    expect(new Set(weights)).toEqual(
      new Set([
        [alice[0], madeUpKeys(1).poh, 4n],
        [bob[0], madeUpKeys(2).poh, 6n],
      ]),
    );
  }
  expect(new Set(currentAuthorities(ctx))).toEqual(
    new Set([
      [madeUpKeys(1).gran, 100_000n],
      [madeUpKeys(2).gran, 300_000n],
    ]),
  );
  expect(setId(ctx)).toBe(0n);
  expect(trainerOf(ctx, 0n, madeUpKeys(2).gran)).toEqual(bob);
  // Genesis has no header that could tell of the first set.
  expect(system.Digest.get(ctx).logs).toEqual([]);
  assertStakingInvariants(ctx);
});

test("without any score all first trainers weigh the same", () => {
  const ctx = begin({ trainers: [first(alice, 1, 100n * MAI), first(bob, 2, 300n * MAI)] });
  expect(authorities(ctx).map(({ weight }) => weight)).toEqual([1n, 1n]);
});

test("a chain may begin without trainers", () => {
  const ctx = begin({ trainers: [] });
  expect([...trainers(ctx), ...authorities(ctx), ...currentAuthorities(ctx)]).toEqual([]);
});

test.each<[what: string, trainers: Config["trainers"], message: string]>([
  ["a small bond", [first(alice, 1, 100n * MAI - 1n)], "the bond of a first trainer is at least"],
  ["a trainer named twice", [first(alice, 1, 100n * MAI), first(alice, 2, 100n * MAI)], "named twice"],
  ["a key named twice", [first(alice, 1, 100n * MAI), first(bob, 1, 100n * MAI)], "the same session key"],
  [
    "a finality key named twice",
    [first(alice, 1, 100n * MAI), { ...first(bob, 2, 100n * MAI), gran_key: madeUpKeys(1).gran }],
    "the same session key",
  ],
  ["a bond that is not there", [first(alice, 1, 1001n * MAI)], "FundsUnavailable"],
  ["a bond of an account that is not there", [first(person(9), 1, 100n * MAI)], "FundsUnavailable"],
])("a chain does not begin with %s", (_, config, message) => {
  expect(() => begin({ trainers: config })).toThrow(message);
});

import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { balanceOnHold, constants as balances, freeBalance, hold, totalIssuance } from "../balances/index.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, charlie, bond as foreign, happened, MAI, person, testChain } from "../testing/chain.ts";
import { bondOf, bondReason, penalise, type Slash, slashBond, stakeOf, storage } from "./index.ts";
import { enter } from "./registration.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { madeUpKeys } from "./testing/keys.ts";

const evidence = new Uint8Array(32).fill(0xee);
const subject = { type: "Machine", value: new Uint8Array(16).fill(0xdd) } as const;

/** Alice has a bond of 100 MAI, and 10, 20 and 30 are unbonding, the last being the newest. */
function begin(): Ctx {
  const { ctx } = testChain([
    [alice, 1000n * MAI],
    [bob, 10n * MAI],
    [treasuryAccount, MAI],
  ]);
  enter(ctx, alice, 160n * MAI, madeUpKeys(1));
  storage.Trainers.mutate(ctx, alice, (trainer) => trainer && { ...trainer, bond: 100n * MAI });
  const chunks = [10n, 20n, 30n].map((amount, i) => ({ value: amount * MAI, epoch: BigInt(i) + 5n }));
  storage.Unbonding.set(ctx, alice, chunks);
  assertStakingInvariants(ctx);
  return ctx;
}

const slash = (ctx: Ctx, amount: Slash["amount"], reporter?: Uint8Array) =>
  slashBond(ctx, { trainer: alice, amount, reason: "ChallengeFailed", subject, evidence, reporter });
const unbonding = (ctx: Ctx) => storage.Unbonding.get(ctx, alice).map(({ value }) => value / MAI);

test.each<[amount: bigint, taken: bigint, bond: bigint, chunks: bigint[]]>([
  [0n, 0n, 100n, [10n, 20n, 30n]],
  [40n, 40n, 60n, [10n, 20n, 30n]],
  [100n, 100n, 0n, [10n, 20n, 30n]],
  [101n, 101n, 0n, [10n, 20n, 29n]],
  [130n, 130n, 0n, [10n, 20n]],
  [145n, 145n, 0n, [10n, 5n]],
  [160n, 160n, 0n, []],
  [1000n, 160n, 0n, []],
])(
  "a slash of %s MAI takes %s: the bond first, then what is unbonding, newest first",
  (amount, taken, ...left) => {
    const ctx = begin();
    const before = totalIssuance(ctx);
    expect(slash(ctx, amount * MAI)).toBe(taken * MAI);
    expect([bondOf(ctx, alice) / MAI, unbonding(ctx)]).toEqual(left);
    expect(balanceOnHold(ctx, bondReason, alice)).toBe((160n - taken) * MAI);
    expect(stakeOf(ctx, alice)).toBe((160n - taken) * MAI);
    // Half is burned, half is the treasury's.
    expect(freeBalance(ctx, treasuryAccount)).toBe(MAI + (taken * MAI) / 2n);
    expect(before - totalIssuance(ctx)).toBe((taken * MAI) / 2n);
    // The free balance is out of reach.
    expect(freeBalance(ctx, alice)).toBe(840n * MAI);
    const slashed = { trainer: alice, reason: "ChallengeFailed", subject, amount: taken * MAI, evidence };
    expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Slashed", slashed]);
    assertStakingInvariants(ctx);
  },
);

test("a share is one of bond and unbonding together, so unbonding in time saves nothing", () => {
  const ctx = begin();
  expect(slash(ctx, { permill: 50_000 })).toBe(8n * MAI);
  // Of an uneven stake it is rounded down.
  expect(slash(ctx, 1n)).toBe(1n);
  expect(slash(ctx, { permill: 50_000 })).toBe(((152n * MAI - 1n) * 5n) / 100n);
  assertStakingInvariants(ctx);
});

test("a reporter gets a tenth, and the rest is halved", () => {
  const ctx = begin();
  const before = totalIssuance(ctx);
  slash(ctx, 100n * MAI + 1n, bob);
  expect(freeBalance(ctx, bob)).toBe(20n * MAI);
  expect(freeBalance(ctx, treasuryAccount)).toBe(46n * MAI);
  // The odd unit is burned.
  expect(before - totalIssuance(ctx)).toBe(45n * MAI + 1n);
  assertStakingInvariants(ctx);
});

test("nobody is rewarded for reporting themselves, nor with less than an account needs", () => {
  const own = begin();
  slash(own, 100n * MAI, alice);
  expect(freeBalance(own, alice)).toBe(840n * MAI);
  expect(freeBalance(own, treasuryAccount)).toBe(51n * MAI);
  const dust = begin();
  slash(dust, balances.ExistentialDeposit, person(77));
  expect(system.Account.exists(dust, person(77))).toBe(false);
  expect(freeBalance(dust, treasuryAccount)).toBe(MAI + balances.ExistentialDeposit / 2n);
  assertStakingInvariants(dust);
});

test("without an account of the treasury, too little for one is burned", () => {
  const { ctx } = testChain([[alice, 1000n * MAI]]);
  enter(ctx, alice, 160n * MAI, madeUpKeys(1));
  slash(ctx, balances.ExistentialDeposit);
  expect(system.Account.exists(ctx, treasuryAccount)).toBe(false);
  assertStakingInvariants(ctx);
  slash(ctx, MAI);
  expect(freeBalance(ctx, treasuryAccount)).toBe(MAI / 2n);
  assertStakingInvariants(ctx);
});

test("what the stake cannot pay, rewards do that have not vested", () => {
  const ctx = begin();
  const vesting = { type: "Rewards", value: "Vesting" } as const;
  hold(ctx, vesting, alice, 50n * MAI);
  expect(slash(ctx, 150n * MAI)).toBe(150n * MAI);
  expect(balanceOnHold(ctx, vesting, alice)).toBe(50n * MAI);
  expect(slash(ctx, 30n * MAI, bob)).toBe(30n * MAI);
  expect(balanceOnHold(ctx, vesting, alice)).toBe(30n * MAI);
  expect(freeBalance(ctx, bob)).toBe(13n * MAI);
  expect(slash(ctx, 1000n * MAI)).toBe(30n * MAI);
  // A share is one of the stake, which rewards are not part of.
  hold(ctx, vesting, alice, 50n * MAI);
  expect(slash(ctx, { permill: 1_000_000 })).toBe(0n);
  expect(freeBalance(ctx, alice)).toBe(740n * MAI);
  assertStakingInvariants(ctx);
});

test("a slash of a stranger takes nothing", () => {
  const ctx = begin();
  const [trainer, amount, reason] = [charlie, 5n, "VoteEquivocation"] as const;
  expect(slashBond(ctx, { trainer, amount, reason, subject, evidence })).toBe(0n);
  assertStakingInvariants(ctx);
});

test("who has left is slashed where it is still unbonding", () => {
  const ctx = begin();
  storage.Trainers.delete(ctx, alice);
  expect(slash(ctx, 35n * MAI)).toBe(35n * MAI);
  expect(unbonding(ctx)).toEqual([10n, 15n]);
});

const penalty = { trainer: alice, from: foreign, reason: "ProofRejected", subject, evidence } as const;

test("a penalty pays whom it names, burns what it says, and halves the rest", () => {
  const ctx = begin();
  hold(ctx, foreign, alice, 400n * MAI);
  const before = totalIssuance(ctx);
  // A rejected proof: a quarter to inspectors, half to the buyer, a quarter burned.
  const amount = 400n * MAI;
  const to = [[bob, amount / 4n] as const, [charlie, amount / 2n] as const];
  expect(penalise(ctx, { ...penalty, amount, to, burn: amount / 4n })).toBe(amount);
  expect(freeBalance(ctx, bob)).toBe(110n * MAI);
  expect(freeBalance(ctx, charlie)).toBe(200n * MAI);
  expect(before - totalIssuance(ctx)).toBe(100n * MAI);
  expect(freeBalance(ctx, treasuryAccount)).toBe(MAI);
  expect(balanceOnHold(ctx, foreign, alice)).toBe(0n);
  // The bond is not touched.
  expect(stakeOf(ctx, alice)).toBe(160n * MAI);
  const slashed = { trainer: alice, reason: "ProofRejected", subject, amount, evidence };
  expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Slashed", slashed]);
  assertStakingInvariants(ctx);
});

test("a penalty reaches what is held, in the order of those it names", () => {
  const ctx = begin();
  hold(ctx, foreign, alice, 30n * MAI);
  const to = [[bob, 20n * MAI] as const, [charlie, 20n * MAI] as const, [person(8), MAI] as const];
  expect(penalise(ctx, { ...penalty, amount: 100n * MAI, to, burn: 5n })).toBe(30n * MAI);
  expect(freeBalance(ctx, bob)).toBe(30n * MAI);
  expect(freeBalance(ctx, charlie)).toBe(10n * MAI);
  expect(system.Account.exists(ctx, person(8))).toBe(false);
  expect(penalise(ctx, { ...penalty, amount: MAI, to })).toBe(0n);
  assertStakingInvariants(ctx);
});

test("what a penalty assigns to nobody is burned and the treasury's, by halves", () => {
  const ctx = begin();
  hold(ctx, foreign, alice, 30n * MAI);
  const before = totalIssuance(ctx);
  penalise(ctx, { ...penalty, amount: 25n * MAI, to: [[bob, 5n * MAI]] });
  expect(freeBalance(ctx, treasuryAccount)).toBe(11n * MAI);
  expect(before - totalIssuance(ctx)).toBe(10n * MAI);
  expect(balanceOnHold(ctx, foreign, alice)).toBe(5n * MAI);
  assertStakingInvariants(ctx);
});

test("the latest slashes of an account are remembered, so many and no more", () => {
  const { ctx } = testChain([[alice, 100n * MAI]]);
  for (let i = 1; i <= 10; i++) {
    system.Number.set(ctx, i);
    slashBond(ctx, {
      trainer: alice,
      amount: 1n,
      reason: "ChallengeFailed",
      subject: { type: "Order", value: i },
      evidence: new Uint8Array(32).fill(i),
    });
  }
  const recent = storage.RecentSlashes.get(ctx, alice);
  expect(recent.map(({ block }) => block)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(recent.at(-1)).toEqual({
    block: 10,
    reason: "ChallengeFailed",
    subject: { type: "Order", value: 10 },
    amount: 0n,
    evidence: new Uint8Array(32).fill(10),
  });
});

import { expect, test } from "vitest";
import { noneOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { alice, bob, happened, MAI, testChain } from "../testing/chain.ts";
import { bondOf, bondReason, constants, setRequiredBond, stakeOf, storage } from "./index.ts";
import { enter } from "./registration.ts";
import { beginFirstEpoch, nextEpoch } from "./testing/epochs.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { madeUpKeys } from "./testing/keys.ts";

/** Alice is a trainer with a bond of 200 MAI and has 800 more; what is unbonded is free ten epochs later. */
function begin() {
  const chain = testChain([
    [alice, 1000n * MAI],
    [bob, 1000n * MAI],
  ]);
  constants.UnbondingEpochs.set(chain.ctx, 10);
  enter(chain.ctx, alice, 200n * MAI, madeUpKeys(1));
  beginFirstEpoch(chain.ctx);
  return chain;
}

const call = (type: string, value: object = {}) => ({ type: "TrainerStaking", value: { type, value } });
const unbond = (value: bigint) => call("unbond", { value });
const bondExtra = (value: bigint) => call("bond_extra", { value });
const withdraw = call("withdraw_unbonded");
const byAlice = signedOrigin(alice);

test("bond_extra holds more of what is free", () => {
  const chain = begin();
  const { ctx } = chain;
  assertNoop(chain, bondExtra(MAI), signedOrigin(bob), "TrainerStaking.NotRegistered");
  assertNoop(chain, bondExtra(0n), byAlice, "TrainerStaking.AmountZero");
  assertNoop(chain, bondExtra(800n * MAI), byAlice, "Token.FundsUnavailable");
  assertNoop(chain, bondExtra(MAI), noneOrigin, "BadOrigin");
  assertOk(chain, bondExtra(50n * MAI), byAlice);
  expect(bondOf(ctx, alice)).toBe(250n * MAI);
  expect(freeBalance(ctx, alice)).toBe(750n * MAI);
  expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Bonded", { trainer: alice, amount: 50n * MAI }]);
  assertStakingInvariants(ctx);
});

test("unbond leaves what a trainer and its machines need, and holds the rest for so many epochs", () => {
  const chain = begin();
  const { ctx } = chain;
  assertNoop(chain, unbond(MAI), signedOrigin(bob), "TrainerStaking.NotRegistered");
  assertNoop(chain, unbond(0n), byAlice, "TrainerStaking.AmountZero");
  assertNoop(chain, unbond(MAI), noneOrigin, "BadOrigin");
  for (const tooMuch of [100n * MAI + 1n, 200n * MAI, 1n << 127n]) {
    assertNoop(chain, unbond(tooMuch), byAlice, "TrainerStaking.BondTooLow");
  }
  setRequiredBond(ctx, alice, 150n * MAI);
  assertNoop(chain, unbond(50n * MAI + 1n), byAlice, "TrainerStaking.BondRequired");
  nextEpoch(ctx, 3n);
  assertOk(chain, unbond(50n * MAI), byAlice);
  const unbonded = { trainer: alice, amount: 50n * MAI, epoch: 13n };
  expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Unbonded", unbonded]);
  expect(bondOf(ctx, alice)).toBe(150n * MAI);
  expect(stakeOf(ctx, alice)).toBe(200n * MAI);
  expect(balanceOnHold(ctx, bondReason, alice)).toBe(200n * MAI);
  assertStakingInvariants(ctx);
});

test("withdraw_unbonded frees what is due and nothing else", () => {
  const chain = begin();
  const { ctx } = chain;
  assertNoop(chain, withdraw, byAlice, "TrainerStaking.NothingToWithdraw");
  assertNoop(chain, withdraw, noneOrigin, "BadOrigin");
  assertOk(chain, unbond(10n * MAI), byAlice);
  assertOk(chain, unbond(5n * MAI), byAlice);
  nextEpoch(ctx);
  assertOk(chain, unbond(20n * MAI), byAlice);
  expect(storage.Unbonding.get(ctx, alice)).toEqual([
    { value: 15n * MAI, epoch: 10n },
    { value: 20n * MAI, epoch: 11n },
  ]);
  nextEpoch(ctx, 9n);
  assertNoop(chain, withdraw, byAlice, "TrainerStaking.NothingToWithdraw");
  nextEpoch(ctx, 10n);
  assertOk(chain, withdraw, byAlice);
  expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Withdrawn", { trainer: alice, amount: 15n * MAI }]);
  expect(freeBalance(ctx, alice)).toBe(815n * MAI);
  assertNoop(chain, withdraw, byAlice, "TrainerStaking.NothingToWithdraw");
  nextEpoch(ctx, 40n);
  assertOk(chain, withdraw, byAlice);
  expect(storage.Unbonding.exists(ctx, alice)).toBe(false);
  expect(freeBalance(ctx, alice)).toBe(835n * MAI);
  assertStakingInvariants(ctx);
});

test("who has left withdraws everything in the end", () => {
  const chain = begin();
  const { ctx } = chain;
  assertOk(chain, call("deregister"), byAlice);
  nextEpoch(ctx, 10n);
  assertOk(chain, withdraw, byAlice);
  expect(freeBalance(ctx, alice)).toBe(1000n * MAI);
  expect(balanceOnHold(ctx, bondReason, alice)).toBe(0n);
  assertStakingInvariants(ctx);
});

test("so many parts can be unbonding, each of an epoch of its own", () => {
  const chain = begin();
  const { ctx } = chain;
  constants.UnbondingEpochs.set(ctx, 100);
  for (let i = 0; i < constants.MaxUnbondingChunks; i++) {
    assertOk(chain, unbond(MAI), byAlice);
    nextEpoch(ctx);
  }
  assertNoop(chain, unbond(MAI), byAlice, "TrainerStaking.TooManyChunks");
  assertNoop(chain, call("deregister"), byAlice, "TrainerStaking.TooManyChunks");
  nextEpoch(ctx, 100n);
  assertOk(chain, withdraw, byAlice);
  assertOk(chain, unbond(MAI), byAlice);
  assertStakingInvariants(ctx);
});

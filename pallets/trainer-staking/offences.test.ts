import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { freeBalance, totalIssuance } from "../balances/index.ts";
import { storage as scores } from "../compute-score/index.ts";
import { currentAuthorities, setId } from "../grandpa/index.ts";
import { doubleVote, voterKey } from "../grandpa/testing/double-vote.ts";
import { authorities, storage as poh } from "../poh/index.ts";
import { alice, bob, charlie, happened, MAI, testChain } from "../testing/chain.ts";
import { bondOf, isActive, isTrainer, stakeOf, storage, trainerStaking } from "./index.ts";
import { deregister, enter } from "./registration.ts";
import { beginFirstEpoch, nextEpoch } from "./testing/epochs.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { madeUpKeys } from "./testing/keys.ts";

const evidence = new Uint8Array(32).fill(0xab);
const bobKey = voterKey("//Bob");

/** Alice and Bob are trainers who bonded 200 MAI and weigh the same. */
function begin() {
  const chain = testChain([
    [alice, 1000n * MAI],
    [bob, 1000n * MAI],
    [charlie, 10n * MAI],
    [treasuryAccount, MAI],
  ]);
  const { ctx } = chain;
  enter(ctx, alice, 200n * MAI, madeUpKeys(1));
  enter(ctx, bob, 200n * MAI, { poh: madeUpKeys(2).poh, gran: bobKey.publicKey });
  const score = { total: 0n, effective: 100n << 128n, updated: 1n };
  for (const who of [alice, bob]) scores.Scores.set(ctx, who, { drilling: score, training: score });
  beginFirstEpoch(ctx);
  for (let i = 0; i < 3; i++) nextEpoch(ctx);
  return chain;
}

const finalize = (ctx: Ctx) => trainerStaking.onFinalize?.(ctx, 1);
const weightOf = (ctx: Ctx, who: Uint8Array) =>
  authorities(ctx).find(({ trainer }) => trainer[0] === who[0])?.weight ?? 0n;
const votes = (ctx: Ctx, key: Uint8Array) => currentAuthorities(ctx).some(([k]) => `${k}` === `${key}`);

/** As `Poh.report_equivocation` leaves it for the end of the block. */
const blockOffence = (ctx: Ctx, reporter?: Uint8Array) =>
  poh.Offences.set(ctx, [{ offender: bob, reporter, kind: "BlockEquivocation", evidence, slot: 50n }]);

test("two blocks for a slot cost 5 % of the bond, a tenth of which is the reporter's, and the weight of two epochs", () => {
  const { ctx } = begin();
  const issued = totalIssuance(ctx);
  blockOffence(ctx, charlie);
  finalize(ctx);
  expect(bondOf(ctx, bob)).toBe(190n * MAI);
  expect(freeBalance(ctx, charlie)).toBe(11n * MAI);
  expect(freeBalance(ctx, treasuryAccount)).toBe(MAI + (9n * MAI) / 2n);
  expect(issued - totalIssuance(ctx)).toBe((9n * MAI) / 2n);
  const subject = { type: "Slot", value: 50n };
  const slashed = { trainer: bob, reason: "BlockEquivocation", subject, amount: 10n * MAI, evidence };
  expect(happened(ctx)).toContainEqual(["TrainerStaking.Slashed", slashed]);

  expect(isActive(ctx, bob)).toBe(false);
  const seen: [bigint, boolean][] = [];
  for (let i = 0; i < 4; i++) {
    nextEpoch(ctx);
    seen.push([weightOf(ctx, bob), votes(ctx, bobKey.publicKey)]);
  }
  expect(seen.map(([weight]) => weight > 0n)).toEqual([false, false, true, true]);
  expect(seen.map(([, voter]) => voter)).toEqual([false, false, true, true]);
  expect(isActive(ctx, bob)).toBe(true);
  expect(weightOf(ctx, alice)).toBeGreaterThan(0n);
  assertStakingInvariants(ctx);
  // It was punished once.
  finalize(ctx);
  expect(bondOf(ctx, bob)).toBe(190n * MAI);
});

test("two votes in a round are punished alike, from their proof on, and once", () => {
  const chain = begin();
  const { ctx } = chain;
  const equivocation_proof = doubleVote(bobKey, { setId: setId(ctx) });
  const call = {
    type: "Grandpa",
    value: { type: "report_equivocation", value: { equivocation_proof } },
  };
  assertOk(chain, call, signedOrigin(charlie));
  finalize(ctx);
  expect(bondOf(ctx, bob)).toBe(190n * MAI);
  expect(freeBalance(ctx, charlie)).toBe(11n * MAI);
  expect(storage.Trainers.get(ctx, bob)?.suspended_before).toBe(6n);
  assertNoop(chain, call, signedOrigin(charlie), "Grandpa.DuplicateOffenceReport");
  finalize(ctx);
  const slashes = happened(ctx).filter(([name]) => name === "TrainerStaking.Slashed");
  const { set_id, equivocation } = equivocation_proof;
  const subject = { type: "Round", value: { set_id, round: equivocation.value.round_number } };
  expect(slashes).toMatchObject([["TrainerStaking.Slashed", { subject }]]);
  assertStakingInvariants(ctx);
});

test("who unbonds or leaves first is slashed all the same", () => {
  const { ctx } = begin();
  deregister(ctx, bob);
  blockOffence(ctx);
  finalize(ctx);
  expect(isTrainer(ctx, bob)).toBe(false);
  expect(stakeOf(ctx, bob)).toBe(190n * MAI);
  assertStakingInvariants(ctx);
});

test("two offences in one block are two slashes, each of what is left", () => {
  const { ctx } = begin();
  const one = { offender: bob, reporter: undefined, kind: "BlockEquivocation", slot: 50n } as const;
  poh.Offences.set(ctx, [
    { ...one, evidence },
    { ...one, evidence: evidence.map((byte) => byte ^ 1) },
  ]);
  finalize(ctx);
  expect(bondOf(ctx, bob)).toBe((200n * MAI * 95n * 95n) / 10_000n);
  assertStakingInvariants(ctx);
});

test("a later offence prolongs a suspension, an earlier one does not end it", () => {
  const { ctx } = begin();
  const until = () => storage.Trainers.get(ctx, bob)?.suspended_before;
  blockOffence(ctx);
  finalize(ctx);
  expect(until()).toBe(6n);
  nextEpoch(ctx);
  blockOffence(ctx);
  finalize(ctx);
  expect(until()).toBe(7n);
});

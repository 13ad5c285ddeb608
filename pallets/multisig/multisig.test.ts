import { describe, expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { maxWeight, weight, zeroWeight } from "../../runtime/primitives/weight.ts";
import { freeBalance, reservedBalance } from "../balances/index.ts";
import {
  alice,
  assertIssuance,
  bob,
  charlie,
  clearEvents,
  eventNames,
  happened,
  MAI,
  person,
  testChain,
} from "../testing/chain.ts";
import * as Multisig from "./index.ts";

const dave = person(4);
const call = (type: string, value: unknown) => ({ type: "Multisig", value: { type, value } });
const pay = (value: bigint): AnyCall => ({
  type: "Balances",
  value: { type: "transfer_allow_death", value: { dest: { type: "Id", value: dave }, value } },
});
const joint = Multisig.multisigAccount([alice, bob, charlie], 2);
const opened = { height: 1, index: 0 };
const deposit = Multisig.constants.DepositBase + 2n * Multisig.constants.DepositFactor;

const funded = () =>
  testChain([
    [alice, 10n * MAI],
    [bob, 10n * MAI],
    [charlie, 10n * MAI],
    [joint, 5n * MAI],
  ]);
const asMulti = (others: Uint8Array[], what: AnyCall, maybe_timepoint?: object, max_weight = maxWeight) =>
  call("as_multi", { threshold: 2, other_signatories: others, maybe_timepoint, call: what, max_weight });
const byHash = (others: Uint8Array[], what: AnyCall, maybe_timepoint?: object) =>
  call("approve_as_multi", {
    threshold: 2,
    other_signatories: others,
    maybe_timepoint,
    call_hash: blake2_256(encode(runtimeCall, what)),
    max_weight: zeroWeight,
  });

test("the account is that of polkadot.js for the same signatories", async () => {
  const { createKeyMulti } = await import("@polkadot/util-crypto");
  for (const threshold of [1, 2, 3]) {
    expect(Multisig.multisigAccount([alice, bob, charlie], threshold)).toEqual(
      createKeyMulti([charlie, alice, bob], threshold),
    );
  }
});

describe("two of three", () => {
  test("open an operation with a deposit, complete it, and get the deposit back", () => {
    const chain = funded();
    assertOk(chain, asMulti([bob, charlie], pay(MAI)), signedOrigin(alice));
    expect(reservedBalance(chain.ctx, alice)).toBe(deposit);
    const hash = blake2_256(encode(runtimeCall, pay(MAI)));
    expect(happened(chain.ctx).at(-1)).toEqual([
      "Multisig.NewMultisig",
      { approving: alice, multisig: joint, call_hash: hash },
    ]);
    clearEvents(chain.ctx);
    assertOk(chain, asMulti([alice, bob], pay(MAI), opened), signedOrigin(charlie));
    expect(eventNames(chain.ctx)).toEqual([
      "Balances.Unreserved",
      "System.NewAccount",
      "Balances.Endowed",
      "Balances.Transfer",
      "Multisig.MultisigExecuted",
    ]);
    expect(happened(chain.ctx).at(-1)![1]).toMatchObject({
      approving: charlie,
      timepoint: opened,
      result: { type: "Ok" },
    });
    expect(freeBalance(chain.ctx, dave)).toBe(MAI);
    expect(reservedBalance(chain.ctx, alice)).toBe(0n);
    expect([...Multisig.storage.Multisigs.keys(chain.ctx)]).toEqual([]);
    assertIssuance(chain.ctx);
  });

  test("a call that fails is told in the event, and the operation is over", () => {
    const chain = funded();
    assertOk(chain, byHash([bob, charlie], pay(99n * MAI)), signedOrigin(alice));
    assertOk(chain, asMulti([alice, charlie], pay(99n * MAI), opened), signedOrigin(bob));
    expect(happened(chain.ctx).at(-1)![1]).toMatchObject({ result: { type: "Err" } });
    expect([...Multisig.storage.Multisigs.keys(chain.ctx)]).toEqual([]);
  });

  test("the timepoint must be that of the operation", () => {
    const chain = funded();
    const origin = signedOrigin(alice);
    assertNoop(chain, asMulti([bob, charlie], pay(MAI), opened), origin, "Multisig.UnexpectedTimepoint");
    assertOk(chain, asMulti([bob, charlie], pay(MAI)), origin);
    const second = signedOrigin(bob);
    assertNoop(chain, asMulti([alice, charlie], pay(MAI)), second, "Multisig.NoTimepoint");
    const wrong = { height: 1, index: 1 };
    assertNoop(chain, asMulti([alice, charlie], pay(MAI), wrong), second, "Multisig.WrongTimepoint");
  });

  test("nobody approves twice, and a hash does not complete", () => {
    const chain = funded();
    assertOk(chain, byHash([bob, charlie], pay(MAI)), signedOrigin(alice));
    assertNoop(
      chain,
      asMulti([bob, charlie], pay(MAI), opened),
      signedOrigin(alice),
      "Multisig.AlreadyApproved",
    );
    assertOk(chain, byHash([alice, charlie], pay(MAI), opened), signedOrigin(bob));
    expect(eventNames(chain.ctx).at(-1)).toBe("Multisig.MultisigApproval");
    assertNoop(
      chain,
      byHash([alice, bob], pay(MAI), opened),
      signedOrigin(charlie),
      "Multisig.AlreadyApproved",
    );
    // Whoever brings the call completes it, even an earlier approver.
    assertOk(chain, asMulti([bob, charlie], pay(MAI), opened), signedOrigin(alice));
    expect(freeBalance(chain.ctx, dave)).toBe(MAI);
  });

  test("the call may not weigh more than the signatory allows", () => {
    const chain = funded();
    assertOk(chain, byHash([bob, charlie], pay(MAI)), signedOrigin(alice));
    assertNoop(
      chain,
      asMulti([alice, charlie], pay(MAI), opened, weight(1n)),
      signedOrigin(bob),
      "Multisig.MaxWeightTooLow",
    );
  });

  test("only its opener cancels", () => {
    const chain = funded();
    assertOk(chain, byHash([bob, charlie], pay(MAI)), signedOrigin(alice));
    const cancel = (others: Uint8Array[], timepoint = opened) =>
      call("cancel_as_multi", {
        threshold: 2,
        other_signatories: others,
        timepoint,
        call_hash: blake2_256(encode(runtimeCall, pay(MAI))),
      });
    assertNoop(chain, cancel([alice, charlie]), signedOrigin(bob), "Multisig.NotOwner");
    assertNoop(
      chain,
      cancel([bob, charlie], { height: 2, index: 0 }),
      signedOrigin(alice),
      "Multisig.WrongTimepoint",
    );
    assertOk(chain, cancel([bob, charlie]), signedOrigin(alice));
    expect(reservedBalance(chain.ctx, alice)).toBe(0n);
    assertNoop(chain, cancel([bob, charlie]), signedOrigin(alice), "Multisig.NotFound");
  });

  test("a deposit is poked to today's price", () => {
    const chain = funded();
    assertOk(chain, byHash([bob, charlie], pay(MAI)), signedOrigin(alice));
    const call_hash = blake2_256(encode(runtimeCall, pay(MAI)));
    const poke = call("poke_deposit", { threshold: 2, other_signatories: [bob, charlie], call_hash });
    expect(assertOk(chain, poke, signedOrigin(alice)).pays_fee).toBe("Yes");
    const operation = Multisig.storage.Multisigs.get(chain.ctx, joint, call_hash)!;
    Multisig.storage.Multisigs.set(chain.ctx, joint, call_hash, { ...operation, deposit: deposit - 7n });
    expect(assertOk(chain, poke, signedOrigin(alice)).pays_fee).toBe("No");
    expect(reservedBalance(chain.ctx, alice)).toBe(deposit + 7n);
    expect(happened(chain.ctx).at(-1)).toEqual([
      "Multisig.DepositPoked",
      { who: alice, call_hash, old_deposit: deposit - 7n, new_deposit: deposit },
    ]);
  });

  test("signatories are sorted, others, and not too many", () => {
    const chain = funded();
    const origin = signedOrigin(alice);
    const many = Array.from({ length: 100 }, (_, i) => person(100 + i));
    assertNoop(chain, asMulti([charlie, bob], pay(1n)), origin, "Multisig.SignatoriesOutOfOrder");
    assertNoop(chain, asMulti([bob, bob], pay(1n)), origin, "Multisig.SignatoriesOutOfOrder");
    assertNoop(chain, asMulti([alice, bob], pay(1n)), origin, "Multisig.SenderInSignatories");
    assertNoop(chain, asMulti([], pay(1n)), origin, "Multisig.TooFewSignatories");
    assertNoop(chain, asMulti(many, pay(1n)), origin, "Multisig.TooManySignatories");
    const lonely = { threshold: 1, other_signatories: [bob], call: pay(1n), max_weight: maxWeight };
    assertNoop(chain, call("as_multi", lonely), origin, "Multisig.MinimumThreshold");
  });
});

test("one of three acts at once, and what the call says is the result", () => {
  const account = Multisig.multisigAccount([alice, bob], 1);
  const chain = testChain([
    [alice, MAI],
    [account, 3n * MAI],
  ]);
  const one = (value: bigint) => call("as_multi_threshold_1", { other_signatories: [bob], call: pay(value) });
  assertOk(chain, one(MAI), signedOrigin(alice));
  expect(freeBalance(chain.ctx, dave)).toBe(MAI);
  assertNoop(chain, one(3n * MAI), signedOrigin(alice), "Token.FundsUnavailable");
});

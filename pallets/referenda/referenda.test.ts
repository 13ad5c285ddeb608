import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { storage as system } from "../system/index.ts";
import {
  alice,
  assertIssuance,
  bob,
  charlie,
  clearEvents,
  happened,
  MAI,
  person,
  testChain,
} from "../testing/chain.ts";
import { trainerStaking } from "../trainer-staking/index.ts";
import { madeUpKeys } from "../trainer-staking/testing/keys.ts";
import { constants, referenda, referendumTopic, storage } from "./index.ts";
import { voteReason } from "./locks.ts";
import { depositReason } from "./propose.ts";
import { assertReferenda } from "./testing/invariants.ts";

const dave = person(4);
const votingPeriod = 20;
const delay = 5;

/** Alice has 1,000 MAI bonded; with the treasury's there are 10,000 in all, so 500 are needed for a proposal. */
function chainOf() {
  const chain = testChain([
    [alice, 3_000n * MAI],
    [bob, 3_000n * MAI],
    [charlie, 3_000n * MAI],
    [treasuryAccount, 1_000n * MAI],
  ]);
  referenda.genesis?.build(chain.ctx, { votingPeriod, enactmentDelay: delay });
  const { poh, gran } = madeUpKeys(1);
  const trainers = [{ trainer: alice, poh_key: poh, gran_key: gran, bond: 1_000n * MAI }];
  trainerStaking.genesis?.build(chain.ctx, { ...trainerStaking.genesis.defaults, trainers });
  clearEvents(chain.ctx);
  /** Begins the blocks up to `block`. */
  const goTo = (block: number) => {
    for (let next = system.Number.get(chain.ctx) + 1; next <= block; next++) {
      system.Number.set(chain.ctx, next);
      referenda.onInitialize?.(chain.ctx, next);
      assertIssuance(chain.ctx);
      assertReferenda(chain.ctx);
    }
  };
  return { ...chain, goTo };
}

const inReferenda = (type: string, value: object): AnyCall => ({ type: "Referenda", value: { type, value } });
const propose = (proposal: AnyCall) => inReferenda("propose", { proposal });
const vote = (index: number, aye: boolean, locked: bigint) => inReferenda("vote", { index, aye, locked });
const removeVote = (index: number) => inReferenda("remove_vote", { index });
const cancel = (index: number) => inReferenda("cancel", { index });
const setParameter = (name: string, value: bigint) =>
  inReferenda("set_parameter", { parameter: textBytes(name), value });
const spend: AnyCall = {
  type: "Treasury",
  value: { type: "spend_local", value: { amount: 10n * MAI, beneficiary: { type: "Id", value: dave } } },
};
const remark = (length: number): AnyCall => ({
  type: "System",
  value: { type: "remark", value: { remark: new Uint8Array(length) } },
});

const of = (name: string, events: [string, unknown][]) =>
  events.filter(([type]) => type === `Referenda.${name}`);

describe("a referendum", () => {
  test("that is approved is enacted as root after the delay, and everything comes back", () => {
    const { goTo, ...chain } = chainOf();
    const { ctx } = chain;
    assertOk(chain, propose(spend), signedOrigin(bob));
    expect(balanceOnHold(ctx, depositReason, bob)).toBe(10n * MAI);
    assertOk(chain, vote(0, true, 0n), signedOrigin(alice));
    assertOk(chain, vote(0, false, 999n * MAI), signedOrigin(charlie));
    expect(balanceOnHold(ctx, voteReason, charlie)).toBe(999n * MAI);
    const tally = { ayes: 1_000n * MAI, nays: 999n * MAI };
    expect(happened(ctx)).toEqual([
      ["Referenda.Proposed", { index: 0, proposer: bob, proposal: spend, deposit: 10n * MAI, end: 21 }],
      [
        "Referenda.Voted",
        {
          index: 0,
          voter: alice,
          aye: true,
          bonded: 1_000n * MAI,
          locked: 0n,
          tally: { ...tally, nays: 0n },
        },
      ],
      ["Referenda.Voted", { index: 0, voter: charlie, aye: false, bonded: 0n, locked: 999n * MAI, tally }],
    ]);
    clearEvents(ctx);
    goTo(20);
    expect(happened(ctx)).toEqual([]);
    goTo(21);
    expect(happened(ctx)).toEqual([
      [
        "Referenda.Approved",
        { index: 0, tally, needed: 500n * MAI, enactment: 26, proposer: bob, deposit: 10n * MAI },
      ],
      expect.arrayContaining(["Referenda.VoteReleased"]),
      expect.arrayContaining(["Referenda.VoteReleased"]),
    ]);
    expect(freeBalance(ctx, bob)).toBe(3_000n * MAI);
    expect(freeBalance(ctx, charlie)).toBe(3_000n * MAI);
    goTo(25);
    expect(freeBalance(ctx, dave)).toBe(0n);
    goTo(26);
    expect(freeBalance(ctx, dave)).toBe(10n * MAI);
    expect(happened(ctx).at(-1)).toEqual([
      "Referenda.Enacted",
      { index: 0, result: { type: "Ok", value: undefined } },
    ]);
    const topics = (topic: Uint8Array) => system.EventTopics.get(ctx, topic).length;
    expect([topics(referendumTopic(0)), topics(bob), topics(charlie)]).toEqual([7, 2, 2]);
    // Nothing but the count is left.
    for (const item of [storage.Open, storage.ReferendumInfo, storage.Proposals, storage.Votes]) {
      expect(ctx.storage.nextKey(item.key())?.subarray(0, 32)).not.toEqual(item.key());
    }
    assertOk(chain, propose(spend), signedOrigin(bob));
    expect(storage.Open.get(ctx)[0]!.index).toBe(1);
  });

  test.each([
    ["as much is against as for", 600n, 600n, false],
    ["more is against than for", 600n, 601n, true],
    ["too little is for", 499n, 1n, false],
    ["nobody votes", 0n, 0n, false],
  ])("is rejected when %s", (_, ayes, nays, forfeited) => {
    const { goTo, ...chain } = chainOf();
    assertOk(chain, propose(spend), signedOrigin(alice));
    if (ayes > 0n) assertOk(chain, vote(0, true, ayes * MAI), signedOrigin(bob));
    if (nays > 0n) assertOk(chain, vote(0, false, nays * MAI), signedOrigin(charlie));
    goTo(60);
    expect(of("Rejected", happened(chain.ctx))).toEqual([
      [
        "Referenda.Rejected",
        {
          index: 0,
          tally: { ayes: ayes * MAI, nays: nays * MAI },
          needed: 500n * MAI,
          proposer: alice,
          deposit: 10n * MAI,
          forfeited,
        },
      ],
    ]);
    expect(freeBalance(chain.ctx, alice)).toBe((forfeited ? 1_990n : 2_000n) * MAI);
    expect(freeBalance(chain.ctx, treasuryAccount)).toBe((forfeited ? 1_010n : 1_000n) * MAI);
    expect(freeBalance(chain.ctx, dave)).toBe(0n);
    expect(storage.Open.exists(chain.ctx)).toBe(false);
  });

  test("with exactly the support that is needed is approved", () => {
    const { goTo, ...chain } = chainOf();
    assertOk(chain, propose(spend), signedOrigin(alice));
    assertOk(chain, vote(0, true, 500n * MAI), signedOrigin(bob));
    goTo(26);
    expect(freeBalance(chain.ctx, dave)).toBe(10n * MAI);
  });

  test("tells how its proposal failed, and changes nothing then", () => {
    const { goTo, ...chain } = chainOf();
    const tooMuch = {
      ...spend,
      value: { ...spend.value, value: { ...(spend.value.value as object), amount: 2_000n * MAI } },
    };
    assertOk(chain, propose(tooMuch), signedOrigin(alice));
    assertOk(chain, vote(0, true, 0n), signedOrigin(alice));
    goTo(26);
    const error = { type: "Module", value: { index: 15, error: Uint8Array.of(1, 0, 0, 0) } };
    expect(happened(chain.ctx).at(-1)).toEqual([
      "Referenda.Enacted",
      { index: 0, result: { type: "Err", value: error } },
    ]);
    expect(freeBalance(chain.ctx, treasuryAccount)).toBe(1_000n * MAI);
  });

  test("whose proposal a release has made meaningless ends without harm", () => {
    const { goTo, ...chain } = chainOf();
    assertOk(chain, propose(spend), signedOrigin(alice));
    assertOk(chain, vote(0, true, 0n), signedOrigin(alice));
    chain.ctx.storage.set(storage.Proposals.key(0), Uint8Array.of(255, 255));
    goTo(26);
    expect(happened(chain.ctx).at(-1)).toEqual([
      "Referenda.Enacted",
      { index: 0, result: { type: "Err", value: { type: "Corruption" } } },
    ]);
  });
});

describe("a vote", () => {
  test("replaces the earlier one; one hold serves all referenda at once", () => {
    const { goTo, ...chain } = chainOf();
    const { ctx } = chain;
    for (let i = 0; i < 3; i++) assertOk(chain, propose(remark(i)), signedOrigin(alice));
    assertOk(chain, vote(0, true, 700n * MAI), signedOrigin(bob));
    assertOk(chain, vote(1, false, 2_000n * MAI), signedOrigin(bob));
    assertOk(chain, vote(2, true, 10n * MAI), signedOrigin(bob));
    expect(balanceOnHold(ctx, voteReason, bob)).toBe(2_000n * MAI);
    assertOk(chain, vote(1, true, 500n * MAI), signedOrigin(bob));
    expect(storage.ReferendumInfo.get(ctx, 1)!.tally).toEqual({ ayes: 500n * MAI, nays: 0n });
    expect(balanceOnHold(ctx, voteReason, bob)).toBe(700n * MAI);
    assertOk(chain, removeVote(0), signedOrigin(bob));
    expect(storage.ReferendumInfo.get(ctx, 0)!.tally).toEqual({ ayes: 0n, nays: 0n });
    expect(balanceOnHold(ctx, voteReason, bob)).toBe(500n * MAI);
    goTo(21);
    expect(freeBalance(ctx, bob)).toBe(3_000n * MAI);
  });

  test("needs a stake, a referendum, and its time", () => {
    const { goTo, ...chain } = chainOf();
    assertNoop(chain, vote(0, true, MAI), signedOrigin(bob), "Referenda.NotOpen");
    assertNoop(chain, removeVote(0), signedOrigin(bob), "Referenda.NotOpen");
    assertOk(chain, propose(spend), signedOrigin(bob));
    assertNoop(chain, vote(0, true, MAI - 1n), signedOrigin(bob), "Referenda.StakeTooSmall");
    assertNoop(chain, vote(0, true, 0n), signedOrigin(bob), "Referenda.StakeTooSmall");
    assertNoop(chain, vote(0, true, 3_000n * MAI), signedOrigin(bob), "Token.FundsUnavailable");
    assertNoop(chain, vote(0, true, (1n << 128n) - 1n), signedOrigin(bob), "Token.FundsUnavailable");
    assertNoop(chain, vote(1, true, MAI), signedOrigin(bob), "Referenda.NotOpen");
    assertNoop(chain, vote(0, true, MAI), noneOrigin, "BadOrigin");
    assertNoop(chain, vote(0, true, MAI), rootOrigin, "BadOrigin");
    assertNoop(chain, removeVote(0), signedOrigin(bob), "Referenda.NoVote");
    assertNoop(chain, removeVote(0), rootOrigin, "BadOrigin");
    assertOk(chain, vote(0, true, 600n * MAI), signedOrigin(charlie));
    goTo(21);
    assertNoop(chain, vote(0, true, MAI), signedOrigin(bob), "Referenda.VotingEnded");
    assertNoop(chain, removeVote(0), signedOrigin(charlie), "Referenda.VotingEnded");
  });

  test("counts neither stake that unbonds nor what others have on hold", () => {
    const { goTo: _, ...chain } = chainOf();
    assertOk(chain, propose(spend), signedOrigin(bob));
    const unbond = { type: "TrainerStaking", value: { type: "unbond", value: { value: 600n * MAI } } };
    assertOk(chain, unbond, signedOrigin(alice));
    assertOk(chain, vote(0, true, 0n), signedOrigin(alice));
    expect(storage.ReferendumInfo.get(chain.ctx, 0)!.tally.ayes).toBe(400n * MAI);
  });

  test("is released some at a time when thousands have voted", () => {
    const { goTo, ...chain } = chainOf();
    const { ctx } = chain;
    assertOk(chain, propose(spend), signedOrigin(bob));
    const voters = Array.from({ length: 120 }, (_, i) => person(100 + i));
    for (const voter of voters) {
      const give = { dest: { type: "Id", value: voter }, value: 10n * MAI };
      assertOk(
        chain,
        { type: "Balances", value: { type: "transfer_keep_alive", value: give } },
        signedOrigin(charlie),
      );
      assertOk(chain, vote(0, true, 5n * MAI), signedOrigin(voter));
    }
    const locked = () => voters.filter((voter) => balanceOnHold(ctx, voteReason, voter) > 0n).length;
    const left = [20, 21, 22, 23].map((block) => {
      goTo(block);
      return locked();
    });
    expect(left).toEqual([120, 70, 20, 0]);
    goTo(26);
    expect(freeBalance(ctx, dave)).toBe(10n * MAI);
    expect(storage.Open.exists(ctx)).toBe(false);
  });
});

describe("a proposal", () => {
  test("costs twice as much with each that is open, up to sixteen", () => {
    const { goTo: _, ...chain } = chainOf();
    assertOk(chain, propose(spend), signedOrigin(alice));
    assertOk(chain, propose(spend), signedOrigin(alice));
    expect(balanceOnHold(chain.ctx, depositReason, alice)).toBe(30n * MAI);
    for (let i = 2; i < 8; i++) assertOk(chain, propose(spend), signedOrigin(bob));
    assertNoop(chain, propose(spend), signedOrigin(bob), "Token.FundsUnavailable");
    storage.Open.mutate(chain.ctx, (open) => [...open, ...open]);
    assertNoop(chain, propose(spend), signedOrigin(charlie), "Referenda.TooManyOpen");
  });

  test("is signed, short and light", () => {
    const { goTo: _, ...chain } = chainOf();
    assertNoop(chain, propose(spend), rootOrigin, "BadOrigin");
    assertNoop(chain, propose(spend), noneOrigin, "BadOrigin");
    assertNoop(chain, propose(spend), signedOrigin(dave), "Token.FundsUnavailable");
    assertOk(chain, propose(remark(constants.MaxProposalLength - 4)), signedOrigin(alice));
    assertNoop(
      chain,
      propose(remark(constants.MaxProposalLength - 3)),
      signedOrigin(alice),
      "Referenda.ProposalTooLong",
    );
    const kill = (subkeys: number): AnyCall => ({
      type: "System",
      value: { type: "kill_prefix", value: { prefix: Uint8Array.of(1), subkeys } },
    });
    assertOk(chain, propose(kill(1_000)), signedOrigin(alice));
    assertNoop(chain, propose(kill(2_000)), signedOrigin(alice), "Referenda.ProposalTooHeavy");
  });

  test("is cancelled by its proposer while votes are cast, by root until it is enacted", () => {
    const { goTo, ...chain } = chainOf();
    const { ctx } = chain;
    for (let i = 0; i < 3; i++) assertOk(chain, propose(spend), signedOrigin(bob));
    assertOk(chain, vote(0, true, 700n * MAI), signedOrigin(charlie));
    assertOk(chain, vote(2, true, 700n * MAI), signedOrigin(charlie));
    assertNoop(chain, cancel(0), signedOrigin(charlie), "Referenda.NotProposer");
    assertNoop(chain, cancel(3), signedOrigin(bob), "Referenda.NotOpen");
    assertNoop(chain, cancel(0), noneOrigin, "BadOrigin");
    assertOk(chain, cancel(0), signedOrigin(bob));
    assertNoop(chain, cancel(0), signedOrigin(bob), "Referenda.NotOpen");
    assertNoop(chain, vote(0, true, MAI), signedOrigin(alice), "Referenda.VotingEnded");
    assertOk(chain, cancel(1), rootOrigin);
    expect(of("Canceled", happened(ctx))).toEqual([
      ["Referenda.Canceled", { index: 0, by: bob, proposer: bob }],
      ["Referenda.Canceled", { index: 1, by: undefined, proposer: bob }],
    ]);
    expect(balanceOnHold(ctx, depositReason, bob)).toBe(40n * MAI);
    goTo(2);
    expect(storage.Open.get(ctx).map(({ index }) => index)).toEqual([2]);
    goTo(21);
    expect(freeBalance(ctx, bob)).toBe(3_000n * MAI);
    assertNoop(chain, cancel(2), signedOrigin(bob), "Referenda.NotProposer");
    assertOk(chain, cancel(2), rootOrigin);
    goTo(30);
    expect(freeBalance(ctx, dave)).toBe(0n);
    expect(of("Enacted", happened(ctx))).toEqual([]);
    expect(storage.Open.exists(ctx)).toBe(false);
  });

  test("is enacted one in a block, in the order of their numbers", () => {
    const { goTo, ...chain } = chainOf();
    for (let i = 0; i < 3; i++) {
      assertOk(chain, propose(i === 0 ? cancel(1) : spend), signedOrigin(alice));
      assertOk(chain, vote(i, true, 0n), signedOrigin(alice));
    }
    const paid = [26, 27, 28].map((block) => {
      goTo(block);
      return freeBalance(chain.ctx, dave) / MAI;
    });
    // The first cancels the second.
    expect(paid).toEqual([0n, 10n, 10n]);
  });
});

describe("set_parameter", () => {
  test("changes what is declared to be governed, by a vote", () => {
    const { goTo, ...chain } = chainOf();
    assertOk(chain, propose(setParameter("Referenda.MinSupport", 10_000n)), signedOrigin(alice));
    assertOk(chain, vote(0, true, 0n), signedOrigin(alice));
    goTo(26);
    expect(constants.MinSupport(chain.ctx)).toBe(10_000);
    expect(of("ParameterChanged", happened(chain.ctx))).toEqual([
      [
        "Referenda.ParameterChanged",
        { parameter: textBytes("Referenda.MinSupport"), old: 50_000n, new: 10_000n },
      ],
    ]);
  });

  test("is for root, for known names and within bounds", () => {
    const { goTo: _, ...chain } = chainOf();
    const name = "Referenda.MinSupport";
    assertNoop(chain, setParameter(name, 10_000n), signedOrigin(alice), "BadOrigin");
    assertNoop(chain, setParameter(name, 9_999n), rootOrigin, "Referenda.OutOfBounds");
    assertNoop(chain, setParameter(name, 500_001n), rootOrigin, "Referenda.OutOfBounds");
    assertNoop(chain, setParameter(name, (1n << 128n) - 1n), rootOrigin, "Referenda.OutOfBounds");
    for (const unknown of ["", "Referenda", "Referenda.VotingPeriod", "referenda.MinSupport", "Sudo.Key"]) {
      assertNoop(chain, setParameter(unknown, 10_000n), rootOrigin, "Referenda.UnknownParameter");
    }
    assertOk(chain, setParameter(name, 500_000n), rootOrigin);
  });
});

const act = fc.record({
  who: fc.constantFrom(alice, bob, charlie, dave, undefined),
  call: fc.constantFrom("propose", "vote", "vote", "vote", "remove", "cancel", "unbond"),
  index: fc.nat(6),
  aye: fc.boolean(),
  amount: fc.bigInt(0n, 1_200n * MAI),
  blocks: fc.constantFrom(0, 0, 0, 1, 3, 11),
});

test("in whatever order calls come, holds are what votes and deposits say, and all ends by itself", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 50 }), (acts) => {
      const { goTo, ...chain } = chainOf();
      const { ctx } = chain;
      for (const { who, call, index, aye, amount, blocks } of acts) {
        const calls: Record<string, AnyCall> = {
          propose: propose(index === 0 ? cancel(1) : spend),
          vote: vote(index, aye, amount),
          remove: removeVote(index),
          cancel: cancel(index),
          unbond: { type: "TrainerStaking", value: { type: "unbond", value: { value: amount } } },
        };
        ctx.dispatch(calls[call]!, who ? signedOrigin(who) : rootOrigin);
        assertReferenda(ctx);
        goTo(system.Number.get(ctx) + blocks);
      }
      goTo(system.Number.get(ctx) + votingPeriod + delay + 8);
      expect(storage.Open.exists(ctx)).toBe(false);
      for (const who of [bob, charlie]) expect(balanceOnHold(ctx, voteReason, who)).toBe(0n);
    }),
    { numRuns: 60 },
  );
});

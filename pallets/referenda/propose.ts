import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { anyAbove } from "../../runtime/primitives/weight.ts";
import { hold, release } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { constants, errors, events, referendumTopic, storage } from "./schema.ts";

export const depositReason = { type: "Referenda", value: "Deposit" } as const;

/**
 * Puts a call to the vote. Throws `TooManyOpen`, `ProposalTooLong`, `ProposalTooHeavy`, `FundsUnavailable`. The deposit
 * doubles with each open referendum, so that nobody can keep all places taken.
 */
export function propose(ctx: Ctx, proposer: AccountId, proposal: AnyCall): void {
  const open = storage.Open.get(ctx);
  ensure(open.length < constants.MaxOpen, errors.TooManyOpen);
  ensure(encode(runtimeCall, proposal).length <= constants.MaxProposalLength, errors.ProposalTooLong);
  const { weight } = ctx.runtime.dispatchInfo(proposal);
  ensure(!anyAbove(weight, constants.MaxProposalWeight), errors.ProposalTooHeavy);
  const deposit = constants.SubmissionDeposit << BigInt(open.length);
  hold(ctx, depositReason, proposer, deposit);
  const index = storage.ReferendumCount.get(ctx);
  const end = blockNumber(ctx) + constants.VotingPeriod(ctx);
  storage.ReferendumCount.set(ctx, index + 1);
  storage.Proposals.set(ctx, index, proposal);
  storage.ReferendumInfo.set(ctx, index, { proposer, deposit, end, tally: { ayes: 0n, nays: 0n } });
  storage.Open.set(ctx, [...open, { index, stage: "Voting", due: end }]);
  events.Proposed(ctx, { index, proposer, proposal, deposit, end }, [referendumTopic(index), proposer]);
}

/**
 * Ends a referendum before its proposal is enacted. `by` is undefined for root. Throws `NotOpen`, `NotProposer`.
 * Effects: gives the deposit back unless that has happened; locks are released by the blocks that follow.
 */
export function cancel(ctx: Ctx, by: AccountId | undefined, index: number): void {
  const open = storage.Open.get(ctx);
  const entry = open.find((e) => e.index === index);
  const info = storage.ReferendumInfo.get(ctx, index);
  ensure(entry !== undefined && entry.stage !== "Ended" && info !== undefined, errors.NotOpen);
  const { proposer, deposit } = info;
  const isVoting = entry.stage === "Voting";
  ensure(by === undefined || (isVoting && equalBytes(by, proposer)), errors.NotProposer);
  if (isVoting) release(ctx, depositReason, proposer, deposit, "Exact");
  storage.Proposals.delete(ctx, index);
  storage.Open.set(
    ctx,
    open.map((e) => (e.index === index ? { ...e, stage: "Ended" } : e)),
  );
  events.Canceled(ctx, { index, by, proposer }, [referendumTopic(index), proposer]);
}

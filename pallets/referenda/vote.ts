import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { bondOf } from "../trainer-staking/index.ts";
import { relock } from "./locks.ts";
import { constants, errors, events, referendumTopic, storage, type Tally, type Vote } from "./schema.ts";

/**
 * Votes with all that `who` has bonded and `locked` besides, in place of an earlier vote. Throws `NotOpen`,
 * `VotingEnded`, `StakeTooSmall`, `FundsUnavailable`.
 */
export function castVote(ctx: Ctx, who: AccountId, index: number, aye: boolean, locked: bigint): void {
  const info = ensureVoting(ctx, index);
  const vote = { aye, bonded: bondOf(ctx, who), locked };
  ensure(stakeOf(vote) >= constants.MinStake, errors.StakeTooSmall);
  const tally = counted(without(info.tally, storage.Votes.get(ctx, index, who)), vote);
  storage.ReferendumInfo.set(ctx, index, { ...info, tally });
  storage.Votes.set(ctx, index, who, vote);
  relock(ctx, who);
  events.Voted(ctx, { index, voter: who, ...vote, tally }, [referendumTopic(index), who]);
}

/** Takes a vote back while votes are cast. Throws `NotOpen`, `VotingEnded`, `NoVote`. */
export function removeVote(ctx: Ctx, who: AccountId, index: number): void {
  const info = ensureVoting(ctx, index);
  const vote = storage.Votes.get(ctx, index, who);
  ensure(vote !== undefined, errors.NoVote);
  const tally = without(info.tally, vote);
  storage.ReferendumInfo.set(ctx, index, { ...info, tally });
  storage.Votes.delete(ctx, index, who);
  relock(ctx, who);
  events.VoteRemoved(ctx, { index, voter: who, tally }, [referendumTopic(index), who]);
}

function ensureVoting(ctx: Ctx, index: number) {
  const info = storage.ReferendumInfo.get(ctx, index);
  const open = storage.Open.get(ctx).find((entry) => entry.index === index);
  ensure(open !== undefined && info !== undefined, errors.NotOpen);
  ensure(open.stage === "Voting", errors.VotingEnded);
  return info;
}

const stakeOf = ({ bonded, locked }: Vote): bigint => bonded + locked;

const counted = ({ ayes, nays }: Tally, vote: Vote): Tally =>
  vote.aye ? { ayes: ayes + stakeOf(vote), nays } : { ayes, nays: nays + stakeOf(vote) };

function without({ ayes, nays }: Tally, vote: Vote | undefined): Tally {
  if (vote === undefined) return { ayes, nays };
  return vote.aye ? { ayes: ayes - stakeOf(vote), nays } : { ayes, nays: nays - stakeOf(vote) };
}

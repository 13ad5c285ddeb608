/**
 * Locked stake: what a voter puts on hold in addition to its bond. One hold serves all referenda at once, so it is as
 * large as the largest of the voter's votes. (A freeze would overlap with the bond, and the same tokens would count
 * twice in one vote.)
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { setOnHold } from "../balances/index.ts";
import { events, referendumTopic, storage } from "./schema.ts";

export const voteReason = { type: "Referenda", value: "Vote" } as const;

/** Makes the hold of `who` what its votes need. Throws `FundsUnavailable` where it has not that much. */
export function relock(ctx: Ctx, who: AccountId): void {
  let needed = 0n;
  for (const { index } of storage.Open.get(ctx)) {
    needed = largerOf(needed, storage.Votes.get(ctx, index, who)?.locked ?? 0n);
  }
  setOnHold(ctx, voteReason, who, needed);
}

/** Releases at most `limit` votes of a referendum that has ended; returns how many. */
export function releaseVotes(ctx: Ctx, index: number, limit: number): number {
  let released = 0;
  for (const [, voter, { locked }] of storage.Votes.iterate(ctx, index)) {
    if (released === limit) break;
    released++;
    storage.Votes.delete(ctx, index, voter);
    // Only ever lowers the hold, and an account with a hold has the existential deposit free: this cannot fail.
    if (locked > 0n) relock(ctx, voter);
    events.VoteReleased(ctx, { index, voter, locked }, [referendumTopic(index), voter]);
  }
  return released;
}

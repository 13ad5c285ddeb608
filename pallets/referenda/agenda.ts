/** What the chain does about referenda by itself, at the start of each block and never much at a time. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { DispatchOutcome } from "../../runtime/frame/dispatch-outcome.ts";
import { outcomeOf } from "../../runtime/frame/dispatch-outcome.ts";
import { rootOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { addWeight, type Weight } from "../../runtime/primitives/weight.ts";
import { release, totalIssuance, transferOnHold } from "../balances/index.ts";
import { releaseVotes } from "./locks.ts";
import { depositReason } from "./propose.ts";
import { constants, events, type OpenReferendum, referendumTopic, storage, type Tally } from "./schema.ts";
import * as weights from "./weights.ts";

/** Counts votes that are due, releases votes that have ended, and enacts at most one proposal. Returns the weight. */
export function attend(ctx: Ctx, block: number): Weight {
  const before = storage.Open.get(ctx);
  if (before.length === 0) return weights.idle;
  const open = before.map((entry) => (isDue(entry, "Voting", block) ? count(ctx, entry, block) : entry));
  storage.Open.set(ctx, open);
  const released = releaseSome(ctx, open);
  const enacted = open.find((entry) => isDue(entry, "Approved", block));
  const left = open.flatMap((entry) => afterBlock(ctx, entry, entry === enacted));
  if (left.length === 0) storage.Open.delete(ctx);
  else storage.Open.set(ctx, left);
  const used = weights.attend(open.length, released);
  // Last, because what is enacted may itself open or end referenda.
  return enacted ? addWeight(used, enact(ctx, enacted.index)) : used;
}

const isDue = ({ stage, due }: OpenReferendum, of: OpenReferendum["stage"], block: number): boolean =>
  stage === of && due <= block;

function count(ctx: Ctx, { index }: OpenReferendum, block: number): OpenReferendum {
  const { proposer, deposit, tally } = storage.ReferendumInfo.get(ctx, index)!;
  const needed = supportNeeded(ctx);
  if (isApproved(tally, needed)) {
    release(ctx, depositReason, proposer, deposit, "Exact");
    const enactment = block + constants.EnactmentDelay(ctx);
    events.Approved(ctx, { index, tally, needed, enactment, proposer, deposit }, [
      referendumTopic(index),
      proposer,
    ]);
    return { index, stage: "Approved", due: enactment };
  }
  const forfeited = tally.nays > tally.ayes;
  if (forfeited) {
    const to = treasuryAccount;
    transferOnHold(ctx, depositReason, proposer, to, deposit, "Exact", "Free", "Force");
  } else release(ctx, depositReason, proposer, deposit, "Exact");
  storage.Proposals.delete(ctx, index);
  events.Rejected(ctx, { index, tally, needed, proposer, deposit, forfeited }, [
    referendumTopic(index),
    proposer,
  ]);
  return { index, stage: "Ended", due: block };
}

/** How much stake must be for a proposal: `MinSupport` of all tokens, rounded up. */
function supportNeeded(ctx: Ctx): bigint {
  const million = 1_000_000n;
  return (totalIssuance(ctx) * BigInt(constants.MinSupport(ctx)) + million - 1n) / million;
}

const isApproved = ({ ayes, nays }: Tally, needed: bigint): boolean => ayes > nays && ayes >= needed;

function releaseSome(ctx: Ctx, open: readonly OpenReferendum[]): number {
  let released = 0;
  for (const { index, stage } of open) {
    if (stage !== "Voting") released += releaseVotes(ctx, index, constants.MaxReleasedPerBlock - released);
  }
  return released;
}

/** What remains of an entry: nothing once it is decided, enacted where that was due, and no vote is left. */
function afterBlock(ctx: Ctx, entry: OpenReferendum, isEnacted: boolean): OpenReferendum[] {
  const after: OpenReferendum = isEnacted ? { ...entry, stage: "Ended" } : entry;
  if (after.stage !== "Ended" || !storage.Votes.keys(ctx, entry.index).next().done) return [after];
  storage.ReferendumInfo.delete(ctx, entry.index);
  return [];
}

function enact(ctx: Ctx, index: number): Weight {
  const { result, used } = enacted(ctx, index);
  events.Enacted(ctx, { index, result }, [referendumTopic(index)]);
  return used;
}

function enacted(ctx: Ctx, index: number): { result: DispatchOutcome; used: Weight } {
  let proposal: AnyCall | undefined;
  try {
    proposal = storage.Proposals.take(ctx, index);
  } catch (error) {
    // A release may have changed what its bytes mean since it was proposed.
    if (!(error instanceof CodecError)) throw error;
    storage.Proposals.delete(ctx, index);
  }
  if (proposal === undefined)
    return { result: { type: "Err", value: { type: "Corruption" } }, used: weights.enact };
  const { weight } = ctx.runtime.dispatchInfo(proposal);
  return { result: outcomeOf(ctx.dispatch(proposal, rootOrigin)), used: addWeight(weights.enact, weight) };
}

/** The end of an inspection: order, inspectors and appeal are settled. Nothing here fails. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import {
  completeOrder,
  expireOrder,
  faultOrder,
  giveBack,
  type KeyPurpose,
  leaveOpen,
  events as market,
  storage as marketplace,
  type Order,
  orderTopic,
  rejectOrder,
  topicsOf,
} from "../marketplace/index.ts";
import { penalise } from "../trainer-staking/index.ts";
import { appealBondReason, constants, events, inspectionBondReason } from "./schema.ts";
import { conclude, type Proceeding } from "./stage.ts";
import type { AppealResult, Seat } from "./types.ts";
import { median, type Ruling } from "./verdict.ts";

/** How a ruling came to be final: an appeal may have been heard, or not have come to anything. */
interface End {
  readonly by: "deadline" | "verdict";
  readonly isHeard: boolean;
}

/** Settles everything by a ruling that is final. */
export function settle(ctx: Ctx, proceeding: Proceeding, ruling: Ruling, { by, isHeard }: End): void {
  const { id, order, inspection } = proceeding;
  const { submission, submitted, seats } = inspection;
  conclude(ctx, proceeding);
  const right = seats.filter(({ vote }) => vote?.ruling === ruling);
  const result = !isHeard ? "Unheard" : inspection.ruling === ruling ? "Upheld" : "Overturned";
  // The order pays for an appeal only where that changed the ruling.
  const paid = result === "Overturned" ? right : right.filter(({ round }) => round < 2);
  const inspectors = paid.map(({ inspector }) => inspector);
  for (const seat of seats)
    settleSeat(ctx, proceeding, seat, seat.round === 2 && !isHeard ? undefined : ruling);
  settleAppeal(
    ctx,
    proceeding,
    result,
    right.filter(({ round }) => round === 2),
  );

  const isClaim = submission.type === "Fault";
  if (ruling === "Faulted") faultOrder(ctx, id, order, { by, inspectors, claimed: isClaim });
  else if (isClaim) expireOrder(ctx, id, order, { by, inspectors });
  else if (ruling === "Rejected") {
    rejectOrder(ctx, id, order, { by, inspectors, evidence: right[0]!.vote!.hash });
  } else {
    const flop = median(right.map(({ vote }) => vote!.flop));
    completeOrder(ctx, id, order, { by, inspectors, flop, end: submitted });
  }
}

/** Two panels without a majority, or nobody to inspect; in an appeal the first ruling stands. */
export function giveUp(ctx: Ctx, proceeding: Proceeding, by: "deadline" | "verdict"): void {
  const { id, order, inspection } = proceeding;
  if (inspection.ruling !== undefined) {
    settle(ctx, proceeding, inspection.ruling, { by: "verdict", isHeard: false });
    return;
  }
  conclude(ctx, proceeding);
  for (const seat of inspection.seats) settleSeat(ctx, proceeding, seat, undefined);
  const inspectors = inspection.seats.flatMap(({ vote, inspector }) => (vote ? [inspector] : []));
  leaveOpen(ctx, id, order, { by, inspectors });
}

/**
 * Returns an inspector's bond, or what is left of it: all is lost by who said that a proof is good that is false, or
 * false that is good; a part by who gave no verdict on it. Who could read what others could not has contradicted
 * nobody, and whom a key was kept from has lost nothing. Without a ruling nobody loses anything.
 */
function settleSeat(
  ctx: Ctx,
  { id, order, inspection }: Proceeding,
  { inspector, vote }: Seat,
  ruling: Ruling | undefined,
): void {
  const { bond } = inspection;
  const isSilent = vote === undefined || (vote.ruling === "Faulted" && ruling !== "Faulted");
  const isWrong = !isSilent && vote.ruling !== ruling && ruling !== "Faulted";
  let lost = 0n;
  if (ruling !== undefined && (isSilent || isWrong) && !isShutOut(ctx, id, order, { inspector, vote })) {
    lost = isWrong ? bond : (bond * BigInt(constants.SilencePenalty)) / 1_000_000n;
    penalise(ctx, {
      trainer: inspector,
      from: inspectionBondReason,
      amount: lost,
      reason: isWrong ? "WrongVerdict" : "VerdictNotRevealed",
      subject: { type: "Order", value: id },
      evidence: vote?.hash ?? orderTopic(id),
      to: [],
    });
  }
  giveBack(ctx, inspectionBondReason, inspector, bond - lost);
}

/** Whether an inspector says that it was given no key, and that is so: of data that is sealed, or of a sealed package. */
function isShutOut(
  ctx: Ctx,
  id: number,
  { spec, deal }: Order,
  { inspector, vote }: Pick<Seat, "inspector" | "vote">,
): boolean {
  const lacks = (who: AccountId, purpose: KeyPurpose) =>
    !marketplace.ReleasedKeys.exists(ctx, id, who, purpose);
  if (vote?.fault === "KeyWithheld")
    return deal !== undefined && !lacks(deal.trainer, "TrainingData") && lacks(inspector, "TrainingData");
  const isUnread = vote?.ruling === "Rejected" && vote.failed?.rule === "Package";
  return isUnread && spec.recipient !== undefined && lacks(inspector, "Package");
}

/** Returns the bond of whoever appealed; or, where `judges` have confirmed the ruling, pays them half of it. */
function settleAppeal(
  ctx: Ctx,
  { id, inspection }: Proceeding,
  result: AppealResult,
  judges: readonly Seat[],
): void {
  if (inspection.appeal === undefined) return;
  const { appellant, bond } = inspection.appeal;
  let returned = 0n;
  if (result === "Upheld") {
    const share = bond / 2n / BigInt(constants.AppealSeats);
    penalise(ctx, {
      trainer: appellant,
      from: appealBondReason,
      amount: bond,
      reason: "AppealLost",
      subject: { type: "Order", value: id },
      evidence: judges[0]!.vote!.hash,
      to: judges.map(({ inspector }): readonly [AccountId, bigint] => [inspector, share]),
    });
    for (const { inspector } of judges) {
      const fields = { order: id, inspector, source: "AppealBond", amount: share } as const;
      market.InspectionPaid(ctx, fields, topicsOf(id, inspector));
    }
  } else returned = giveBack(ctx, appealBondReason, appellant, bond);
  events.AppealEnded(ctx, { order: id, appellant, result, returned }, topicsOf(id, appellant));
}

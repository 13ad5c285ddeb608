/** What the votes of a panel come to, and where the proceeding goes on from there. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { topicsOf } from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { majorityOf, panelOf, votesOf } from "./panel.ts";
import { constants, events } from "./schema.ts";
import { giveUp, settle } from "./settling.ts";
import { type Proceeding, proceed } from "./stage.ts";
import { drawnAfter } from "./submitting.ts";
import type { Seat } from "./types.ts";
import { median, type Ruling } from "./verdict.ts";

/** Counts the votes of the present panel. */
export function countVotes(ctx: Ctx, proceeding: Proceeding): void {
  const { id, order, inspection } = proceeding;
  const panel = panelOf(inspection);
  const ruling = majorityOf(panel);
  if (ruling === undefined) {
    const { Accepted: accepted, Rejected: rejected, Faulted: faulted } = votesOf(panel);
    const silent = panel.length - accepted - rejected - faulted;
    const { round } = inspection;
    const topics = topicsOf(id, order.buyer, order.deal?.trainer);
    events.PanelSplit(ctx, { order: id, round, accepted, rejected, faulted, silent }, topics);
    failRound(ctx, proceeding);
  } else if (inspection.round === 2) {
    announce(ctx, proceeding, panel, ruling, undefined);
    settle(ctx, proceeding, ruling, { by: "verdict", isHeard: true });
  } else {
    const appeal_by = blockNumber(ctx) + constants.AppealWindow(ctx);
    announce(ctx, proceeding, panel, ruling, appeal_by);
    const next = { ...inspection, phase: "Appealable", extended: false, ruling } as const;
    proceed(ctx, proceeding, next, appeal_by, { to: "Judged", by: "verdict" });
  }
}

/** A round without a ruling: fresh inspectors after the first, the end after the second, the first ruling in an appeal. */
export function failRound(ctx: Ctx, proceeding: Proceeding): void {
  const { inspection } = proceeding;
  if (inspection.round === 0) {
    const next = { ...inspection, phase: "Drawing", round: 1, extended: false } as const;
    proceed(ctx, proceeding, next, drawnAfter(ctx), { to: "Inspecting", by: "verdict" });
  } else giveUp(ctx, proceeding, "verdict");
}

function announce(
  ctx: Ctx,
  { id, order, inspection }: Proceeding,
  panel: readonly Seat[],
  ruling: Ruling,
  appeal_by: number | undefined,
): void {
  const { buyer } = order;
  const trainer = order.deal!.trainer;
  const agreed = panel.flatMap(({ vote }) => (vote?.ruling === ruling ? [vote] : []));
  const [first] = agreed;
  const result = { order: id, votes: agreed.length, seats: panel.length, appeal_by };
  const topics = topicsOf(id, buyer, trainer);
  if (ruling === "Accepted") {
    events.ProofAccepted(ctx, { ...result, trainer, flop: median(agreed.map(({ flop }) => flop)) }, topics);
  } else if (ruling === "Faulted") events.FaultFound(ctx, { ...result, buyer, fault: first!.fault! }, topics);
  else if (inspection.submission.type === "Fault") events.FaultDenied(ctx, { ...result, trainer }, topics);
  else {
    const { rule, number, value, threshold } = first!.failed!;
    events.ProofRejected(ctx, { ...result, trainer, rule, number, value, threshold }, topics);
  }
}

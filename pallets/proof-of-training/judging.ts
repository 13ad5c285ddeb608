/** Verdicts: committed to, revealed, counted. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { topicsOf } from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { countVotes } from "./counting.ts";
import { panelOf } from "./panel.ts";
import { constants, errors, events } from "./schema.ts";
import { checkVerdict } from "./soundness.ts";
import { keep, type Proceeding, proceed, proceedingIn } from "./stage.ts";
import type { Inspection, Seat } from "./types.ts";
import { type Verdict, verdictCommitment, verdictHash } from "./verdict.ts";

/** Binds an inspector to its verdict. When all of the panel are bound, they reveal. */
export function commitVerdict(ctx: Ctx, inspector: AccountId, id: number, commitment: Uint8Array): void {
  const proceeding = proceedingIn(ctx, id, "Committing");
  const { inspection } = proceeding;
  const seat = seatOf(inspection, inspector);
  ensure(seat.commitment === undefined, errors.AlreadyCommitted);
  const next = withSeat(inspection, seat, { ...seat, commitment });
  const { round } = inspection;
  events.VerdictCommitted(ctx, { order: id, inspector, round, commitment }, topicsOf(id, inspector));
  if (panelOf(next).every((seat) => seat.commitment !== undefined)) beginReveal(ctx, proceeding, next);
  else keep(ctx, id, next);
}

/** Opens a commitment. When all that were made are open, the votes are counted; returns whether they were. */
export function revealVerdict(
  ctx: Ctx,
  inspector: AccountId,
  id: number,
  verdict: Verdict,
  salt: Uint8Array,
): boolean {
  const proceeding = proceedingIn(ctx, id, "Revealing");
  const { order, inspection } = proceeding;
  const seat = seatOf(inspection, inspector);
  ensure(seat.commitment !== undefined, errors.NotCommitted);
  ensure(seat.vote === undefined, errors.AlreadyRevealed);
  const opened = verdictCommitment(id, inspector, verdict, salt);
  ensure(equalBytes(seat.commitment, opened), errors.WrongOpening);
  const isForfeited = inspection.release_by !== undefined && inspection.released === undefined;
  checkVerdict(verdict, { isClaim: inspection.submission.type === "Fault", isForfeited });
  const { ruling, fault, flop, findings } = verdict;
  const hash = verdictHash(verdict);
  const failed = findings.find(({ passed }) => !passed);
  const next = withSeat(inspection, seat, { ...seat, vote: { ruling, fault, flop, hash, failed } });
  const { round } = inspection;
  events.VerdictRevealed(
    ctx,
    { order: id, inspector, round, verdict, hash },
    topicsOf(id, inspector, order.buyer, order.deal?.trainer),
  );
  const isOpen = panelOf(next).every((seat) => seat.commitment === undefined || seat.vote !== undefined);
  if (isOpen) countVotes(ctx, { id, order, inspection: next });
  else keep(ctx, id, next);
  return isOpen;
}

/** Ends committing: those who did may now speak. */
export function beginReveal(ctx: Ctx, proceeding: Proceeding, inspection: Inspection): void {
  const { id, order } = proceeding;
  const reveal_by = blockNumber(ctx) + constants.RevealWindow(ctx);
  proceed(ctx, proceeding, { ...inspection, phase: "Revealing", extended: false }, reveal_by);
  const committed = panelOf(inspection).filter((seat) => seat.commitment !== undefined);
  events.RevealBegun(
    ctx,
    { order: id, round: inspection.round, committed: committed.length, reveal_by },
    topicsOf(id, order.buyer, order.deal?.trainer, ...committed.map(({ inspector }) => inspector)),
  );
}

function seatOf(inspection: Inspection, inspector: AccountId): Seat {
  const seat = panelOf(inspection).find((seat) => equalBytes(seat.inspector, inspector));
  ensure(seat !== undefined, errors.NotInspector);
  return seat;
}

const withSeat = (inspection: Inspection, old: Seat, next: Seat): Inspection => ({
  ...inspection,
  seats: inspection.seats.map((seat) => (seat === old ? next : seat)),
});

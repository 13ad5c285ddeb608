/** What the chain does with an inspection whose phase is over. Nothing here fails. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { topicsOf } from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { countVotes, failRound } from "./counting.ts";
import { drawPanel } from "./drawing.ts";
import { beginReveal } from "./judging.ts";
import { panelOf } from "./panel.ts";
import { constants, events } from "./schema.ts";
import { giveUp, settle } from "./settling.ts";
import { inspectionWindow, type Proceeding, proceed, proceedingOf } from "./stage.ts";

/** Moves an inspection on. */
export function moveOn(ctx: Ctx, id: number): void {
  const proceeding = proceedingOf(ctx, id);
  const { order, inspection } = proceeding;
  switch (inspection.phase) {
    case "Drawing":
      if (drawPanel(ctx, proceeding)) break;
      if (inspection.extended)
        giveUp(ctx, proceeding, order.state === "ProofSubmitted" ? "deadline" : "verdict");
      else extend(ctx, proceeding, 0, inspectionWindow(ctx, order));
      break;
    case "Committing": {
      const silent = panelOf(inspection).filter(({ commitment }) => commitment === undefined).length;
      if (mayBeOutage(proceeding, silent)) extend(ctx, proceeding, silent, inspectionWindow(ctx, order));
      else if (silent < panelOf(inspection).length) beginReveal(ctx, proceeding, inspection);
      else failRound(ctx, proceeding);
      break;
    }
    case "Revealing": {
      const silent = panelOf(inspection).filter(({ vote }) => vote === undefined).length;
      if (mayBeOutage(proceeding, silent)) extend(ctx, proceeding, silent, constants.RevealWindow(ctx));
      else countVotes(ctx, proceeding);
      break;
    }
    case "Appealable":
      settle(ctx, proceeding, inspection.ruling!, { by: "deadline", isHeard: false });
  }
}

/** More than half are silent, and it is the first time in this phase: that may be nobody's fault. */
const mayBeOutage = ({ inspection }: Proceeding, silent: number): boolean =>
  !inspection.extended && 2 * silent > panelOf(inspection).length;

function extend(ctx: Ctx, proceeding: Proceeding, silent: number, blocks: number): void {
  const { id, inspection } = proceeding;
  const until = blockNumber(ctx) + blocks - 1;
  proceed(ctx, proceeding, { ...inspection, extended: true }, until);
  events.WindowExtended(
    ctx,
    { order: id, round: inspection.round, silent, until },
    topicsOf(id, ...panelOf(inspection).map(({ inspector }) => inspector)),
  );
}

/** An appeal: whoever doubts a ruling has fresh inspectors look once more, for good. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hold } from "../balances/index.ts";
import { type Order, topicsOf } from "../marketplace/index.ts";
import { isTrainer } from "../trainer-staking/index.ts";
import { candidates } from "./drawing.ts";
import { appealBondReason, constants, errors, events } from "./schema.ts";
import { proceed, proceedingIn } from "./stage.ts";
import { drawnAfter } from "./submitting.ts";

/** Holds a bond that the appellant loses unless the ruling changes. */
export function appeal(ctx: Ctx, appellant: AccountId, id: number): void {
  const proceeding = proceedingIn(ctx, id, "Appealable");
  const { order, inspection } = proceeding;
  ensure(mayAppeal(ctx, order, appellant), errors.MayNotAppeal);
  const bond = appealBond(order);
  const next = {
    ...inspection,
    phase: "Drawing",
    round: 2,
    extended: false,
    appeal: { appellant, bond },
  } as const;
  ensure(candidates(ctx, { ...proceeding, inspection: next }).length > 0, errors.NoFreshInspectors);
  hold(ctx, appealBondReason, appellant, bond);
  proceed(ctx, proceeding, next, drawnAfter(ctx), { to: "Appealed", by: "appeal" });
  events.Appealed(
    ctx,
    { order: id, appellant, bond, against: inspection.ruling! },
    topicsOf(id, appellant, order.buyer, order.deal?.trainer),
  );
}

/** Twice what the five judges of an appeal get for it. */
export const appealBond = ({ spec }: Order): bigint => {
  const seatFee = spec.inspection_fee / BigInt(spec.inspectors);
  return largerOf(constants.MinInspectionBond, 2n * BigInt(constants.AppealSeats) * seatFee);
};

const mayAppeal = (ctx: ReadCtx, order: Order, who: AccountId): boolean =>
  isTrainer(ctx, who) || equalBytes(order.buyer, who);

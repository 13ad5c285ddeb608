/** How orders end once a proof was judged. Nothing here fails: the chain does it by itself. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { credit, constants as score } from "../compute-score/index.ts";
import { penalise } from "../trainer-staking/index.ts";
import { areOne } from "./feasibility.ts";
import { close } from "./history.ts";
import { payInspectors } from "./inspectors-pay.ts";
import { burnOnHold, escrowReason, feeReason, giveBack, orderBondReason, payFrom } from "./money.ts";
import { tradeFee, uutOf } from "./price.ts";
import { events, storage } from "./schema.ts";
import { topicsOf } from "./topics.ts";
import type { Deal, Order } from "./types.ts";

/** What the inspectors found. */
export interface Findings {
  /** `deadline` where a time has passed, `verdict` where the last one decided. */
  readonly by: "deadline" | "verdict";
  /** Those whose verdict stands. */
  readonly inspectors: readonly AccountId[];
}

/**
 * The proof is good: pays trainer and inspectors and credits the work. Of an order that was cancelled, the part of the
 * steps that was anchored is paid. `flop` is what the inspectors counted; no more counts than was ordered, or anchored. `end` is when
 * the proof was submitted, in milliseconds since 1970.
 */
export function completeOrder(
  ctx: Ctx,
  id: number,
  order: Order,
  { by, inspectors, flop, end }: Findings & { readonly flop: bigint; readonly end: bigint },
): void {
  const deal = dealOf(id, order);
  const { buyer, stopped, spec } = order;
  const start = deal.started ?? end;
  const done = stopped ? stepsAnchored(ctx, id) : spec.steps;
  const { paid, burned, rest } = payTrainer(ctx, order, deal, partOf(order, order.price, done));
  giveBack(ctx, orderBondReason, deal.trainer, deal.bond);
  const inspection = payInspectors(ctx, id, order, inspectors);
  const refunded = rest + giveBack(ctx, feeReason, buyer, spec.inspection_fee - inspection);
  const counted = smallerOf(flop / BigInt(score.FlopPerUut), uutOf(partOf(order, spec.flop, done)));
  const work = areOne(ctx, buyer, deal.trainer) ? 0n : counted;
  const { trainer, machine } = deal;
  if (work > 0n) {
    credit(ctx, { trainer, kind: "Training", work, start, end, source: { type: "Order", value: id } });
  }
  const sums = { paid, burned, inspected: inspection, work };
  const topics = topicsOf(id, buyer, trainer);
  close(ctx, id, order, { outcome: stopped ? "Cancelled" : "Completed", by }, sums);
  const facts = { order: id, buyer, trainer, paid, burned, inspection, refunded, work };
  if (stopped) events.OrderCanceled(ctx, facts, topics);
  else events.OrderCompleted(ctx, { ...facts, machine, start, end }, topics);
}

/** The proof is false: the buyer gets everything back and half of the bond; a quarter of it is for the inspectors. */
export function rejectOrder(
  ctx: Ctx,
  id: number,
  order: Order,
  { by, inspectors, evidence }: Findings & { readonly evidence: Uint8Array },
): void {
  const { trainer, bond } = dealOf(id, order);
  const { buyer } = order;
  const refunded = refundAll(ctx, order);
  const to_buyer = bond / 2n;
  const share = inspectors.length === 0 ? 0n : bond / 4n / BigInt(inspectors.length);
  const to_inspectors = share * BigInt(inspectors.length);
  const burned = bond - to_buyer - to_inspectors;
  penalise(ctx, {
    trainer,
    from: orderBondReason,
    amount: bond,
    reason: "ProofRejected",
    subject: { type: "Order", value: id },
    evidence,
    to: [[buyer, to_buyer], ...inspectors.map((inspector) => [inspector, share] as const)],
    burn: burned,
  });
  for (const inspector of inspectors) {
    const fields = { order: id, inspector, source: "OrderBond", amount: share } as const;
    events.InspectionPaid(ctx, fields, topicsOf(id, inspector));
  }
  close(ctx, id, order, { outcome: "Rejected", by }, { burned, inspected: to_inspectors });
  events.OrderRejected(
    ctx,
    { order: id, buyer, trainer, refunded, to_buyer, to_inspectors, burned },
    topicsOf(id, buyer, trainer),
  );
}

/** Nobody knows: the price returns, bonds are free, and inspectors who did their part are paid for it. */
export function leaveOpen(ctx: Ctx, id: number, order: Order, { by, inspectors }: Findings): void {
  const { trainer, bond } = dealOf(id, order);
  const { buyer, spec } = order;
  giveBack(ctx, orderBondReason, trainer, bond);
  const inspection = payInspectors(ctx, id, order, inspectors);
  const refunded =
    giveBack(ctx, escrowReason, buyer, order.price) +
    giveBack(ctx, feeReason, buyer, spec.inspection_fee - inspection);
  close(ctx, id, order, { outcome: "Inconclusive", by }, { inspected: inspection });
  events.OrderInconclusive(
    ctx,
    { order: id, buyer, trainer, inspection, refunded },
    topicsOf(id, buyer, trainer),
  );
}

/**
 * The buyer's model, data or address is at fault. Whoever `claimed` so gets its bond back; whoever submitted a proof is
 * paid for what it anchored, or a buyer could take its data away once it has its model.
 */
export function faultOrder(
  ctx: Ctx,
  id: number,
  order: Order,
  { by, inspectors, claimed }: Findings & { readonly claimed: boolean },
): void {
  const deal = dealOf(id, order);
  const { buyer, spec } = order;
  const due = claimed ? 0n : partOf(order, order.price, stepsAnchored(ctx, id));
  const { paid, burned, rest } = payTrainer(ctx, order, deal, due);
  giveBack(ctx, orderBondReason, deal.trainer, deal.bond);
  const inspection = payInspectors(ctx, id, order, inspectors);
  const refunded = rest + giveBack(ctx, feeReason, buyer, spec.inspection_fee - inspection);
  close(ctx, id, order, { outcome: "Faulted", by }, { paid, burned, inspected: inspection });
  events.OrderFaulted(
    ctx,
    { order: id, buyer, trainer: deal.trainer, paid, burned, inspection, refunded },
    topicsOf(id, buyer, deal.trainer),
  );
}

/** Returns price and fee to the buyer; returns how much. */
export const refundAll = (ctx: Ctx, { buyer, price, spec }: Order): bigint =>
  giveBack(ctx, escrowReason, buyer, price) + giveBack(ctx, feeReason, buyer, spec.inspection_fee);

/** What is agreed; an order that is judged has it. */
export function dealOf(id: number, { deal }: Order): Deal {
  if (deal === undefined) throw new Error(`order ${id} has no trainer`);
  return deal;
}

/** Pays `due` of the price, less the fee that is burned, and returns the rest of the price to the buyer. */
function payTrainer(ctx: Ctx, { buyer, price }: Order, { trainer }: Deal, due: bigint) {
  const burned = tradeFee(due);
  const paid = payFrom(ctx, escrowReason, buyer, trainer, due - burned);
  burnOnHold(ctx, escrowReason, buyer, burned);
  return { paid, burned, rest: giveBack(ctx, escrowReason, buyer, price - due) };
}

/** Steps up to the last anchored checkpoint. */
const stepsAnchored = (ctx: Ctx, id: number): number => storage.Anchors.get(ctx, id).at(-1)?.step ?? 0;

/** What falls to so many of an order's steps, rounded down. */
const partOf = ({ spec }: Order, whole: bigint, steps: number): bigint =>
  (whole * BigInt(steps)) / BigInt(spec.steps);

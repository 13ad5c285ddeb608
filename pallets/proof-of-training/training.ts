/** What a trainer commits to while it trains. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import {
  type Anchor,
  advance,
  type Deal,
  constants as market,
  storage as marketplace,
  type Order,
  orderFor,
  silenceOf,
  topicsOf,
} from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { errors, events } from "./schema.ts";

/** The proof must be anchored at least every tenth of the job. */
const tenths = 10;

/** Commits to the first checkpoint, by which training begins. */
export function startTraining(ctx: Ctx, trainer: AccountId, id: number, link: Uint8Array): void {
  const order = orderFor(ctx, id, "start");
  const deal = ownDeal(order, trainer);
  ensure(deal.randomness !== undefined, errors.SeedNotDrawn);
  const started = now(ctx);
  const anchor_by = nextAnchor(ctx, order, deal);
  marketplace.Anchors.append(ctx, id, { index: 0, step: 0, link, loss: 0n, block: blockNumber(ctx) });
  const step = { to: "Training", by: "start", deadline: anchor_by } as const;
  advance(ctx, id, order, step, { deal: { ...deal, started } });
  events.TrainingStarted(
    ctx,
    { order: id, trainer, link, started, anchor_by, due: deal.due },
    topicsOf(id, trainer, order.buyer),
  );
}

/** Commits to a later checkpoint. */
export function anchorCheckpoint(
  ctx: Ctx,
  trainer: AccountId,
  id: number,
  given: Omit<Anchor, "block">,
): void {
  const order = orderFor(ctx, id, "anchor");
  const deal = ownDeal(order, trainer);
  const { spec } = order;
  const { index, step } = given;
  const last = lastOf(marketplace.Anchors.get(ctx, id));
  ensure(index > last.index && step > last.step, errors.AnchorOutOfOrder);
  ensure(index <= spec.checkpoints && step <= spec.steps, errors.BeyondEnd);
  ensure((index === spec.checkpoints) === (step === spec.steps), errors.BeyondEnd);
  const gap = step - last.step;
  ensure(gap <= Math.ceil(spec.steps / tenths), errors.GapTooLarge);
  // First and last come besides.
  const least = Math.ceil(spec.steps / (market.MaxAnchors - 2));
  ensure(gap >= least || step === spec.steps, errors.GapTooSmall);
  marketplace.Anchors.append(ctx, id, { ...given, block: blockNumber(ctx) });
  const anchor_by = nextAnchor(ctx, order, deal);
  advance(ctx, id, order, { to: "Training", by: "anchor", deadline: anchor_by });
  events.CheckpointAnchored(
    ctx,
    { order: id, trainer, ...given, anchor_by },
    topicsOf(id, trainer, order.buyer),
  );
}

/** What binds an order's trainer; throws `NotTrainer` for anybody else. */
export function ownDeal({ deal }: Order, who: AccountId): Deal {
  ensure(deal !== undefined && equalBytes(deal.trainer, who), errors.NotTrainer);
  return deal;
}

/** The last checkpoint of those anchored; training begins with one. */
export function lastOf(anchors: readonly Anchor[]): Anchor {
  const last = anchors.at(-1);
  if (last === undefined) throw new Error("a training without its first checkpoint");
  return last;
}

const nextAnchor = (ctx: ReadCtx, order: Order, { due }: Deal): number =>
  Math.min(blockNumber(ctx) + silenceOf(ctx, order), due);

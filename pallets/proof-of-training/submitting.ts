/** The end of a training: a proof to be inspected, or a claim that the buyer made it impossible. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { type Deal, storage as marketplace, type Order, orderFor, topicsOf } from "../marketplace/index.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { constants, errors, events } from "./schema.ts";
import { open } from "./stage.ts";
import { ownDeal } from "./training.ts";
import type { Submission } from "./types.ts";

/** Hands in a proof or a claim; who inspects it, a later block's randomness says. */
export function submitProof(ctx: Ctx, trainer: AccountId, id: number, submission: Submission): void {
  const order = orderFor(ctx, id, "submit_proof");
  const deal = ownDeal(order, trainer);
  const last = marketplace.Anchors.get(ctx, id).at(-1);
  const { spec, stopped } = order;
  if (submission.type === "Proof") {
    ensure(last !== undefined, errors.NothingTrained);
    ensure(stopped ? last.index > 0 : last.index === spec.checkpoints, errors.NotAnchored);
  } else {
    ensure(!stopped, errors.ClaimTooLate);
    if (submission.value === "KeyWithheld") ensureKeyIsDue(ctx, id, order, deal);
  }
  const at = now(ctx);
  open(
    ctx,
    id,
    order,
    {
      submission,
      submitted: at,
      phase: "Drawing",
      round: 0,
      extended: false,
      challenge: undefined,
      release_by: undefined,
      released: undefined,
      keys_by: undefined,
      bond: inspectionBond(order),
      seats: [],
      ruling: undefined,
      appeal: undefined,
    },
    drawnAfter(ctx),
  );
  const { index, step } = last ?? { index: 0, step: 0 };
  events.ProofSubmitted(
    ctx,
    { order: id, trainer, submission, index, step, at },
    topicsOf(id, trainer, order.buyer),
  );
}

/**
 * The buyer has half of the time to start for giving the trainer its key; where it gave one, that is the wrong one or none.
 * Throws `KeyClaimUntimely`, and `NoSealingKey` where the trainer had none to which it could be sealed.
 */
function ensureKeyIsDue(ctx: ReadCtx, id: number, { state, deadline }: Order, deal: Deal): void {
  ensure(deal.sealing_key !== undefined, errors.NoSealingKey);
  const isGiven = marketplace.ReleasedKeys.exists(ctx, id, deal.trainer, "TrainingData");
  const isHalfOver = blockNumber(ctx) > keyDue({ deadline, deal });
  ensure(state === "Accepted" && (isGiven || isHalfOver), errors.KeyClaimUntimely);
}

/** The last block in which the trainer of an accepted order cannot yet say that its key is withheld. */
export const keyDue = ({ deadline, deal }: { readonly deadline: number; readonly deal: Deal }): number =>
  Math.floor((deal.accepted + deadline) / 2);

/** The last block before inspectors are drawn. */
export const drawnAfter = (ctx: Ctx): number => blockNumber(ctx) + constants.DrawDelay - 1;

/** What each inspector has at stake: together as much as the order is worth. */
const inspectionBond = ({ price, spec }: Order): bigint =>
  largerOf(constants.MinInspectionBond, price / BigInt(spec.inspectors));

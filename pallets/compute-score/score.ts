import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { type AccountId, accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { u64, u128, u256 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { now } from "../timestamp/index.ts";
import { decayed, effectiveBits } from "./decay.ts";
import { constants, type Score, storage } from "./schema.ts";

const kindInfo = struct("pallet_compute_score::KindInfo", {
  /** All work ever credited, in uut. */
  total: u128,
  /** In whole uut per day. */
  effective: u128,
  /** The same to the last bit, in 2^-128 uut per day. */
  effective_exact: u256,
});

/** What clients are told of a trainer, at the time `at` in milliseconds since 1970. */
export const scoreInfo = struct("pallet_compute_score::ScoreInfo", {
  trainer: accountId,
  drilling: kindInfo,
  training: kindInfo,
  /** 0.4 of the drilling total and 0.6 of the training total, in whole uut. */
  total: u128,
  /** The same of the effective scores, in whole uut per day. */
  weight: u128,
  at: u64,
});
export type ScoreInfo = Value<typeof scoreInfo>;

/** A score that genesis gave, and that no block has dated yet. */
export const isUndated = (score: Score): boolean => score.updated === 0n && score.effective > 0n;

/** An effective score at a moment, in 2^-128 uut per day; as stored where the moment lies before its last change. */
export function effectiveAt(score: Score, at: bigint): bigint {
  if (isUndated(score) || at <= score.updated) return score.effective;
  return decayed(score.effective, at - score.updated);
}

/** `floor((4 D + 6 T) / 10)` of a trainer's effective scores, decayed to a moment, in uut per day; 0 of a stranger. */
export function weightOf(ctx: ReadCtx, trainer: AccountId, at: bigint): bigint {
  const { drilling, training } = storage.Scores.get(ctx, trainer);
  return combined(effectiveAt(drilling, at), effectiveAt(training, at)) >> effectiveBits;
}

/** All that is to be known of a trainer's score, now unless told; zeros of a stranger. */
export function scoreOf(ctx: ReadCtx, trainer: AccountId, at: bigint = now(ctx)): ScoreInfo {
  const scores = storage.Scores.get(ctx, trainer);
  const drilling = infoOf(scores.drilling, at);
  const training = infoOf(scores.training, at);
  return {
    trainer,
    drilling,
    training,
    total: combined(drilling.total, training.total),
    weight: combined(drilling.effective_exact, training.effective_exact) >> effectiveBits,
    at,
  };
}

/** At most `count` scores after the first `start`, in the order of their storage keys. */
export function scoresOf(ctx: ReadCtx, start: number, count: number): ScoreInfo[] {
  const page: ScoreInfo[] = [];
  let position = 0;
  for (const [trainer] of storage.Scores.keys(ctx)) {
    if (page.length >= count) break;
    if (position++ >= start) page.push(scoreOf(ctx, trainer));
  }
  return page;
}

const tenths = BigInt(constants.DrillingShare + constants.TrainingShare);

const combined = (drilling: bigint, training: bigint): bigint =>
  (BigInt(constants.DrillingShare) * drilling + BigInt(constants.TrainingShare) * training) / tenths;

function infoOf(score: Score, at: bigint): Value<typeof kindInfo> {
  const effective = effectiveAt(score, at);
  return { total: score.total, effective: effective >> effectiveBits, effective_exact: effective };
}

import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf, maxU128 } from "../../runtime/primitives/amounts.ts";
import { now } from "../timestamp/index.ts";
import { effectiveBits, gain } from "./decay.ts";
import { constants, errors, events, fieldOf, type Kind, type Score, type Source, storage } from "./schema.ts";
import { effectiveAt, isUndated } from "./score.ts";

/** Work of a trainer: how much in uut, and from when until when in milliseconds since 1970. */
export interface Credit {
  readonly trainer: AccountId;
  readonly kind: Kind;
  readonly work: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly source: Source;
}

/**
 * Credits work at the time of this block, spread evenly over its interval. Throws `ImpossibleInterval` and
 * `TotalOverflow`. Effects: changes one score; emits `Credited`, after `ScoreStarted` where genesis gave a score
 * that has no time yet. Both are found under the trainer as their topic.
 */
export function credit(ctx: Ctx, { trainer, kind, work, start, end, source }: Credit): void {
  const at = now(ctx);
  ensure(start <= end && end <= at, errors.ImpossibleInterval);
  startScore(ctx, trainer, kind);
  const scores = storage.Scores.get(ctx, trainer);
  const score = scores[fieldOf[kind]];
  const total = score.total + work;
  ensure(total <= maxU128, errors.TotalOverflow);
  const interval = largerOf(end - start, constants.MinInterval);
  // At most a tenth of all work ever credited counts in uut per day, so this fits in 256 bits.
  const effective = effectiveAt(score, at) + gain(work, interval, at - end);
  storage.Scores.set(ctx, trainer, { ...scores, [fieldOf[kind]]: { total, effective, updated: at } });
  const shown = effective >> effectiveBits;
  events.Credited(ctx, { trainer, kind, work, start, end, source, effective: shown, at }, [trainer]);
}

/** Dates a score of genesis, which knows no time, at this block's, so that its decay begins and events tell of it. */
export function startScore(ctx: Ctx, trainer: AccountId, kind: Kind): void {
  const scores = storage.Scores.get(ctx, trainer);
  const score = scores[fieldOf[kind]];
  if (!isUndated(score)) return;
  const at = now(ctx);
  const started: Score = { ...score, updated: at };
  storage.Scores.set(ctx, trainer, { ...scores, [fieldOf[kind]]: started });
  const effective = started.effective >> effectiveBits;
  events.ScoreStarted(ctx, { trainer, kind, effective, at }, [trainer]);
}

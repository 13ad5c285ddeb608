import type { Ctx } from "../../runtime/frame/ctx.ts";
import { genesis } from "../../runtime/frame/pallet.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { effectiveBits } from "./decay.ts";
import { constants, type Score, storage } from "./schema.ts";

/** A trainer's first effective scores, in uut per day. They decay like any other from the time of block 1. */
const startingScore = struct("pallet_compute_score::StartingScore", {
  trainer: accountId,
  drilling: u128,
  training: u128,
});

export const genesisScores = genesis({ scores: vec(startingScore) }, { scores: [] }, (ctx, { scores }) =>
  begin(ctx, scores),
);

/** Throws where there are too many, one is too high or nothing, or a trainer is named twice. */
function begin(ctx: Ctx, scores: readonly Value<typeof startingScore>[]): void {
  const { MaxGenesisScores, MaxGenesisScore } = constants;
  if (scores.length > MaxGenesisScores) {
    throw new Error(`${scores.length} starting scores, at most ${MaxGenesisScores} are allowed`);
  }
  for (const { trainer, drilling, training } of scores) {
    if (drilling > MaxGenesisScore || training > MaxGenesisScore) {
      throw new Error(`a starting score is at most ${MaxGenesisScore} uut per day`);
    }
    if (drilling + training === 0n) throw new Error("a starting score is more than nothing");
    if (storage.Scores.exists(ctx, trainer)) throw new Error("a trainer has two starting scores");
    storage.Scores.set(ctx, trainer, { drilling: undated(drilling), training: undated(training) });
  }
}

// No work was done for it, so the total is nothing.
const undated = (uutPerDay: bigint): Score => ({
  total: 0n,
  effective: uutPerDay << effectiveBits,
  updated: 0n,
});

/** What an epoch's first block settles: who may author two epochs later, and who votes from now on. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { mulWeight, type Weight } from "../../runtime/primitives/weight.ts";
import { weightOf } from "../compute-score/index.ts";
import { maxAuthorityWeight, setAuthorities, type Authority as Voter } from "../grandpa/index.ts";
import { type Authority, currentEpoch, planAuthorities } from "../poh/index.ts";
import { now } from "../timestamp/index.ts";
import { constants, storage, type Trainer } from "./schema.ts";
import { servesIn } from "./trainer.ts";
import { planWeight } from "./weights.ts";

type Entry = readonly [who: AccountId, trainer: Trainer];

/** A vote weighs one for each of so many units of bond: a thousandth of a MAI. */
const bondPerVote = 1_000_000_000n;

/**
 * Freezes authorities for the epoch after the next, by scores as they are at the end of the last epoch, and makes all
 * who serve in this epoch voters. Returns the weight used.
 */
export function beginEpoch(ctx: Ctx): Weight {
  const { index } = currentEpoch(ctx);
  const all = [...storage.Trainers.iterate(ctx)];
  // Without any trainer the last authors and voters go on: somebody must, for others to register.
  planAuthorities(ctx, authorsAt(ctx, serving(ctx, all, index + 2n), now(ctx)));
  setAuthorities(ctx, votersOf(serving(ctx, all, index)));
  return mulWeight(planWeight, BigInt(all.length + 1));
}

/** Those of an epoch; all registered ones where nobody serves, so that a chain goes on that punished its last trainer. */
function serving(ctx: ReadCtx, all: readonly Entry[], epoch: bigint): readonly Entry[] {
  const minBond = constants.MinBond(ctx);
  const those = all.filter(([, trainer]) => servesIn(trainer, epoch, minBond));
  return those.length > 0 ? those : all;
}

/** Weighted by effective compute at a moment; all alike where nobody has any. */
export function authorsAt(ctx: ReadCtx, entries: readonly Entry[], at: bigint): Authority[] {
  const weighed = entries.map(([trainer, { poh_key }]) => ({
    trainer,
    key: poh_key,
    weight: weightOf(ctx, trainer, at),
  }));
  if (weighed.some(({ weight }) => weight > 0n)) return weighed;
  return weighed.map((authority) => ({ ...authority, weight: 1n }));
}

/** Weighted by bond; at least 1, which a bond has that was slashed whole. */
export const votersOf = (entries: readonly Entry[]): Voter[] =>
  entries.map(([trainer, { gran_key, bond }]) => ({
    trainer,
    key: gran_key,
    weight: smallerOf(bond / bondPerVote || 1n, maxAuthorityWeight),
  }));

import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { threshold } from "../../runtime/primitives/threshold.ts";
import { secondarySeed } from "../../runtime/primitives/vrf.ts";
import { drawWeighted } from "../../runtime/primitives/weighted-draw.ts";
import { type Authority, constants, storage } from "./schema.ts";

/** All that decides who may author in an epoch: with a header, enough to judge its claim. */
export interface Lottery {
  readonly epoch: bigint;
  readonly randomness: Uint8Array;
  readonly authorities: readonly Authority[];
}

/** How long a slot lasts follows from Timestamp; this is the epoch of one, which is 0 up to that of block 1. */
export function epochOf(ctx: ReadCtx, slot: bigint): bigint {
  const first = storage.GenesisSlot.get(ctx);
  if (first === undefined || slot < first) return 0n;
  return (slot - first) / constants.EpochLength(ctx);
}

/**
 * The lottery of a slot that comes after the block at whose state `ctx` stands. An epoch that follows on skipped ones
 * takes what the first of them would have had: the chain goes on after any pause as if it had been none.
 */
export function lotteryOf(ctx: ReadCtx, slot: bigint): Lottery {
  const epoch = epochOf(ctx, slot);
  if (epoch <= storage.EpochIndex.get(ctx)) {
    return { epoch, randomness: storage.Randomness.get(ctx), authorities: storage.Authorities.get(ctx) };
  }
  const [randomness, authorities] = [storage.NextRandomness.get(ctx), storage.NextAuthorities.get(ctx)];
  return { epoch, randomness, authorities };
}

const [numerator, denominator] = constants.PrimaryChance;
const chance = { numerator, denominator };

/** A trainer wins a slot with every lottery number below this one. */
export const thresholdOf = (weight: bigint, authorities: readonly Authority[]): bigint =>
  weight === 0n ? 0n : threshold(weight, totalWeight(authorities), chance);

/** The place of the trainer that may author a slot nobody wins; undefined for an empty list. */
export const secondaryAuthor = (
  { epoch, randomness, authorities }: Lottery,
  slot: bigint,
): number | undefined => {
  const weights = authorities.map(({ weight }) => weight);
  return drawWeighted(secondarySeed({ randomness, slot, epoch }), weights, 1)[0];
};

const totalWeight = (authorities: readonly Authority[]): bigint =>
  authorities.reduce((sum, { weight }) => sum + weight, 0n);

import { exp2Negative, fractionBits } from "../../runtime/primitives/transcendental.ts";

/** What the first blocks of a chain mint, in the smallest unit: 10 MAI. */
export const initialReward = 10_000_000_000_000n;
/** Time after which a block mints half as much, in milliseconds: two years of 365 days. */
export const halvingMs = 63_072_000_000n;

/**
 * What a block mints `elapsedMs` after the chain's first slot: `floor(10 MAI * 2^-(elapsed / 2 years))`. Time counts, not
 * blocks, so slots that stay empty mint nothing later either. All that is ever minted is below a geometric sum over
 * epochs: 151,680,103 MAI where slots take six seconds and epochs have 4,800.
 */
export const rewardAfter = (elapsedMs: bigint): bigint =>
  (initialReward * exp2Negative(elapsedMs, halvingMs)) >> fractionBits;

/** How a block's reward is shared out: a tenth each to the pool for drilling and the treasury, the rest to the author. */
export function sharesOf(reward: bigint): { author: bigint; pool: bigint; treasury: bigint } {
  const tenth = reward / 10n;
  return { author: reward - 2n * tenth, pool: tenth, treasury: tenth };
}

/** The part of a reward that is not free at once: three quarters, rounded up. */
export const vestingPart = (reward: bigint): bigint => reward - reward / 4n;

import { exp2Negative, fractionBits } from "../../runtime/primitives/transcendental.ts";

/** Time after which an effective score is worth half, in milliseconds: a week. */
export const halfLifeMs = 604_800_000n;
/** Fractional bits of an effective score: it counts in 2^-128 uut per day. */
export const effectiveBits = 128n;

const dayMs = 86_400_000n;

/** What is left of an effective score after `elapsedMs`, rounded down: too small by less than 2 of its units. */
export function decayed(effective: bigint, elapsedMs: bigint): bigint {
  if (effective === 0n || elapsedMs === 0n) return effective;
  return (effective * exp2Negative(elapsedMs, halfLifeMs)) >> fractionBits;
}

/**
 * What `work` (uut), done evenly over `intervalMs` that ended `sinceMs` ago, adds to an effective score:
 * `work / days * (1 - 2^-(interval / half-life)) * 2^-(since / half-life)`. This is the recent average credit of BOINC
 * (`update_average`), without its jump at the first credit. Wrong by less than 1 unit and a relative 2^-230: over a
 * second or more the spread is above 2^-20, and each factor is known to 2^-256.
 */
export function gain(work: bigint, intervalMs: bigint, sinceMs: bigint): bigint {
  const spread = (1n << fractionBits) - exp2Negative(intervalMs, halfLifeMs);
  const left = exp2Negative(sinceMs, halfLifeMs);
  return (work * dayMs * spread * left) / (intervalMs << (2n * fractionBits - effectiveBits));
}

import { childSeed, seededGenerator } from "../../engine/data/seeded.ts";
import type { Thresholds } from "../thresholds.ts";
import type { Segment, Timeline } from "../timeline.ts";

/** What an inspection looks at besides what everybody sees; known only after everything is committed. */
export interface Challenge {
  /** Segments that are run again, ascending. */
  readonly segments: readonly Segment[];
  /** Checkpoints whose losses are recomputed, and which entries of the committed vector. */
  readonly losses: readonly { readonly checkpoint: number; readonly entries: readonly number[] }[];
}

/** Draws a challenge from a 32-byte seed; a pure function that trainer and inspectors share. */
export function drawChallenge(seed: Uint8Array, timeline: Timeline, thresholds: Thresholds): Challenge {
  const { segments, lossCheckpoints, lossEntries } = thresholds;
  return {
    segments: distinct(childSeed(seed, "segments"), timeline.segments, segments).map(timeline.segment),
    losses: distinct(childSeed(seed, "loss checkpoints"), timeline.checkpoints + 1, lossCheckpoints).map(
      (checkpoint) => ({
        checkpoint,
        entries: distinct(childSeed(seed, "loss entries", checkpoint), timeline.sampled.length, lossEntries),
      }),
    ),
  };
}

/** `count` distinct numbers below `n`, or all of them, ascending; each set is equally likely. */
function distinct(seed: Uint8Array, n: number, count: number): number[] {
  if (count >= n) return Array.from({ length: n }, (_, i) => i);
  const random = seededGenerator(seed);
  const chosen = new Set<number>();
  // Floyd's method: as many draws as numbers wanted, however many there are to choose from.
  for (let i = n - count; i < n; i++) {
    const drawn = random.below(i + 1);
    chosen.add(chosen.has(drawn) ? i : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}

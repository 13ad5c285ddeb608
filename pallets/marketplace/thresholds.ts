import type { Value } from "../../runtime/primitives/codec.ts";
import { i64, u32 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";

/**
 * What a proof of training is judged by, as the order says it: fractions count in 10^-9. The names are those of
 * the job manifest, which must say the same.
 */
export const thresholds = struct("pallet_marketplace::Thresholds", {
  /** Rule 1: drawdown allowed beyond chance, and how many standard errors "beyond chance" is. */
  drawdown: i64,
  accuracy_z: i64,
  /** Rule 2: Wasserstein-1 over deviation, relative step, a step over the median around it, smallest step. */
  wasserstein: i64,
  relative_step: i64,
  step_over_median: i64,
  smallest_step: i64,
  /** Rule 3: chance of rejecting an honest start, shared by all tensors. */
  law_p: i64,
  /** Rule 4: autocorrelation, and the top eigenvalue in Johnstone's units. */
  autocorrelation_z: i64,
  eigenvalue: i64,
  /** Rule 5: Spearman's coefficient, and the worst way back over the first distance. */
  spearman: i64,
  way_back: i64,
  /** Rule 6: number of fresh starts, standard deviations below chance, distance over theirs. */
  fresh: u32,
  fresh_z: i64,
  fresh_ratio: i64,
  /** Loss spot check: how many entries of how many checkpoints. */
  loss_entries: u32,
  loss_checkpoints: u32,
  /** Re-execution: how many segments are run again. The order bond follows from it. */
  segments: u32,
});
export type Thresholds = Value<typeof thresholds>;

/** What holds where an order says nothing else. */
export const defaultThresholds: Thresholds = {
  drawdown: 100_000_000n,
  accuracy_z: 3_290_000_000n,
  wasserstein: 2_500_000_000n,
  relative_step: 3_000_000_000n,
  step_over_median: 40_000_000_000n,
  smallest_step: 1_000n,
  law_p: 1_000_000n,
  autocorrelation_z: 4_500_000_000n,
  eigenvalue: 4_000_000_000n,
  spearman: 900_000_000n,
  way_back: 20_000_000n,
  fresh: 30,
  fresh_z: 4_000_000_000n,
  fresh_ratio: 950_000_000n,
  loss_entries: 512,
  loss_checkpoints: 2,
  segments: 5,
};

const fractions = 10n ** 9n;
const bounds: Readonly<Record<keyof Thresholds, readonly [low: bigint, high: bigint]>> = {
  drawdown: [0n, fractions],
  accuracy_z: [0n, 100n * fractions],
  wasserstein: [0n, 1_000_000n * fractions],
  relative_step: [0n, 1_000_000n * fractions],
  step_over_median: [fractions, fractions * fractions],
  smallest_step: [0n, fractions],
  law_p: [0n, fractions],
  autocorrelation_z: [0n, 100n * fractions],
  eigenvalue: [0n, 100n * fractions],
  spearman: [-fractions, fractions],
  way_back: [0n, 10n * fractions],
  fresh: [8n, 1_000n],
  fresh_z: [0n, 1_000_000n * fractions],
  fresh_ratio: [0n, 10n * fractions],
  loss_entries: [1n, 4_096n],
  loss_checkpoints: [1n, 1_000n],
  segments: [1n, 10_000n],
};

/** Whether a manifest may hold these thresholds; the bounds are the manifest's own. */
export const areThresholds = (given: Thresholds): boolean =>
  (Object.entries(bounds) as [keyof Thresholds, readonly [bigint, bigint]][]).every(([name, [low, high]]) => {
    const value = BigInt(given[name]);
    return low <= value && value <= high;
  });

import { z } from "zod";

const bound = (low: number, high: number, preset: number) => z.number().min(low).max(high).default(preset);

/** The numbers that the six rules and the checks are judged by; part of the order and of the verdict. */
export const thresholdsSchema = z.strictObject({
  /** Rule 1: drawdown allowed beyond chance, and how many standard errors "beyond chance" is. */
  drawdown: bound(0, 1, 0.1),
  accuracyZ: bound(0, 100, 3.29),
  /** Rule 2: Wasserstein-1 over deviation, relative step, a step over the median around it, smallest step. */
  wasserstein: bound(0, 1e6, 2.5),
  relativeStep: bound(0, 1e6, 3),
  stepOverMedian: bound(1, 1e9, 40),
  smallestStep: bound(0, 1, 1e-6),
  /** Rule 3: chance of rejecting an honest start, shared by all tensors. */
  lawP: bound(0, 1, 0.001),
  /** Rule 4: autocorrelation z, and the top eigenvalue in Johnstone's units. */
  autocorrelationZ: bound(0, 100, 4.5),
  eigenvalue: bound(0, 100, 4),
  /** Rule 5: Spearman's coefficient, and the worst way back over the first distance. */
  spearman: bound(-1, 1, 0.9),
  wayBack: bound(0, 10, 0.02),
  /** Rule 6: standard deviations below chance, and distance over that of fresh starts. */
  fresh: z.int().min(8).max(1000).default(30),
  freshZ: bound(0, 1e6, 4),
  freshRatio: bound(0, 10, 0.95),
  /** Loss spot check: how many entries of how many checkpoints. */
  lossEntries: z.int().min(1).max(4096).default(512),
  lossCheckpoints: z.int().min(1).max(1000).default(2),
  /** Re-execution: how many segments. */
  segments: z.int().min(1).max(10_000).default(5),
});
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** What holds where an order says nothing else. */
export const defaultThresholds: Thresholds = thresholdsSchema.parse({});

/**
 * The same for a start that was found to be the seed's, byte for byte. Nobody chose it, so rules 3 and 4 can only speak against it by
 * chance, which at the usual thresholds strikes one honest training in a thousand and more of models with many tensors.
 */
export const forSeededStart = (given: Thresholds): Thresholds => ({
  ...given,
  lawP: Math.min(given.lawP, 1e-6),
  autocorrelationZ: Math.max(given.autocorrelationZ, 6),
  eigenvalue: Math.max(given.eigenvalue, 8),
});

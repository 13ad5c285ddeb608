import { childSeed, permutation, seededGenerator } from "../engine/data/seeded.ts";
import { type Manifest, stepsPerEpoch, totalSteps } from "./manifest.ts";

/** Steps `from` up to but not including `to`, at the end of which a state is committed. */
export interface Segment {
  /** Its number over the whole job, from 0. */
  readonly index: number;
  /** The checkpoint that closes its interval, from 1. */
  readonly checkpoint: number;
  readonly from: number;
  readonly to: number;
}

/** Where a job's checkpoints and segments lie, and which samples each step sees; a pure function of the manifest. */
export interface Timeline {
  readonly steps: number;
  /** T; checkpoints are numbered 0 to T. */
  readonly checkpoints: number;
  readonly segments: number;
  /** The step at which checkpoint i is taken. */
  stepOf(checkpoint: number): number;
  segment(index: number): Segment;
  /** The end of the segment in which `step` is done. */
  nextStop(step: number): number;
  /** The segments between checkpoint i - 1 and checkpoint i. */
  segmentsOf(checkpoint: number): Segment[];
  /** Rows of the training data that the steps use, `batch * accumulate` per step. */
  rows(from: number, to: number): BigInt64Array;
  /** Rows whose losses are committed with every checkpoint: up to 4,096, drawn once. */
  readonly sampled: readonly number[];
}

/** Samples whose losses are committed with every checkpoint. */
export const maxSampled = 4096;

/**
 * Every epoch is a permutation by `childSeed(seed, "epoch", e)`, cut into batches from its start, the rest left out;
 * the sampled rows are the first of the permutation by `childSeed(seed, "sampled")`, in ascending order.
 */
export function timelineOf(manifest: Manifest, seed: Uint8Array): Timeline {
  const { checkpointEvery: every, segment: length } = manifest;
  const steps = totalSteps(manifest);
  const count = Math.ceil(steps / every);
  const perInterval = Math.ceil(every / length);
  const stepOf = (checkpoint: number) => Math.min(checkpoint * every, steps);
  const lastInterval = Math.ceil((steps - stepOf(count - 1)) / length);
  const segment = (index: number): Segment => {
    const checkpoint = Math.floor(index / perInterval) + 1;
    const from = stepOf(checkpoint - 1) + (index % perInterval) * length;
    return { index, checkpoint, from, to: Math.min(from + length, stepOf(checkpoint)) };
  };
  return {
    steps,
    checkpoints: count,
    segments: (count - 1) * perInterval + lastInterval,
    stepOf,
    segment,
    nextStop: (step) => {
      const base = Math.floor(step / every) * every;
      const end = base + (Math.floor((step - base) / length) + 1) * length;
      return Math.min(end, base + every, steps);
    },
    segmentsOf: (checkpoint) => {
      const n = checkpoint === count ? lastInterval : perInterval;
      return Array.from({ length: n }, (_, k) => segment((checkpoint - 1) * perInterval + k));
    },
    rows: rowsOf(manifest, seed),
    sampled: sampledRows(manifest.training.samples, childSeed(seed, "sampled")),
  };
}

/** The same training, left at one of its checkpoints: rates and order of the samples stay those of the whole job. */
export const upTo = (whole: Timeline, checkpoint: number): Timeline => ({
  ...whole,
  steps: whole.stepOf(checkpoint),
  checkpoints: checkpoint,
  segments: (whole.segmentsOf(checkpoint).at(-1)?.index ?? -1) + 1,
});

function rowsOf(manifest: Manifest, seed: Uint8Array): Timeline["rows"] {
  const { samples } = manifest.training;
  const perStep = manifest.batch * manifest.accumulate;
  const perEpoch = stepsPerEpoch(manifest);
  let kept: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array() };
  return (from, to) => {
    const rows = new BigInt64Array((to - from) * perStep);
    for (let step = from, at = 0; step < to; step++) {
      const epoch = Math.floor(step / perEpoch);
      if (kept.epoch !== epoch)
        kept = { epoch, order: permutation(childSeed(seed, "epoch", epoch), samples) };
      const first = (step - epoch * perEpoch) * perStep;
      for (let k = 0; k < perStep; k++) rows[at++] = BigInt(kept.order[first + k] as number);
    }
    return rows;
  };
}

function sampledRows(samples: number, seed: Uint8Array): number[] {
  if (samples <= maxSampled) return Array.from({ length: samples }, (_, i) => i);
  // Draws until enough differ: exact, and independent of the size of the data.
  const random = seededGenerator(seed);
  const chosen = new Set<number>();
  while (chosen.size < maxSampled) chosen.add(random.below(samples));
  return [...chosen].sort((a, b) => a - b);
}

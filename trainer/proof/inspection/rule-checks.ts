import type { Tensors } from "../../engine/tensor.ts";
import { accuracyOf } from "../compute.ts";
import { parameterStarts, weightsOf } from "../job.ts";
import { accuracyRule } from "../rules/accuracy.ts";
import { chanceRule } from "../rules/chance.ts";
import { continuityRule, measureStep, type Step, type Weights } from "../rules/continuity.ts";
import { distanceRule } from "../rules/distance.ts";
import { independenceRule } from "../rules/independence.ts";
import { initialLawRule } from "../rules/initial-law.ts";
import { notApplicable, type Report } from "../rules/report.ts";
import { squaredDistance } from "../rules/statistics.ts";
import { forSeededStart } from "../thresholds.ts";
import type { Evidence } from "./evidence.ts";

/** The six reports, and the curves that they were judged by. */
export interface RuleResults {
  readonly reports: readonly Report[];
  readonly accuracy: readonly number[];
  readonly distance: readonly number[];
  readonly movement: readonly number[];
}

/**
 * Check 3: the six rules over all checkpoints; two of them are in memory at a time, besides first and last. `isSeeds` says that the
 * first checkpoint was found to be the one that the seed gives.
 */
export async function ruleChecks(e: Evidence, isSeeds: boolean): Promise<RuleResults> {
  const { job, timeline } = e;
  const { thresholds, initialisation } = job.manifest;
  const starts = parameterStarts(job);
  const last = weightsOf(job, await e.state(timeline.checkpoints));
  const right: number[] = [];
  const distance: number[] = [];
  const steps: Step[] = [];
  let graded = 0;
  let first: Weights | undefined;
  let before: Weights | undefined;
  for (let index = 0; index <= timeline.checkpoints; index++) {
    e.signal?.throwIfAborted();
    const state = await e.state(index);
    const weights = weightsOf(job, state);
    first ??= weights;
    if (before !== undefined) steps.push(measureStep(starts, before, weights, last, index));
    distance.push(Math.sqrt(starts.reduce((sum, s) => sum + squared(s.name, weights, last), 0)));
    const grade = await gradeOf(e, state);
    if (grade !== undefined) {
      right.push(grade.right);
      graded = grade.graded;
    }
    before = weights;
  }
  const start = first as Weights;
  const drawn = initialisation.type === "seeded";
  const ofStart = isSeeds ? forSeededStart(thresholds) : thresholds;
  const tuned = (id: string, title: string) =>
    notApplicable(id, title, "the job begins with a given checkpoint");
  const reports = [
    graded > 0
      ? accuracyRule(right, graded, e.unfinished ? "unfinished" : job.manifest.target, thresholds)
      : notApplicable("rule1", "accuracy rises", "the validation data was not released: it counts as met"),
    continuityRule(steps, pacesOf(e), thresholds),
    drawn ? initialLawRule(starts, start, ofStart) : tuned("rule3", "the start follows its law"),
    drawn ? independenceRule(starts, start, ofStart) : tuned("rule4", "initial values are independent"),
    distanceRule(distance, thresholds),
    drawn
      ? chanceRule(starts, start, last, e.challengeSeed, decayOf(e), thresholds)
      : tuned("rule6", "the result is closer to its start than chance"),
  ];
  return {
    reports,
    accuracy: right.map((r) => r / graded),
    distance,
    movement: steps.map((s) => s.relative),
  };
}

const squared = (name: string, a: Weights, b: Weights): number =>
  squaredDistance(a[name] as Float32Array, b[name] as Float32Array);

const gradeOf = async (e: Evidence, state: Tensors) =>
  e.job.validation && accuracyOf(e.device, e.job, e.job.validation, state, { signal: e.signal });

/** Of each step between checkpoints, its learning rates summed, as a part of a whole interval at the full rate. */
function pacesOf({ job, timeline }: Evidence): number[] {
  const { optimiser, checkpointEvery } = job.manifest;
  const whole = optimiser.learningRate * checkpointEvery;
  return Array.from({ length: timeline.checkpoints }, (_, i) => {
    const { data } = job.rates(timeline.stepOf(i), timeline.stepOf(i + 1));
    return data.reduce((sum, rate) => sum + rate, 0) / whole;
  });
}

/** Learning rate x weight decay, summed over all steps. */
function decayOf({ job, timeline }: Evidence): number {
  const { weightDecay } = job.manifest.optimiser;
  if (weightDecay === 0) return 0;
  let sum = 0;
  for (let from = 0; from < timeline.steps; from += 65_536) {
    const { data } = job.rates(from, Math.min(from + 65_536, timeline.steps));
    for (const rate of data) sum += rate;
  }
  return sum * weightDecay;
}

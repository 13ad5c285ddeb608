import type { Start } from "../init.ts";
import type { Thresholds } from "../thresholds.ts";
import { above, atMost, type Report, report, worst } from "./report.ts";
import { spread, squaredDistance, squaredNorm, wasserstein } from "./statistics.ts";

/** Trained tensors of one checkpoint, by name. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** What happened to one tensor between two checkpoints. */
interface TensorStep {
  readonly where: string;
  readonly wasserstein: number;
  readonly relative: number;
}

/** What happened to the model between two checkpoints. */
export interface Step {
  readonly distance: number;
  /** `distance` over the norm of the model before the step. */
  readonly relative: number;
  readonly tensors: readonly TensorStep[];
}

/**
 * Measures the step that ends at checkpoint `index`. A tensor is measured by its own size before the step; one that
 * begins as a constant has no size to begin with and is measured by its distance from that constant in the `final`
 * checkpoint, if that is larger.
 */
export function measureStep(
  starts: readonly Start[],
  before: Weights,
  after: Weights,
  final: Weights,
  index: number,
): Step {
  let square = 0;
  let norm = 0;
  const tensors = starts.map((start): TensorStep => {
    const a = before[start.name] as Float32Array;
    const b = after[start.name] as Float32Array;
    const moved = squaredDistance(a, b);
    const size = squaredNorm(a);
    square += moved;
    norm += size;
    const { deviation, length } = scaleOf(start, a, size, final[start.name] as Float32Array);
    return {
      where: `${start.name}, checkpoint ${index}`,
      wasserstein: moved === 0 ? 0 : wasserstein(a, b) / deviation,
      relative: moved === 0 ? 0 : Math.sqrt(moved) / length,
    };
  });
  return { distance: Math.sqrt(square), relative: Math.sqrt(square / norm), tensors };
}

/**
 * Rule 2: no tensor leaps, no step of the model dwarfs those around it, and none stands still. A step is compared with
 * the median of the two before and the two after it: a job that trains until its loss vanishes ends in steps hundreds
 * of times smaller than it began with, without a jump anywhere. How little is standing still depends on the learning
 * rate: `paces` says of each step what part of a whole interval at the full rate it had, and a step is measured by that.
 */
export function continuityRule(
  steps: readonly Step[],
  paces: readonly number[],
  thresholds: Thresholds,
): Report {
  const tensors = steps.flatMap((s) => s.tensors);
  const w = worst(tensors, (t) => t.wasserstein);
  const r = worst(tensors, (t) => t.relative);
  const jumps = steps.map((s, i) => ({ ratio: s.distance / around(steps, i), where: `checkpoint ${i + 1}` }));
  const jump = worst(jumps, (j) => j.ratio);
  // A rate of nothing moves nothing.
  const moving = steps.flatMap((s, i) => {
    const pace = paces[i] ?? 1;
    return pace > 0 ? [{ relative: s.relative / Math.min(1, pace), where: `checkpoint ${i + 1}` }] : [];
  });
  const smallest = worst(moving, (s) => -s.relative);
  return report("rule2", "parameters move continuously", [
    atMost("Wasserstein-1 / deviation", w?.wasserstein ?? Number.NaN, thresholds.wasserstein, w?.where),
    atMost("relative step of a tensor", r?.relative ?? Number.NaN, thresholds.relativeStep, r?.where),
    atMost(
      "largest step / median around it",
      jump?.ratio ?? Number.NaN,
      thresholds.stepOverMedian,
      jump?.where,
    ),
    above(
      "smallest relative step",
      smallest?.relative ?? Number.NaN,
      thresholds.smallestStep,
      smallest?.where,
    ),
  ]);
}

function scaleOf(start: Start, values: Float32Array, square: number, final: Float32Array) {
  const own = { deviation: spread(values), length: Math.sqrt(square) };
  if (start.law.law !== "constant") return own;
  const reach = spread(final, start.law.value);
  return {
    deviation: Math.max(own.deviation, reach),
    length: Math.max(own.length, reach * Math.sqrt(final.length)),
  };
}

/** Median of the nearest two steps on each side; a single step has none but itself. */
function around(steps: readonly Step[], i: number): number {
  const near = [...steps.slice(Math.max(0, i - 2), i), ...steps.slice(i + 1, i + 3)];
  return median((near.length === 0 ? steps : near).map((s) => s.distance));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

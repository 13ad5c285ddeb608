import { childSeed } from "../../engine/data/seeded.ts";
import { drawTensor, type Start } from "../init.ts";
import type { Thresholds } from "../thresholds.ts";
import type { Weights } from "./continuity.ts";
import { atLeast, atMost, notApplicable, type Report, report } from "./report.ts";
import { mean, spread, squaredDistance, squaredNorm } from "./statistics.ts";

const title = "the result is closer to its start than chance";

/** Where weight decay has forgotten the start, closeness to it means nothing. */
const forgotten = 2;

/**
 * An honest run that moves by x times sqrt(2) the size of its start has a ratio near x / sqrt(x² + 1), which tends to 1
 * like that of any forgery. Beyond this x the ratio says nothing and the deviations alone decide: they stay those of
 * a normal variable, about 0, for everything that does not come from the start.
 */
const farMoved = 2;

/**
 * Rule 6: the result lies closer to its own start than to fresh starts of the same laws, drawn from a challenge that
 * was unknown while training. Only drawn tensors count. `decay` is learning rate x weight decay, summed over steps.
 */
export function chanceRule(
  starts: readonly Start[],
  first: Weights,
  last: Weights,
  challenge: Uint8Array,
  decay: number,
  thresholds: Thresholds,
): Report {
  if (decay > forgotten)
    return notApplicable(
      "rule6",
      title,
      `weight decay over the job is ${decay.toFixed(2)}, above ${forgotten}`,
    );
  const drawn = starts.filter((s) => s.law.law !== "constant");
  if (drawn.length === 0) return notApplicable("rule6", title, "no tensor is drawn at random");
  const distance = (values: (s: Start) => Float32Array) =>
    Math.sqrt(drawn.reduce((sum, s) => sum + squaredDistance(values(s), last[s.name] as Float32Array), 0));
  const own = distance((s) => first[s.name] as Float32Array);
  const fresh = Array.from({ length: thresholds.fresh }, (_, k) => {
    const seed = childSeed(challenge, "fresh", k);
    return distance((s) => drawTensor(s, seed));
  });
  const expected = mean(fresh);
  const sigma = spread(fresh) * Math.sqrt(fresh.length / (fresh.length - 1));
  const size = Math.sqrt(2 * drawn.reduce((sum, s) => sum + squaredNorm(first[s.name] as Float32Array), 0));
  const deviations = atLeast("deviations below chance", (expected - own) / sigma, thresholds.freshZ);
  if (own > farMoved * size)
    return {
      ...report("rule6", title, [deviations]),
      note: `it moved ${(own / size).toFixed(1)} times as far as fresh starts lie apart: the ratio does not apply`,
    };
  return report("rule6", title, [
    deviations,
    atMost("distance / that of fresh starts", own / expected, thresholds.freshRatio),
  ]);
}

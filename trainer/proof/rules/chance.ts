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
 * An honest run of n values that moves by its own distance d has about sqrt(n) |C_0| / d deviations, as the distances of
 * fresh starts scatter by one value's deviation. Where that is below this many times the threshold, the movement has
 * buried the start: nobody could pass, and nobody is asked.
 */
const hopeless = 2;

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
  const length = Math.sqrt(drawn.reduce((sum, s) => sum + squaredNorm(first[s.name] as Float32Array), 0));
  const count = drawn.reduce((sum, s) => sum + (first[s.name] as Float32Array).length, 0);
  const moved = `it moved ${(own / length).toFixed(1)} times the length of its start`;
  if ((Math.sqrt(count) * length) / own < hopeless * thresholds.freshZ)
    return notApplicable("rule6", title, `${moved}, which buries it`);
  const deviations = atLeast("deviations below chance", (expected - own) / sigma, thresholds.freshZ);
  if (own > farMoved * Math.SQRT2 * length)
    return { ...report("rule6", title, [deviations]), note: `${moved}: the ratio does not apply` };
  return report("rule6", title, [
    deviations,
    atMost("distance / that of fresh starts", own / expected, thresholds.freshRatio),
  ]);
}

import type { Thresholds } from "../thresholds.ts";
import { above, atLeast, atMost, type Report, report } from "./report.ts";
import { spearman } from "./statistics.ts";

/**
 * Rule 5: the distance d_i of checkpoint i to the last one falls to zero: its ranks follow the order of the
 * checkpoints, and no step leads back by more than a small part of the first distance.
 */
export function distanceRule(distances: readonly number[], thresholds: Thresholds): Report {
  const first = distances[0] ?? Number.NaN;
  let back = { by: 0, at: 0 };
  for (let i = 1; i < distances.length; i++) {
    const by = (distances[i] as number) - (distances[i - 1] as number);
    if (!(by <= back.by)) back = { by, at: i };
  }
  const order = distances.map((_, i) => i);
  const fallen = distances.map((d) => -d);
  return report("rule5", "the distance to the result falls", [
    atLeast("Spearman's coefficient", spearman(fallen, order), thresholds.spearman),
    atMost("worst way back / first distance", back.by / first, thresholds.wayBack, `checkpoint ${back.at}`),
    above("first distance", first, 0),
  ]);
}

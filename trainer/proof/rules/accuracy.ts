import type { Thresholds } from "../thresholds.ts";
import { atLeast, atMost, type Report, report, worst } from "./report.ts";

/**
 * Rule 1: accuracy rises. It may fall from its running maximum p by `drawdown` plus what chance explains
 * (two samples of m predictions differ by sqrt(2p(1-p)/m)), and it must end higher than chance explains.
 * Of work that was left before its end neither is asked: a warm-up gains nothing at first, and the target is the end's.
 * With `accuracyZ` 0 no gain is asked: where a training goes on that had learned already, chance decides on its sign.
 * `right` counts the right predictions of every checkpoint out of `graded`.
 */
export function accuracyRule(
  right: readonly number[],
  graded: number,
  target: number | "unfinished",
  thresholds: Thresholds,
): Report {
  const accuracy = right.map((r) => r / graded);
  const z = thresholds.accuracyZ;
  let p = 0;
  const falls = accuracy.map((a, i) => {
    p = Math.max(p, a);
    return { excess: p - a - z * Math.sqrt((2 * p * (1 - p)) / graded), i };
  });
  const fall = worst(falls, (f) => f.excess);
  const first = accuracy[0] ?? Number.NaN;
  const last = accuracy.at(-1) ?? Number.NaN;
  const chance = z * Math.sqrt((first * (1 - first) + last * (1 - last)) / graded);
  return report("rule1", "accuracy rises", [
    atMost(
      "worst drawdown beyond chance",
      fall?.excess ?? Number.NaN,
      thresholds.drawdown,
      `checkpoint ${fall?.i}`,
    ),
    atLeast("gain from first to last", last - first, target === "unfinished" || z === 0 ? -1 : chance),
    atLeast("final accuracy", last, target === "unfinished" ? 0 : target),
  ]);
}

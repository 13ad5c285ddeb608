import { expect, test } from "vitest";
import { drawAll, type Start } from "../init.ts";
import type { Law } from "../law.ts";
import { defaultThresholds as limits } from "../thresholds.ts";
import { accuracyRule } from "./accuracy.ts";
import { chanceRule } from "./chance.ts";
import { continuityRule, measureStep, type Weights } from "./continuity.ts";
import { distanceRule } from "./distance.ts";
import { independenceRule } from "./independence.ts";
import { initialLawRule } from "./initial-law.ts";
import type { Report } from "./report.ts";

const seed = (n: number) => new Uint8Array(32).fill(n);
const start = (name: string, dims: number[], law: Law = { law: "gmm2" }): Start => ({
  name,
  dtype: "float32",
  dims,
  law,
  fanIn: dims[1] ?? 1,
  fanOut: dims[0] ?? 1,
});
const starts = [
  start("w", [64, 100]),
  start("v", [10, 64], { law: "he", shape: "normal" }),
  start("tiny", [3, 4], { law: "xavier", shape: "uniform" }),
  start("b", [10], { law: "constant", value: 0 }),
];
const first = drawAll(starts, seed(1));
const other = drawAll(starts, seed(2));
const blend = (a: Weights, b: Weights, t: number): Weights =>
  Object.fromEntries(
    Object.entries(a).map(([n, v]) => [n, v.map((x, i) => (1 - t) * x + t * (b[n]?.[i] as number))]),
  );
const broken = (report: Report) => report.findings.filter((f) => !f.passed).map((f) => f.statistic);

test("rule 1: noise may fall, a real fall and no gain may not", () => {
  const judge = (a: number[], target: number | "unfinished" = 0) =>
    broken(
      accuracyRule(
        a.map((x) => x * 2000),
        2000,
        target,
        limits,
      ),
    );
  expect(judge([0.1, 0.5, 0.48, 0.8, 0.72, 0.9], 0.9)).toEqual([]);
  expect(judge([0.1, 0.5, 0.9, 0.7, 0.9])).toEqual(["worst drawdown beyond chance"]);
  expect(judge([0.5, 0.51, 0.52])).toEqual(["gain from first to last"]);
  expect(judge([0.1, 0.5, 0.8], 0.9)).toEqual(["final accuracy"]);
  expect(judge([0.1, 0.1], "unfinished")).toEqual([]);
  expect(judge([0.1, 0.9, 0.6], "unfinished")).toEqual(["worst drawdown beyond chance"]);
  expect(accuracyRule([], 2000, 0, limits).passed).toBe(false);
  // Where no gain is asked, chance may leave the end a little lower than the beginning.
  expect(accuracyRule([1800, 1810, 1795], 2000, 0.85, { ...limits, accuracyZ: 0 }).passed).toBe(true);
  expect(accuracyRule([1800, 1810, 1500], 2000, 0.7, { ...limits, accuracyZ: 0 }).passed).toBe(false);
});

test("rule 1 at its edge: drawdown 0.10 + 3.29 sqrt(2p(1-p)/m)", () => {
  const allowed = Math.floor(2000 * (0.1 + 3.29 * Math.sqrt((2 * 0.8 * 0.2) / 2000)));
  expect(accuracyRule([200, 1600, 1600 - allowed, 1600], 2000, 0, limits).passed).toBe(true);
  expect(accuracyRule([200, 1600, 1600 - allowed - 1, 1600], 2000, 0, limits).passed).toBe(false);
});

test("rule 2: a leap, a step that dwarfs the others, and a stand-still are found at their place", () => {
  const chain = (at: number[]) => at.map((t) => blend(first, other, t));
  const judge = (weights: Weights[], paces?: number[]) => {
    const final = weights.at(-1) as Weights;
    const steps = weights.slice(1).map((w, i) => measureStep(starts, weights[i] as Weights, w, final, i + 1));
    return continuityRule(steps, paces ?? steps.map(() => 1), limits);
  };
  expect(broken(judge(chain([0, 0.1, 0.2, 0.3, 0.4])))).toEqual([]);
  expect(broken(judge(chain([0, 0.01, 0.02, 0.03, 0.04, 0.6])))).toEqual(["largest step / median around it"]);
  const converging = Array.from({ length: 14 }, (_, i) => 1 - 0.5 ** i);
  expect(broken(judge(chain(converging)))).toEqual([]); // 8,192 times smaller at the end, and no jump
  expect(broken(judge(chain([...converging.slice(0, 12), 0.9])))).toEqual([
    "largest step / median around it",
  ]);
  expect(judge(chain([0, 0.1])).findings[2]).toMatchObject({ value: 1, passed: true }); // nothing around it
  const still = judge(chain([0, 0.1, 0.1, 0.2, 0.3]));
  expect(broken(still)).toEqual(["smallest relative step"]);
  expect(still.findings.at(-1)?.where).toBe("checkpoint 2");
  // At the end of a cosine the rate hardly moves anything; what stands still then is no less still.
  const slow = chain([0, 0.1, 0.2, 0.2 + 1e-7]);
  expect(broken(judge(slow))).toEqual(["smallest relative step"]);
  expect(broken(judge(slow, [1, 0.5, 1e-3]))).toEqual([]);
  expect(broken(judge(chain([0, 0.1, 0.2, 0.2]), [1, 0.5, 1e-3]))).toEqual(["smallest relative step"]);
  expect(broken(judge(chain([0, 0.1, 0.2, 0.2]), [1, 0.5, 0]))).toEqual([]);
  const grown = chain([0, 0.1, 0.2, 0.3]);
  const leap = {
    ...first,
    v: (grown[2] as Record<string, Float32Array>).v?.map((x) => 5 * x) as Float32Array,
  };
  const report = judge([...grown, leap]);
  expect(broken(report)).toContain("relative step of a tensor");
  expect(report.findings[1]?.where).toBe("v, checkpoint 4");
  const nan = { ...first, v: first.v?.map(() => Number.NaN) as Float32Array };
  expect(judge([first, nan, other]).passed).toBe(false);
});

test("rule 3: the declared law holds, another law of the same variance does not, nor one touched constant", () => {
  expect(initialLawRule(starts, first, limits).findings).toMatchObject([{ passed: true }, { passed: true }]);
  const declaredHe = starts.map((s) =>
    s.name === "w" ? { ...s, law: { law: "he", shape: "normal" } as const } : s,
  );
  expect(initialLawRule(declaredHe, first, limits)).toMatchObject({
    passed: false,
    findings: [{ where: "w" }, {}],
  });
  const b = Float32Array.from({ length: 10 }, (_, i) => (i === 3 ? 1e-9 : 0));
  expect(initialLawRule(starts, { ...first, b }, limits)).toMatchObject({
    passed: false,
    findings: [{ passed: true }, { passed: false, value: 1, where: "b" }],
  });
});

test("rule 4: sorted rows and a hidden direction are found", () => {
  expect(independenceRule(starts, first, limits).passed).toBe(true);
  expect(independenceRule(starts, { ...first, w: (first.w as Float32Array).toSorted() }, limits).passed).toBe(
    false,
  );
  const trained = (first.w as Float32Array).map((v, i) => v + 0.08 * Math.sin(i / 100) * Math.cos(i % 100));
  expect(broken(independenceRule(starts, { ...first, w: trained }, limits))).toContain(
    "top eigenvalue, Johnstone's units",
  );
  expect(independenceRule([starts[3] as Start], first, limits).note).toMatch(/no drawn matrix/);
});

test("rule 5: falling distances hold, wandering ones do not", () => {
  expect(broken(distanceRule([10, 8, 8.1, 5, 3, 1, 0], limits))).toEqual([]);
  expect(broken(distanceRule([10, 8, 8.3, 5, 3, 1, 0], limits))).toEqual(["worst way back / first distance"]);
  expect(broken(distanceRule([5, 6, 7, 8, 0], limits))).toContain("Spearman's coefficient");
  expect(distanceRule([0, 0, 0], limits).passed).toBe(false);
});

test("rule 6: a result near its start is told from one near another", () => {
  const judge = (last: Weights, decay = 0) => chanceRule(starts, first, last, seed(9), decay, limits);
  expect(judge(blend(first, other, 0.2)).passed).toBe(true);
  expect(judge(other).passed).toBe(false);
  // Moved far in a direction of its own: the ratio is near 1 for everybody, the deviations still tell.
  const away = (from: Weights) =>
    Object.fromEntries(
      Object.entries(from).map(([n, v]) => [n, v.map((x, i) => x + 5 * (other[n]?.[i] as number))]),
    );
  expect(judge(away(first))).toMatchObject({
    passed: true,
    note: expect.stringMatching(/ratio does not apply/),
  });
  expect(judge(away(drawAll(starts, seed(3)))).passed).toBe(false);
  const buried = first.w?.map((x, i) => x + 20 * (other.w?.[i] as number)) as Float32Array;
  expect(judge({ ...first, w: buried })).toMatchObject({
    passed: true,
    note: expect.stringMatching(/buries/),
  });
  expect(judge(other, 2.5)).toMatchObject({ passed: true, note: expect.stringMatching(/weight decay/) });
});

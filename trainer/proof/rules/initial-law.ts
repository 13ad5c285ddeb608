import type { Start } from "../init.ts";
import { deviation } from "../law.ts";
import type { Thresholds } from "../thresholds.ts";
import type { Weights } from "./continuity.ts";
import { atLeast, exactly, type Finding, type Report, report, worst } from "./report.ts";
import { kolmogorovGap, kolmogorovP, normalCdf } from "./statistics.ts";

/** Tensors with fewer values are tested together. */
const pooledBelow = 64;

/**
 * Rule 3: the first checkpoint follows the declared laws (Kolmogorov-Smirnov, one test per tensor; small tensors are
 * pooled after each value is mapped to its probability); constants are met exactly.
 */
export function initialLawRule(starts: readonly Start[], first: Weights, thresholds: Thresholds): Report {
  const drawn = starts.filter((s) => s.law.law !== "constant");
  const values = (s: Start) => probabilities(s, first[s.name] as Float32Array);
  const large = drawn.filter((s) => (first[s.name] as Float32Array).length >= pooledBelow);
  const small = drawn.filter((s) => !large.includes(s));
  const groups = large.map((s) => ({ where: s.name, values: values(s) }));
  if (small.length > 0) {
    const joined = Float64Array.from(small.flatMap((s) => [...values(s)]));
    groups.push({ where: `${small.length} small tensors together`, values: joined });
  }
  const tests = groups.map((g) => ({
    where: g.where,
    p: kolmogorovP(kolmogorovGap(g.values), g.values.length),
  }));
  const least = worst(tests, (t) => -t.p);
  const findings: Finding[] = [];
  if (least)
    findings.push(atLeast("least p of its law", least.p, thresholds.lawP / tests.length, least.where));
  const constants = starts.flatMap((s) =>
    s.law.law === "constant" ? [{ name: s.name, value: s.law.value }] : [],
  );
  const broken = constants.find((c) =>
    (first[c.name] as Float32Array).some((v) => v !== Math.fround(c.value)),
  );
  const wrong = constants.reduce(
    (n, c) =>
      n + (first[c.name] as Float32Array).reduce((k, v) => k + (v === Math.fround(c.value) ? 0 : 1), 0),
    0,
  );
  if (constants.length > 0) findings.push(exactly("values beside their constant", wrong, 0, broken?.name));
  return report("rule3", "the start follows its law", findings);
}

/** The declared law's probability of values up to each of these. */
function probabilities(start: Start, values: Float32Array): Float64Array {
  const sigma = deviation(start);
  const { law } = start;
  if (law.law === "gmm2") {
    const s = sigma / Math.sqrt(5);
    return Float64Array.from(values, (v) => (normalCdf(v / s - 2) + normalCdf(v / s + 2)) / 2);
  }
  if (law.law !== "constant" && law.shape === "uniform") {
    const limit = sigma * Math.sqrt(3);
    return Float64Array.from(values, (v) => Math.min(1, Math.max(0, (v / limit + 1) / 2)));
  }
  return Float64Array.from(values, (v) => normalCdf(v / sigma));
}

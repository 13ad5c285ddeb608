import fc from "fast-check";
import { expect, test } from "vitest";
import { childSeed, permutation } from "../../engine/data/seeded.ts";
import { drawTensor, type Start } from "../init.ts";
import { autocorrelation, type Matrix, topEigenvalue } from "./gram.ts";
import { kolmogorovGap, kolmogorovP, normalCdf, spearman, spread, wasserstein } from "./statistics.ts";

const seed = new Uint8Array(32);
const normals = (index: number, rows: number, columns: number): Matrix => {
  const start: Start = {
    name: "w",
    dtype: "float32",
    dims: [rows, columns],
    law: { law: "fanIn", shape: "normal" },
    fanIn: 1,
    fanOut: 1,
  };
  return { rows, columns, values: drawTensor(start, childSeed(seed, "matrix", index)) };
};

test("the normal distribution against tabulated values (the C library's erfc)", () => {
  const table: [number, number][] = [
    [0, 0.5],
    [1, 0.8413447460685429],
    [1.959963984540054, 0.975],
    [2.99, 0.9986051127645077],
    [3.01, 0.9986937615512306],
    [-6, 9.865876450377012e-10],
    [-10, 7.619853024160593e-24],
  ];
  for (const [x, p] of table) expect(normalCdf(x) / p).toBeCloseTo(1, 12);
});

test("Kolmogorov's distribution at its classical critical values (Smirnov's table)", () => {
  const p = (lambda: number) => kolmogorovP(lambda / (1e4 + 0.12 + 0.11 / 1e4), 1e8);
  expect(p(1.2238)).toBeCloseTo(0.1, 4);
  expect(p(1.3581)).toBeCloseTo(0.05, 4);
  expect(p(1.6276)).toBeCloseTo(0.01, 4);
  expect(p(1.9495)).toBeCloseTo(0.001, 5);
  expect(p(0.01)).toBe(1);
});

test("the gap of an even sample is half a step, that of one value its own", () => {
  expect(kolmogorovGap(Float64Array.from({ length: 10 }, (_, i) => (i + 0.5) / 10))).toBeCloseTo(0.05, 12);
  expect(kolmogorovGap(Float64Array.of(0.2))).toBeCloseTo(0.8, 12);
});

test("Spearman's coefficient equals 1 - 6 Σd² / n(n² - 1) without ties", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 2, max: 60 }), (s, n) => {
      const p = [...permutation(s, n)];
      const d2 = p.reduce((sum, v, i) => sum + (v - i) ** 2, 0);
      const formula = 1 - (6 * d2) / (n * (n * n - 1));
      expect(spearman(p, [...p.keys()])).toBeCloseTo(formula, 10);
    }),
  );
  expect(spearman([1, 1, 2], [1, 2, 3])).toBeCloseTo(Math.sqrt(3) / 2, 12);
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
});

test("Wasserstein-1: a shift costs its length, a permutation nothing, scaling |k - 1| E|x|", () => {
  const { values } = normals(1, 40, 25);
  expect(
    wasserstein(
      values,
      values.map((v) => v + 0.5),
    ),
  ).toBeCloseTo(0.5, 6);
  expect(wasserstein(values, values.toReversed())).toBe(0);
  const meanSize = values.reduce((s, v) => s + Math.abs(v), 0) / values.length;
  expect(
    wasserstein(
      values,
      values.map((v) => 3 * v),
    ),
  ).toBeCloseTo(2 * meanSize, 5);
  expect(spread(Float32Array.of(1, 3))).toBe(1);
});

test("independent matrices: z is standard normal, the top eigenvalue follows Tracy-Widom of order 1", () => {
  const samples = Array.from({ length: 150 }, (_, i) => normals(i, 60, 40));
  const z = samples.flatMap((m) => Object.values(autocorrelation(m)));
  expect(Math.abs(z.reduce((s, v) => s + v, 0) / z.length)).toBeLessThan(0.3);
  expect(spread(z)).toBeCloseTo(1, 0);
  const top = samples.map((m) => topEigenvalue(m, 1));
  // Tracy-Widom of order 1: mean -1.2065, deviation 1.268; five standard errors of 150 samples.
  expect(Math.abs(top.reduce((s, v) => s + v, 0) / 150 + 1.2065)).toBeLessThan((5 * 1.268) / Math.sqrt(150));
  expect(Math.max(...top)).toBeLessThan(4);
});

test("the top eigenvalue finds a weak layer of rank one that no moment shows", () => {
  const matrix = normals(3, 120, 80);
  const values = matrix.values.map((v, i) => {
    const direction = Math.sin(Math.floor(i / 80)) * Math.cos(i % 80);
    return (v + 0.8 * direction) / Math.sqrt(1 + 0.16);
  });
  expect(topEigenvalue({ ...matrix, values }, 1)).toBeGreaterThan(8);
});

test("autocorrelation finds neighbours that agree, along rows and along columns", () => {
  const { values } = normals(4, 50, 50);
  const smooth = values.map((v, i) => v + 0.4 * (values[i + 1] ?? 0));
  expect(autocorrelation({ rows: 50, columns: 50, values: smooth }).alongRows).toBeGreaterThan(10);
  const turned = Float32Array.from(smooth, (_, i) => smooth[(i % 50) * 50 + Math.floor(i / 50)] as number);
  expect(autocorrelation({ rows: 50, columns: 50, values: turned }).alongColumns).toBeGreaterThan(10);
});

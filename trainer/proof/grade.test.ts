import { expect, test } from "vitest";
import { tensor } from "../engine/tensor.ts";
import { gradeBatch } from "./grade.ts";
import type { Manifest } from "./manifest.ts";

const labels = (...v: number[]) => tensor("int64", [v.length], BigInt64Array.from(v, BigInt));
const manifest = (loss: object, accuracy?: object) => ({ loss, accuracy }) as unknown as Manifest;

test("classes: equal ones are right, ignored labels do not count, several places per sample do", () => {
  const m = manifest({ type: "softmaxCrossEntropy", ignoreIndex: -100 });
  expect(gradeBatch(m, labels(1, 2, 3), labels(1, 0, 3))).toEqual({ right: 2, graded: 3 });
  expect(gradeBatch(m, labels(1, 2, 3), labels(-100, 0, 3))).toEqual({ right: 1, graded: 2 });
  const places = (...v: number[]) => tensor("int64", [2, 2], BigInt64Array.from(v, BigInt));
  expect(gradeBatch(m, places(1, 2, 3, 4), places(1, 2, 3, 0))).toEqual({ right: 3, graded: 4 });
});

test("signs and distances: a sample is right when all of its outputs are", () => {
  const floats = (...v: number[]) => tensor("float32", [2, 2], Float32Array.from(v));
  const sign = manifest({ type: "binaryCrossEntropy" });
  expect(gradeBatch(sign, floats(2, -1, 3, 1), floats(1, 0, 1, 0))).toEqual({ right: 1, graded: 2 });
  const within = manifest({ type: "meanSquaredError" }, { type: "within", distance: 0.5 });
  expect(gradeBatch(within, floats(1, 2, 3, 4), floats(1.5, 2, 3, 4.75))).toEqual({ right: 1, graded: 2 });
  expect(gradeBatch(within, floats(Number.NaN, 2, 3, 4), floats(1, 2, 3, 4))).toEqual({
    right: 1,
    graded: 2,
  });
});

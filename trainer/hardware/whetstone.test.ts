import { expect, test } from "vitest";
import { whetstone, whetstonePass } from "./whetstone.ts";

test("the variables end as every implementation of the benchmark prints them for loop factor 10", () => {
  const { e, x, y, z, j } = whetstonePass(10);
  expect(e.map((v) => v.toFixed(4))).toEqual(["3.0000", "2.0000", "3.0000", "-1.1031"]);
  expect([x, y, z].map((v) => v.toFixed(4))).toEqual(["0.8347", "0.4904", "0.9999"]);
  expect(j).toBe(1);
});

test("the figure is that of the time it took", () => {
  const { mflops, elapsedMs } = whetstone(5);
  expect(elapsedMs).toBeGreaterThanOrEqual(5);
  const factor = (mflops * elapsedMs) / 100;
  expect(Math.log2(factor / 10)).toBeCloseTo(Math.round(Math.log2(factor / 10)), 6);
});

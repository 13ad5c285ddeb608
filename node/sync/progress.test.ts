import { expect, test } from "vitest";
import { timeLeft } from "./progress.ts";

test.each([
  [100, 10, "10 s"],
  [1190, 10, "119 s"],
  [1210, 10, "3 min"],
  [71_990, 10, "120 min"],
  [126_000, 10, "3.5 h"],
  [5, 0, "unknown"],
])("%i blocks at %i a second take %s", (blocks, rate, expected) => {
  expect(timeLeft(blocks, rate)).toBe(expected);
});

import { expect, test } from "vitest";
import { RateLimit } from "./rate.ts";

test("a minute's calls may come at once, then they come back one by one", () => {
  const rate = new RateLimit(60, 0);
  for (let i = 0; i < 60; i++) expect(rate.take(0)).toBe(true);
  expect(rate.take(0)).toBe(false);
  expect(rate.take(999)).toBe(false);
  expect(rate.take(1000)).toBe(true);
  expect(rate.take(1001)).toBe(false);
  for (let i = 0; i < 60; i++) expect(rate.take(10_000_000)).toBe(true);
  expect(rate.take(10_000_000)).toBe(false);
});

import { expect, test } from "vitest";
import { simulate } from "../testing/simulation.ts";

test("no two final blocks exclude each other, and all becomes final once messages flow", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const result = simulate({ seed, chaosMs: 20_000, calmMs: 15_000 });
    expect(result.fault, `seed ${seed}`).toBeUndefined();
    expect(result.finalized, `seed ${seed}`).toBeGreaterThanOrEqual(result.headAtCalm);
  }
});

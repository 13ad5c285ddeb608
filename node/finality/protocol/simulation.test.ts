import { expect, test } from "vitest";
import { simulate } from "../testing/simulation.ts";

// Four to ten voters each, up to a third of them liars; more than enough time at the end for all to become final.
test.each([1, 301, 601, 901])(
  "300 worlds from seed %i: nothing final is contradicted, and all becomes final in the end",
  (first) => {
    let sets = 0;
    let equivocations = 0;
    for (let seed = first; seed < first + 300; seed++) {
      const result = simulate({ seed, chaosMs: 6_000, calmMs: 7_000 });
      expect(result.fault, `seed ${seed}`).toBeUndefined();
      expect(result.finalized, `seed ${seed}`).toBeGreaterThanOrEqual(result.headAtCalm);
      sets += result.sets;
      equivocations += result.equivocations;
    }
    // The worlds are not tame.
    expect(sets).toBeGreaterThan(450);
    expect(equivocations).toBeGreaterThan(1_000);
  },
);

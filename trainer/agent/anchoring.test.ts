import fc from "fast-check";
import { expect, test } from "vitest";
import { constants as market } from "../../pallets/marketplace/index.ts";
import { anchorPlan } from "./anchoring.ts";

/** Jobs as manifests allow them: at least twelve checkpoints, all but the last interval of one length. */
const job = fc
  .record({ every: fc.integer({ min: 1, max: 2_000 }), checkpoints: fc.integer({ min: 12, max: 10_000 }) })
  .chain(({ every, checkpoints }) =>
    fc.record({
      every: fc.constant(every),
      checkpoints: fc.constant(checkpoints),
      steps: fc.integer({ min: (checkpoints - 1) * every + 1, max: checkpoints * every }),
    }),
  );

test("every plan is one that the chain takes: in order, no gap too large or too small, first and last included", () => {
  fc.assert(
    fc.property(job, ({ every, checkpoints, steps }) => {
      const stepOf = (index: number) => Math.min(index * every, steps);
      const plan = [...anchorPlan({ steps, checkpoints }, stepOf)];
      expect(plan.at(0)).toBe(0);
      expect(plan.at(-1)).toBe(checkpoints);
      expect(plan.length).toBeLessThanOrEqual(market.MaxAnchors);
      for (const [i, index] of plan.slice(1).entries()) {
        const gap = stepOf(index) - stepOf(plan[i]!);
        expect(gap).toBeGreaterThan(0);
        expect(gap).toBeLessThanOrEqual(Math.ceil(steps / 10));
        if (index < checkpoints)
          expect(gap).toBeGreaterThanOrEqual(Math.ceil(steps / (market.MaxAnchors - 2)));
      }
    }),
  );
});

test("a short job anchors every checkpoint, a long one about twenty", () => {
  expect(anchorPlan({ steps: 180, checkpoints: 12 }, (i) => 15 * i).size).toBe(13);
  expect(anchorPlan({ steps: 100_000, checkpoints: 10_000 }, (i) => 10 * i).size).toBe(21);
});

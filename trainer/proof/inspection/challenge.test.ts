import fc from "fast-check";
import { expect, test } from "vitest";
import { childSeed } from "../../engine/data/seeded.ts";
import { defaultThresholds } from "../thresholds.ts";
import type { Segment, Timeline } from "../timeline.ts";
import { drawChallenge } from "./challenge.ts";

const seedOf = (i: number) => childSeed(new Uint8Array(32), "challenge", i);
const line = (segments: number, checkpoints: number, sampled: number): Timeline =>
  ({
    segments,
    checkpoints,
    sampled: new Array(sampled).fill(0),
    segment: (index: number): Segment => ({ index, checkpoint: 1, from: index, to: index + 1 }),
  }) as unknown as Timeline;

test("as many distinct, ascending places as asked for, or all there are", () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 900 }),
      (i, segments, n) => {
        const { segments: drawn, losses } = drawChallenge(
          seedOf(i),
          line(segments, 12, n),
          defaultThresholds,
        );
        const check = (list: readonly number[], below: number, wanted: number) => {
          expect(list).toHaveLength(Math.min(wanted, below));
          expect([...new Set(list)].sort((a, b) => a - b)).toEqual(list);
          expect(list.every((k) => k >= 0 && k < below)).toBe(true);
        };
        check(
          drawn.map((s) => s.index),
          segments,
          5,
        );
        check(
          losses.map((l) => l.checkpoint),
          13,
          2,
        );
        for (const { entries } of losses) check(entries, n, 512);
      },
    ),
  );
});

test("every pair of segments is equally likely", () => {
  const counts = new Map<string, number>();
  const two = { ...defaultThresholds, segments: 2 };
  for (let i = 0; i < 6000; i++) {
    const pair = drawChallenge(seedOf(i), line(6, 1, 1), two).segments.map((s) => s.index);
    counts.set(pair.join(), (counts.get(pair.join()) ?? 0) + 1);
  }
  // Chi-square with 14 degrees of freedom: 36.1 is the 0.1 % point; the seeds are fixed.
  const chi = [...counts.values()].reduce((sum, c) => sum + (c - 400) ** 2 / 400, 0);
  expect(counts.size).toBe(15);
  expect(chi).toBeLessThan(36.1);
});

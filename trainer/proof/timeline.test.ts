import fc from "fast-check";
import { expect, test } from "vitest";
import { checkManifest, type Manifest } from "./manifest.ts";
import { maxSampled, timelineOf, upTo } from "./timeline.ts";

const hash = `0x${"00".repeat(32)}`;
const seed = new Uint8Array(32).fill(3);
function manifest(change: Record<string, unknown>, samples = 1000): Manifest {
  const result = checkManifest({
    version: 1,
    model: { uri: "file:m", hash },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate: 0.1 },
    batch: 8,
    length: { steps: 1000 },
    checkpointEvery: 70,
    segment: 20,
    training: { format: "npz", uri: "file:d", root: hash, samples },
    validation: { access: "released", root: hash, samples: 10 },
    ...change,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

test("segments tile the job without gaps and end at every checkpoint", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 3000 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 50 }),
      (steps, every, segment) => {
        fc.pre(steps / every > 12);
        const line = timelineOf(manifest({ length: { steps }, checkpointEvery: every, segment }), seed);
        const all = Array.from({ length: line.checkpoints }, (_, i) => line.segmentsOf(i + 1));
        const flat = all.flat();
        expect(flat).toEqual(Array.from({ length: line.segments }, (_, i) => line.segment(i)));
        expect(flat.at(0)?.from).toBe(0);
        expect(flat.at(-1)?.to).toBe(steps);
        flat.forEach((s, i) => {
          expect(s.from).toBe(i === 0 ? 0 : flat[i - 1]?.to);
          expect(s.to - s.from).toBeGreaterThan(0);
          expect([line.nextStop(s.from), line.nextStop(s.to - 1)]).toEqual([s.to, s.to]);
          expect(s.to - s.from).toBeLessThanOrEqual(segment);
        });
        expect(all.map((list) => list.at(-1)?.to)).toEqual(all.map((_, i) => line.stepOf(i + 1)));
      },
    ),
    { numRuns: 60 },
  );
});

test("a training that is left at a checkpoint has the segments up to it, and nothing else of it changes", () => {
  const line = timelineOf(manifest({}), seed);
  for (let last = 1; last <= line.checkpoints; last++) {
    const cut = upTo(line, last);
    expect([cut.steps, cut.checkpoints]).toEqual([line.stepOf(last), last]);
    const before = Array.from({ length: last }, (_, i) => line.segmentsOf(i + 1)).flat();
    expect(Array.from({ length: cut.segments }, (_, i) => cut.segment(i))).toEqual(before);
    expect(cut.rows(0, cut.steps)).toEqual(line.rows(0, cut.steps));
  }
  expect(upTo(line, line.checkpoints)).toMatchObject({ steps: line.steps, segments: line.segments });
});

test("every epoch uses every sample at most once, in an order of its own, however the steps are cut", () => {
  const line = timelineOf(manifest({ batch: 30, accumulate: 2 }), seed);
  const whole = line.rows(0, 32);
  expect(whole).toHaveLength(32 * 60);
  expect([...line.rows(5, 9), ...line.rows(9, 20)]).toEqual([...whole.slice(5 * 60, 20 * 60)]);
  const first = [...whole.slice(0, 16 * 60)];
  const second = [...whole.slice(16 * 60)];
  expect(new Set(first).size).toBe(960);
  expect(first).not.toEqual(second);
  expect([...timelineOf(manifest({}), seed).rows(0, 1)].map(Number)).toMatchInlineSnapshot(`
    [
      499,
      396,
      289,
      592,
      696,
      466,
      387,
      463,
    ]
  `);
});

test("the sampled rows are distinct, ascending, at most 4,096 and fixed by the seed", () => {
  expect(timelineOf(manifest({}), seed).sampled).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  const large = timelineOf(manifest({}, 50_000), seed).sampled;
  expect(large).toHaveLength(maxSampled);
  expect([...new Set(large)].sort((a, b) => a - b)).toEqual(large);
  expect(timelineOf(manifest({}, 50_000), new Uint8Array(32)).sampled).not.toEqual(large);
});

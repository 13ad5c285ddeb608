/** What is left of a job. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { digitsJob } from "../engine/testing/digits-job.ts";
import { checkManifest, checkpoints, type Manifest, totalSteps } from "../proof/manifest.ts";
import { restOf } from "./rest-of-job.ts";

const root = `0x${"1".repeat(64)}`;
const part = { root, samples: 600 };
const at = (data: object) =>
  JSON.parse(JSON.stringify(data).replaceAll('uri":"', 'uri":"file:').replaceAll('Uri":"', 'Uri":"file:'));
const checked = checkManifest({
  ...at(digitsJob),
  model: { uri: "file:m", hash: root },
  training: { ...at(digitsJob.training), ...part },
  validation: { ...at(digitsJob.validation), ...part },
});
if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
const whole: Manifest = checked.manifest;
const from = { uri: "file:checkpoint", hash: root };

test("the rest takes the steps that are left, with no fewer checkpoints than a proof needs", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: totalSteps(whole) - 12 }), (done) => {
      const rest = restOf(whole, done, from);
      expect(totalSteps(rest)).toBe(totalSteps(whole) - done);
      expect(checkpoints(rest)).toBeGreaterThanOrEqual(12);
      expect(rest.checkpointEvery).toBeLessThanOrEqual(whole.checkpointEvery);
      expect(rest.initialisation).toEqual({ type: "from", ...from });
      expect({ ...rest, length: 0, checkpointEvery: 0, initialisation: 0, thresholds: 0 }).toEqual({
        ...whole,
        length: 0,
        checkpointEvery: 0,
        initialisation: 0,
        thresholds: 0,
      });
    }),
  );
});

test("a gain beyond chance is asked for only where the buyer did", () => {
  expect(restOf(whole, 90, from).thresholds).toEqual({
    ...whole.thresholds,
    accuracyZ: 0,
    drawdown: 1,
    spearman: 0,
    wayBack: 1,
  });
  const strict = { ...whole, thresholds: { ...whole.thresholds, accuracyZ: 2 } };
  expect(restOf(strict, 90, from).thresholds.accuracyZ).toBe(2);
});

test.each([169, 180, 500])("after %i of 180 steps too little is left", (done) => {
  expect(() => restOf(whole, done, from)).toThrow(
    /180 steps, of which \d+ are done: at least 12 must be left/,
  );
});

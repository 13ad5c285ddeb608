import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeviceError } from "../engine/device/errors.ts";
import { DivergedError } from "../engine/train-loop.ts";
import { jobOf, orderOf } from "../proof/testing/job-of.ts";
import { type SmallDigits, smallDigits } from "../proof/testing/small-digits.ts";
import type { Agent } from "./agent-context.ts";
import type { Fault } from "./chain-verdict.ts";
import { Devices } from "./devices.ts";
import type { OrderedJob } from "./ordered-job.ts";
import { faultOfTraining, verdictOnClaim } from "./untrainable.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-claims-"));
const stop = new AbortController();
let data: SmallDigits;
let height = 0;
/** Fifty blocks come between two looks at the chain. */
const header = async () => {
  height += 50;
  return { number: `0x${height.toString(16)}` };
};
const agent = {
  chain: { request: header },
  devices: new Devices([]),
} as unknown as Agent;

beforeAll(async () => {
  data = await smallDigits(1, 64);
});
afterAll(() => rmSync(folder, { recursive: true }));

let trials = 0;
/** The verdict on a claim about a small job with these settings. */
function judged(change: Record<string, unknown>, claimed: Fault, left = 1_000_000) {
  const job = { job: jobOf("linear", data, data, change) } as OrderedJob;
  const place = join(folder, String(trials++));
  return verdictOnClaim(agent, claimed, job, orderOf(1), place, { signal: stop.signal, left });
}

/** In each step the weights grow ten thousandfold. */
const wild = { optimiser: { type: "sgd", learningRate: 100, weightDecay: 100 } };
const long = { length: { steps: 1_000_000 }, checkpointEvery: 50_000, segment: 50 };

test("settings under which weights leave all bounds are the buyer's fault", async () => {
  expect(await judged(wild, "BadManifest")).toMatchObject({ ruling: "Faulted", fault: "BadManifest" });
});

test("a job that can be trained is nobody's fault", async () => {
  expect(await judged({}, "BadModel")).toMatchObject({ ruling: "Rejected", fault: undefined });
});

test("what was found by opening the job is not looked for again", async () => {
  expect(await judged(wild, "Unreachable")).toMatchObject({ ruling: "Rejected" });
});

test("what does not come up before the commitment is due is not found", async () => {
  expect(await judged(long, "BadManifest", 60)).toMatchObject({ ruling: "Rejected" });
});

test("an agent that is stopped judges nothing", async () => {
  const judging = judged(long, "BadManifest");
  stop.abort(new Error("stopped"));
  await expect(judging).rejects.toThrow("stopped");
});

test("a machine that fails is no fault of the buyer's", () => {
  expect(faultOfTraining(new DeviceError("OutOfMemory", "no more"))).toBeUndefined();
  expect(faultOfTraining(new DeviceError("Refused", "no such graph"))).toBe("BadModel");
  expect(faultOfTraining(new DivergedError(7, "the loss became NaN"))).toBe("BadManifest");
});

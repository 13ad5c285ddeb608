import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Device, openDevice } from "../../engine/device/device.ts";
import { inspect } from "../inspection/inspect.ts";
import type { Job } from "../job.ts";
import { Package } from "../package.ts";
import { record } from "../record.ts";
import { attacks } from "./attacks.ts";
import { jobOf, orderOf } from "./job-of.ts";
import { type SmallDigits, smallDigits } from "./small-digits.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-attacks-"));
const foreign = new Package(join(folder, "foreign"));
let device: Device;
let job: Job;
let other: SmallDigits;

beforeAll(async () => {
  device = await openDevice({ threads: 1 });
  other = await smallDigits(3, 1000);
  job = jobOf("mlp", await smallDigits(1, 1000), await smallDigits(2, 2000));
  await record(device, job, orderOf(2), foreign);
});
afterAll(() => {
  device.close();
  rmSync(folder, { recursive: true });
});

/** The last checkpoint that a forger proves whose buyer has cancelled. */
const stoppedAt = 8;

test.each(attacks)("$name is caught by $caughtBy", async ({ name, run, caughtBy, acrossClasses }) => {
  const target = new Package(join(folder, "forged"));
  await run({ device, job, identity: orderOf(1), foreign, otherData: other.data, target });
  if (acrossClasses) await target.writeProof({ ...(await target.proof()), runtime: "another runtime" });
  const given = { identity: orderOf(1), challenge: new Uint8Array(32).fill(1) };
  const { verdict } = await inspect(device, job, target, { ...given, everything: true });
  const { verdict: stopped } = await inspect(device, job, target, { ...given, until: stoppedAt });
  rmSync(target.folder, { recursive: true });
  expect(verdict.comparison).toBe(acrossClasses ? "tolerant" : "exact");
  expect(verdict.reports.filter((r) => !r.passed).map((r) => r.id)).toContain(caughtBy);
  // What was changed behind the end of the proof is no part of it.
  expect(stopped.passed).toBe(name === "a checkpoint changed after anchoring");
});

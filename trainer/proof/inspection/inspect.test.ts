import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededGenerator } from "../../engine/data/seeded.ts";
import { type Device, openDevice } from "../../engine/device/device.ts";
import type { Hash } from "../canonical.ts";
import { decodeCheckpoint } from "../checkpoint.ts";
import { createJob, type Job } from "../job.ts";
import { Package } from "../package.ts";
import { plotChain } from "../plot.ts";
import { record } from "../record.ts";
import { mapStates } from "../testing/forgery.ts";
import { jobOf, orderOf } from "../testing/job-of.ts";
import { familyModel } from "../testing/models.ts";
import { type SmallDigits, smallDigits } from "../testing/small-digits.ts";
import { answerChallenge } from "./answer.ts";
import { inspect } from "./inspect.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-inspect-"));
const honest = new Package(join(folder, "honest"));
const identity = orderOf(1);
const challenge = new Uint8Array(32).fill(1);
const adam = { optimiser: { type: "adamW", learningRate: 0.003 } };
let device: Device;
let job: Job;
let training: SmallDigits;
let validation: SmallDigits;

beforeAll(async () => {
  device = await openDevice({ threads: 1 });
  training = await smallDigits(1, 1000);
  validation = await smallDigits(2, 2000);
  job = jobOf("batchNorm", training, validation, adam);
  await record(device, job, identity, honest, { keepStates: false });
});
afterAll(() => {
  device.close();
  rmSync(folder, { recursive: true });
});

/** A copy of the honest package that may be spoiled. */
function copy(): Package {
  const target = new Package(mkdtempSync(join(folder, "copy-")));
  cpSync(honest.folder, target.folder, { recursive: true });
  return target;
}
const judge = async (pkg: Package, more = {}) => {
  const { verdict } = await inspect(device, job, pkg, { identity, challenge, ...more });
  return { verdict, broken: verdict.reports.filter((r) => !r.passed) };
};
test("an honest proof passes every check, with its numbers and its picture", async () => {
  const { verdict, curves } = await inspect(device, job, honest, { identity, challenge });
  expect(verdict).toMatchObject({
    passed: true,
    comparison: "exact",
    flop: String(job.train.flopPerStep * 240n),
  });
  expect(verdict.reports.map((r) => r.id)).toEqual([
    "identity",
    "start",
    ...[1, 2, 3, 4, 5, 6].map((n) => `rule${n}`),
    "losses",
    "re-execution",
    "work",
  ]);
  for (const { findings } of verdict.reports) expect(findings.length).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  expect(await plotChain("order 1", curves as NonNullable<typeof curves>)).toContain("rule6");
  expect(curves?.accuracy.at(-1)).toBeGreaterThan(0.8);
});

test("training in pieces, and on more threads, records the same proof", async () => {
  const target = new Package(join(folder, "pieces"));
  const two = await openDevice({ threads: 2 });
  const stop = new AbortController();
  const links: number[] = [];
  const onLink = ({ index }: { index: number }) => {
    links.push(index);
    if (index === 4) stop.abort(new Error("stopped"));
  };
  await expect(record(two, job, identity, target, { signal: stop.signal, onLink })).rejects.toThrow();
  writeFileSync(join(target.folder, "checkpoint-000005.safetensors"), "half-written");
  await record(two, job, identity, target, { onLink });
  two.close();
  expect(links).toEqual(Array.from({ length: 13 }, (_, i) => i));
  for (const file of ["proof.json", "checkpoint-000012.safetensors", "losses-000007.safetensors"])
    expect(readFileSync(join(target.folder, file)).equals(readFileSync(join(honest.folder, file)))).toBe(
      true,
    );
});

test("a folder with another job's proof, or a damaged checkpoint, is not gone on with", async () => {
  const damaged = copy();
  writeFileSync(join(damaged.folder, "checkpoint-000012.safetensors"), "x");
  await expect(record(device, job, identity, damaged)).rejects.toMatchObject({ code: "Damaged" });
  await expect(record(device, job, orderOf(2), copy())).rejects.toMatchObject({ code: "Foreign" });
  const other = jobOf("batchNorm", training, validation, { ...adam, batch: 16 });
  await expect(record(device, other, identity, copy())).rejects.toMatchObject({ code: "Foreign" });
});

test("what was anchored counts, and whose proof it is", async () => {
  const { links } = await honest.proof();
  const anchors = new Map(links.filter((l) => l.index % 3 === 0).map((l) => [l.index, l.link]));
  expect((await judge(honest, { anchors })).verdict.passed).toBe(true);
  anchors.set(6, links[5]?.link as Hash);
  expect((await judge(honest, { anchors })).broken).toMatchObject([
    { id: "identity", findings: [{}, { where: "link 6: differs from what was anchored" }, {}] },
  ]);
  const { verdict, broken } = await judge(honest, { identity: orderOf(2) });
  expect(broken.map((r) => r.id)).toEqual(["identity"]);
  expect(verdict.reports).toHaveLength(1); // nothing is computed for a proof that is not the order's
});

test("any changed bit of any file is found", async () => {
  const spoiled = copy();
  const files = readdirSync(spoiled.folder).filter((name) => name !== "manifest.json");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (file, at, bit) => {
      const path = join(spoiled.folder, file);
      const bytes = readFileSync(path);
      const before = Buffer.from(bytes);
      bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << bit);
      writeFileSync(path, bytes);
      const { broken } = await judge(spoiled);
      writeFileSync(path, before);
      expect(broken).toHaveLength(1);
      // A determinism class with another name is another machine's: its segments do not bear that out.
      const isClass = file === "proof.json" && at % bytes.length < before.indexOf('","');
      expect(isClass ? ["package", "identity", "re-execution"] : ["package", "identity"]).toContain(
        broken[0]?.id,
      );
      if (file !== "proof.json")
        expect(JSON.stringify(broken)).toContain(`link ${Number(/\d+/.exec(file)?.[0])}:`);
    }),
    { numRuns: 60 },
  );
});

test("a missing file, a cut proof and what is no proof at all are findings, not crashes", async () => {
  const lacking = copy();
  rmSync(join(lacking.folder, "checkpoint-000007.safetensors"));
  expect((await judge(lacking, { everything: true })).broken.map((r) => r.id)).toContain("identity");
  symlinkSync("/dev/zero", join(lacking.folder, "checkpoint-000007.safetensors"));
  expect((await judge(lacking)).broken[0]?.findings[1]?.where).toMatch(/link 7: .*is not a file/);
  const short = copy();
  const proof = await short.proof();
  await short.writeProof({ ...proof, links: proof.links.slice(0, 9) });
  expect((await judge(short)).broken[0]?.findings[1]).toMatchObject({
    value: 4,
    where: "link 9: is missing",
  });
  const nonsense = copy();
  writeFileSync(join(nonsense.folder, "proof.json"), "{}");
  expect((await judge(nonsense)).broken).toMatchObject([
    { id: "package", note: expect.stringContaining("proof.json") },
  ]);
  const spaced = copy();
  writeFileSync(
    join(spaced.folder, "proof.json"),
    `${readFileSync(join(spaced.folder, "proof.json"), "utf8")} `,
  );
  expect((await judge(spaced)).broken[0]?.note).toContain("canonical");
});

test("of a training that was stopped, what was done is judged, and no more", async () => {
  const { links } = await honest.proof();
  const anchors = new Map(links.slice(0, 6).map((l) => [l.index, l.link]));
  const ambitious = jobOf("batchNorm", training, validation, { ...adam, target: 0.99 });
  for (const until of [1, 2, 5]) {
    const { verdict, broken } = await judge(honest, { until, anchors });
    expect([until, broken]).toEqual([until, []]);
    expect(verdict).toMatchObject({ until, flop: String(job.train.flopPerStep * 20n * BigInt(until)) });
  }
  const cut = copy();
  await cut.writeProof({ ...(await cut.proof()), links: links.slice(0, 6) });
  rmSync(join(cut.folder, "checkpoint-000006.safetensors"));
  expect((await judge(cut, { until: 5, anchors })).verdict.passed).toBe(true);
  expect((await judge(cut, { until: 6 })).broken[0]?.findings[1]?.where).toBe("link 6: is missing");
  // The same hash of manifest is needed for the proof to be this job's: the target alone is looked at here.
  const whole = await inspect(device, ambitious, honest, { identity, challenge, everything: true });
  const part = await inspect(device, ambitious, honest, { identity, challenge, everything: true, until: 5 });
  const accuracy = ({ verdict }: typeof whole) => verdict.reports.find((r) => r.id === "rule1");
  expect([accuracy(whole)?.passed, accuracy(part)?.passed]).toEqual([false, true]);
  expect(accuracy(part)?.findings[2]).toMatchObject({ statistic: "final accuracy", threshold: 0 });
});

test("of a stopped training too, any anchor that differs and any step that was not done is found", async () => {
  const { links } = await honest.proof();
  const anchors = new Map([[5, links[4]?.link as Hash]]);
  expect((await judge(honest, { until: 5, anchors })).broken[0]?.id).toBe("identity");
  const lying = copy();
  await lying.writeCheckpoint(4, await honest.checkpoint(3, 1e9));
  expect((await judge(lying, { until: 5 })).broken[0]?.findings[1]?.where).toMatch(/^link 4:/);
  expect((await judge(lying, { until: 3 })).verdict.passed).toBe(true);
});

test("validation data that was not released forfeits rule 1 alone", async () => {
  const { validation: _, ...without } = job;
  const { verdict } = await inspect(device, without, honest, { identity, challenge });
  expect(verdict.passed).toBe(true);
  expect(verdict.reports.find((r) => r.id === "rule1")?.note).toMatch(/not released/);
});

test("supplied states spare the inspector the steps before a segment, and only true ones count", async () => {
  const note = (v: { reports: readonly { id: string; note?: string }[] }) =>
    Number(v.reports.find((r) => r.id === "re-execution")?.note?.split(" ")[0]);
  const before = note((await judge(honest)).verdict);
  const target = copy();
  const written = await answerChallenge(device, job, target, { identity, challenge });
  expect(written.length).toBeGreaterThan(0);
  const { verdict } = await judge(target);
  expect(verdict.passed).toBe(true);
  expect(note(verdict)).toBeLessThan(before);
  expect(note(verdict)).toBe(50);
  for (const step of written) await target.writeState(step, await honest.checkpoint(3, 1e9));
  expect((await judge(target)).verdict.passed).toBe(true); // false ones are as good as none
});

/** A device of another class: what comes of it differs by a relative `width`. */
const differing = (width: number): Device => ({
  ...device,
  runtime: "another runtime",
  run: async (...given) => {
    const { state, results } = await device.run(...given);
    const noise = seededGenerator(new Uint8Array(32));
    const change = ([v]: readonly Float32Array[]) =>
      (v as Float32Array).map((x) => x * (1 + width * (2 * noise.float() - 1)));
    return { results, state: mapStates(change, state) };
  },
});

test("across classes a segment may differ a little; what is missing or too far off is found", async () => {
  const target = copy();
  const on = (width: number) => inspect(differing(width), job, target, { identity, challenge });
  expect((await on(0)).verdict.reports.at(-1)).toMatchObject({
    note: expect.stringContaining("supplied"),
    passed: false,
  });
  await answerChallenge(device, job, target, { identity, challenge, pieces: true });
  const errors: number[] = [];
  for (const width of [0, 1e-7, 3e-2]) {
    const { verdict } = await on(width);
    expect(verdict.comparison).toBe("tolerant");
    errors.push(verdict.reports.find((r) => r.id === "re-execution")?.findings[0]?.value as number);
    expect(verdict.passed).toBe(width < 1e-2);
  }
  expect(errors[0]).toBe(0);
  expect(errors[1]).toBeGreaterThan(1e-9);
  expect(errors[1]).toBeLessThan(1e-3);
  expect(errors[2]).toBeGreaterThan(0.01);
});

test("a start that is the seed's is not rejected by chance, however strict the order is about chance", async () => {
  // By these nearly every start fails: chance at its worst.
  const strict = { ...job.manifest.thresholds, lawP: 1, autocorrelationZ: 0, eigenvalue: 0 };
  const manifest = { ...job.manifest, thresholds: strict };
  const parts = { training: training.data, validation: validation.data };
  const severe = createJob(manifest, familyModel("batchNorm"), parts);
  const target = new Package(join(folder, "severe"));
  await record(device, severe, identity, target);
  const { verdict } = await inspect(device, severe, target, { identity, challenge });
  expect(verdict.passed).toBe(true);
  const thresholdsOf = ({ reports }: typeof verdict) =>
    reports
      .filter(({ id }) => id === "rule3" || id === "rule4")
      .map(({ findings, passed }) => [passed, findings[0]?.threshold]);
  expect(thresholdsOf(verdict)).toEqual([
    [true, expect.closeTo(0, 6)],
    [true, 6],
  ]);

  // Whose start is another one is held to the order's thresholds, besides.
  const other = { ...identity, randomness: `0x${"77".repeat(32)}` as Hash };
  const options = { identity: other, challenge, everything: true };
  const { verdict: strange } = await inspect(device, severe, target, options);
  expect(strange.reports.find(({ id }) => id === "start")?.passed).toBe(false);
  expect(thresholdsOf(strange)).toEqual([
    [expect.any(Boolean), 1 / 3],
    [false, 0],
  ]);
});

test("a fine-tuning order begins with its checkpoint and is not asked for a law", async () => {
  const bytes = await honest.checkpoint(12, 1e9);
  const from = decodeCheckpoint("from", bytes, job.train.state).state;
  const manifest = {
    ...job.manifest,
    initialisation: { type: "from" as const, uri: "file:c", hash: `0x${"00".repeat(32)}` as Hash },
    optimiser: { type: "sgd" as const, learningRate: 0.005, momentum: 0, nesterov: false, weightDecay: 0 },
    thresholds: { ...job.manifest.thresholds, accuracyZ: 0 },
  };
  const tuning = createJob(manifest, familyModel("batchNorm"), {
    training: training.data,
    validation: validation.data,
    from,
  });
  const target = new Package(join(folder, "tuned"));
  await record(device, tuning, identity, target);
  const { verdict } = await inspect(device, tuning, target, { identity, challenge, everything: true });
  const failed = verdict.reports.filter((r) => !r.passed).map((r) => r.id);
  expect(failed.filter((id) => id !== "rule1")).toEqual([]);
  for (const id of ["rule3", "rule4", "rule6"])
    expect(verdict.reports.find((r) => r.id === id)?.note).toMatch(/given checkpoint/);
  const { "a.weight": _, ...lacking } = from;
  const wrong = createJob(manifest, familyModel("batchNorm"), { training: training.data, from: lacking });
  await expect(record(device, wrong, identity, new Package(join(folder, "x")))).rejects.toThrow(
    'lacks "a.weight"',
  );
});

/** What of a job others can read once it is published. */
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDigitsJob } from "../engine/testing/digits-job.ts";
import { type JobFile, readBuyersJob } from "../job/job-file.ts";
import { openJob } from "../job/open-job.ts";
import { checkManifest, manifestHash, parseManifest } from "../proof/manifest.ts";
import { hashFile } from "../storage/content-hash.ts";
import { sealKeys } from "../storage/sealed.ts";
import { openStore, type Store } from "../storage/store.ts";
import { givenBy } from "./given.ts";
import { publishJob, sealed } from "./publish-job.ts";
import { readyJob } from "./ready-job.ts";

let folder: string;
let store: Store;
let job: JobFile;
const { signal } = new AbortController();
const at = (...names: string[]) => join(folder, ...names);
const place = () => ({ store, cache: at("cache"), inPlace: true, note: () => undefined });
const stranger = () => ({ store, cache: at("elsewhere"), inPlace: false, note: () => undefined });
const publish = (privacy = sealed(), manifest = job.manifest) =>
  publishJob(store, manifest, "file:published", privacy, signal);
const stored = () => globSync("**/*", { cwd: at("published") }).filter((name) => name.includes("."));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-publish-test-"));
  store = openStore({ files: { root: folder } });
  mkdirSync(at("mine"));
  await writeDigitsJob(at("mine"));
  job = await readBuyersJob(at("mine", "job.json"), place());
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test("sealed, it is the same job to those who are given its keys, and to nobody else", async () => {
  const { manifest, uri, secrets } = await publish();
  const lying = parseManifest(readFileSync(at(uri.slice("file:".length))));
  expect(lying.ok && manifestHash(lying.manifest)).toBe(manifestHash(manifest));
  expect(manifest.validation).toEqual({
    access: "released",
    root: (job.manifest.validation as { root: string }).root,
    samples: 200,
  });
  expect(JSON.stringify(manifest)).not.toContain(folder);

  await expect(openJob(manifest, stranger())).rejects.toMatchObject({ code: "KeyWithheld" });
  const wrong = { ...secrets, training: sealKeys() };
  await expect(openJob(manifest, stranger(), await givenBy(wrong, stranger()))).rejects.toMatchObject({
    code: "KeyWithheld",
  });
  const opened = await openJob(manifest, stranger(), await givenBy(secrets, stranger()));
  expect([opened.job.training.rows, opened.job.validation?.rows]).toEqual([600, 200]);
  opened.close();

  const images = readFileSync(at("mine", "train-images.idx")).subarray(5_000, 5_200);
  const tests = readFileSync(at("mine", "test-images.idx")).subarray(5_000, 5_200);
  for (const name of stored()) {
    const bytes = readFileSync(at("published", name));
    expect([bytes.includes(images), bytes.includes(tests)], name).toEqual([false, false]);
  }
});

test("two orders of one job have keys, places and manifests of their own", async () => {
  const before = stored();
  const [one, two] = [await publish(), await publish()];
  expect(manifestHash(one.manifest)).not.toBe(manifestHash(two.manifest));
  expect(one.manifest.training.uri).not.toBe(two.manifest.training.uri);
  expect(one.secrets.training?.secretKey).not.toEqual(two.secrets.training?.secretKey);
  const opened = await openJob(one.manifest, stranger(), await givenBy(one.secrets, stranger()));
  opened.close();
  expect(stored().length).toBeGreaterThan(before.length);
});

test("in the open, there is nothing to keep, and anybody can train it", async () => {
  const { manifest, secrets } = await publish({ training: false, validation: false });
  expect(secrets).toEqual({});
  expect(manifest.results).toBeUndefined();
  const opened = await openJob(manifest, stranger());
  opened.close();
});

test("what lies elsewhere stays as open as it is there", async () => {
  const { uri, targetsUri } = (await publish({ training: false, validation: false })).manifest.training;
  const elsewhere = { ...job.manifest, training: { ...job.manifest.training, uri, targetsUri } };
  const { manifest, secrets } = await publish(sealed(), elsewhere);
  expect(manifest.training).toEqual(elsewhere.training);
  expect(Object.keys(secrets).sort()).toEqual(["results", "validation"]);
});

test("a checkpoint to begin with is sealed as the data is", async () => {
  const checkpoint = at("mine", "checkpoint.safetensors");
  cpSync(at("mine", "mlp.onnx"), checkpoint);
  const from = { type: "from", uri: pathToFileURL(checkpoint).href, hash: await hashFile(checkpoint) };
  const checked = checkManifest({ ...job.manifest, initialisation: from });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const hidden = await publish(sealed(), checked.manifest);
  expect(hidden.manifest.initialisation).toMatchObject({ type: "from", sealed: true, hash: from.hash });
  const open = await publish({ training: false, validation: false }, checked.manifest);
  expect(open.manifest.initialisation).not.toHaveProperty("sealed");
});

test("validation data that is kept back and lies nowhere is refused", async () => {
  const { root, samples } = job.manifest.validation;
  const lost = { ...job.manifest, validation: { access: "released", root, samples } as const };
  await expect(readyJob({ manifest: lost, keepsBack: true }, place())).rejects.toMatchObject({
    code: "NotPlaceable",
    message: expect.stringContaining("say where the data lies"),
  });
});

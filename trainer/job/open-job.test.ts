/** Jobs whose data, start or validation is not public: opened with the right keys and with nothing else. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataRoot } from "../engine/data/dataset.ts";
import { digits, writeDigits } from "../engine/data/digits.ts";
import { encodeSafetensors } from "../engine/data/safetensors.ts";
import { openData } from "../engine/data/source.ts";
import { mlp } from "../engine/testing/small-models.ts";
import { hashOf, toHex } from "../proof/canonical.ts";
import { checkManifest, type Manifest } from "../proof/manifest.ts";
import { encodeReleased, parseReleased, type ReleasedValidation } from "../proof/released-validation.ts";
import { sealKeys } from "../storage/sealed.ts";
import { sealFile } from "../storage/sealed-file.ts";
import { openStore, type Store } from "../storage/store.ts";
import { type Given, openJob, shapeOf } from "./open-job.ts";
import { weighJob } from "./weigh-job.ts";

const keys = sealKeys(new Uint8Array(32).fill(1));
const validationKeys = sealKeys(new Uint8Array(32).fill(2));
const model = mlp([784, 6, 10], new Uint8Array(32).fill(3));

let folder: string;
let store: Store;
let open: Manifest;
let released: ReleasedValidation;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-job-"));
  store = openStore({ files: { root: folder } });
  writeFileSync(path("model.onnx"), model.bytes);
  const part = async (name: string, count: number, sealTo: Uint8Array) => {
    await writeDigits(folder, name, digits(new Uint8Array(32).fill(count), count));
    const [images, labels] = [`${name}-images.idx`, `${name}-labels.idx`];
    for (const file of [images, labels]) await sealFile(path(file), path(`${file}.sealed`), sealTo);
    const source = { format: "idx" as const, subtract: 0, divide: 255 };
    const shape = shapeOf({ loss: { type: "softmaxCrossEntropy", axis: -1, ignoreIndex: -100 } }, model);
    const { stored, ready } = await openData(
      { ...source, path: path(images), targetsPath: path(labels), inputs: undefined, targets: undefined },
      shape,
    );
    const root = toHex((await dataRoot(stored, [])).root);
    ready.close();
    return { ...source, uri: `file:${images}`, targetsUri: `file:${labels}`, root, samples: count };
  };
  const validation = await part("test", 20, validationKeys.publicKey);
  open = manifestOf({
    version: 1,
    model: { uri: "file:model.onnx", hash: hashOf(readFileSync(path("model.onnx"))) },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate: 0.1 },
    batch: 4,
    length: { epochs: 3 },
    checkpointEvery: 2,
    segment: 2,
    training: await part("train", 40, keys.publicKey),
    validation: { access: "public", ...validation },
  });
  released = readReleased({ ...sealedUris("test"), sealed: toHex(new Uint8Array(validationKeys.publicKey)) });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const sealedUris = (name: string) => ({
  uri: `file:${name}-images.idx.sealed`,
  targetsUri: `file:${name}-labels.idx.sealed`,
});

function readReleased(change: object): ReleasedValidation {
  const parsed = parseReleased(
    encodeReleased({ version: 1, format: "idx", subtract: 0, divide: 255, ...change } as ReleasedValidation),
  );
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.released;
}

function manifestOf(json: object): Manifest {
  const checked = checkManifest(json);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.manifest;
}

/** The same job with its data sealed and its validation kept back. */
const closed = (change: object = {}): Manifest =>
  manifestOf({
    ...open,
    training: { ...open.training, ...sealedUris("train"), sealed: toHex(new Uint8Array(keys.publicKey)) },
    validation: { access: "released", root: open.validation.root, samples: open.validation.samples },
    ...change,
  });

const opened = async (manifest: Manifest, given: Given = {}, cache = "cache") => {
  const place = { store, cache: path(cache), inPlace: false, note: () => undefined };
  const job = await openJob(manifest, place, given);
  job.close();
  return job.job;
};
const dataKeys = keys;
const both: Given = {
  dataKeys,
  released: {
    get data() {
      return released;
    },
    keys: validationKeys,
  },
};

test("a sealed job is the same job as an open one for whoever has the keys, and leaves no sealed file behind", async () => {
  const job = await opened(closed(), both, "both");
  expect(job.train.id).toBe((await opened(open)).train.id);
  expect(job.validation?.rows).toBe(20);
  expect(readdirSync(path("both")).filter((name) => name.includes("sealed"))).toEqual([]);
  expect((await opened(closed(), { dataKeys })).validation).toBeUndefined();
});

test("without the key, or with another, it says that the key is withheld", async () => {
  await expect(opened(closed())).rejects.toMatchObject({ code: "KeyWithheld" });
  await expect(opened(closed(), { dataKeys: validationKeys })).rejects.toMatchObject({ code: "KeyWithheld" });
  await expect(opened(closed(), { dataKeys, released: { data: released } })).rejects.toMatchObject({
    code: "KeyWithheld",
  });
});

test("without the key, its work can be counted all the same", async () => {
  const place = { store, cache: path("weighed"), inPlace: false };
  expect((await weighJob(closed(), place)).flopPerStep).toBe((await opened(open)).train.flopPerStep);
  expect(readdirSync(path("weighed"))).toHaveLength(1);
});

test("what is sealed to the right key and is other data is found by its root", async () => {
  await sealFile(path("test-images.idx"), path("other-images.idx.sealed"), keys.publicKey);
  await sealFile(path("test-labels.idx"), path("other-labels.idx.sealed"), keys.publicKey);
  const training = { ...closed().training, ...sealedUris("other") };
  await expect(opened(closed({ training }), both)).rejects.toMatchObject({ code: "BadData" });
  await expect(
    opened(closed({ training: { ...training, samples: 20 }, length: { steps: 30 } }), both),
  ).rejects.toMatchObject({ code: "HashMismatch" });
  const data = readReleased({ uri: "file:train-images.idx", targetsUri: "file:train-labels.idx" });
  await expect(opened(closed(), { dataKeys, released: { data } })).rejects.toMatchObject({ code: "BadData" });
});

test.each([
  ["changed", (bytes: Buffer) => bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte))],
  ["cut off", (bytes: Buffer) => bytes.subarray(0, -1)],
  ["not sealed at all", () => readFileSync(path("train-images.idx"))],
  ["sealed to somebody else", () => readFileSync(path("test-images.idx.sealed"))],
])("a sealed file that is %s is bad data", async (name, spoil) => {
  const file = `spoilt-${name.replaceAll(" ", "-")}.sealed`;
  writeFileSync(path(file), spoil(readFileSync(path("train-images.idx.sealed"))));
  const training = { ...closed().training, uri: `file:${file}` };
  await expect(opened(closed({ training }), both)).rejects.toMatchObject({ code: "BadData" });
});

test("a checkpoint to begin with can be sealed with the data", async () => {
  const { starts } = await opened(open);
  const start = encodeSafetensors(
    Object.fromEntries(
      starts.map(({ name }) => {
        const found = model.initialisers.get(name);
        if (found === undefined) throw new Error(`${name} is no initialiser`);
        return [name, found];
      }),
    ),
  );
  writeFileSync(path("start.safetensors"), start);
  await sealFile(path("start.safetensors"), path("start.sealed"), keys.publicKey);
  const begun = (change: object = {}) =>
    closed({
      initialisation: {
        type: "from",
        uri: "file:start.sealed",
        hash: hashOf(start),
        sealed: true,
        ...change,
      },
    });
  expect(Object.keys((await opened(begun(), both)).from ?? {})).toHaveLength(starts.length);
  await expect(opened(begun({ hash: hashOf(Buffer.from("else")) }), both)).rejects.toMatchObject({
    code: "HashMismatch",
  });
  copyFileSync(path("start.safetensors"), path("plain.sealed"));
  await expect(opened(begun({ uri: "file:plain.sealed" }), both)).rejects.toMatchObject({ code: "BadData" });
});

test("a manifest that cannot be sealed as it says is refused", () => {
  const problem = (json: object) => {
    const checked = checkManifest(json);
    return checked.ok ? "accepted" : checked.problems.map((p) => `${p.field}: ${p.message}`).join();
  };
  const start = { type: "from", uri: "file:x", hash: hashOf(Buffer.from("x")), sealed: true };
  expect(problem({ ...open, initialisation: start })).toMatch(
    /^initialisation.sealed: needs training.sealed/,
  );
  expect(problem({ ...closed(), training: { ...closed().training, format: "images" } })).toMatch(
    /^training.sealed: a folder of images/,
  );
  expect(problem({ ...open, training: { ...open.training, sealed: "0xAB" } })).toMatch(/^training.sealed: /);
});

test("what does not say where validation data lies is refused, never thrown", () => {
  const read = (text: string | Uint8Array) => parseReleased(Buffer.from(text));
  const good = { version: 1, format: "idx", uri: "file:x" };
  expect(read(JSON.stringify(good))).toMatchObject({ ok: true });
  for (const bad of ["", "{", "[]", "null", Uint8Array.of(0xff, 0xfe)]) expect(read(bad).ok).toBe(false);
  for (const change of [{ version: 2 }, { uri: "ftp://x" }, { more: 1 }, { sealed: "0x00" }, { root: "0x" }])
    expect(read(JSON.stringify({ ...good, ...change })).ok).toBe(false);
});

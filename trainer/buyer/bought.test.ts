/** What a trainer may put in the place of a model, and that a buyer does not take it. */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDevice } from "../engine/device/device.ts";
import { readModel } from "../engine/onnx/read.ts";
import type { Tensors } from "../engine/tensor.ts";
import { fromHex, type Hash, hashOf } from "../proof/canonical.ts";
import { decodeCheckpoint } from "../proof/checkpoint.ts";
import { manifestHash } from "../proof/manifest.ts";
import { Package, type Proof } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import { jobOf } from "../proof/testing/job-of.ts";
import { familyModel, familyNames } from "../proof/testing/models.ts";
import { smallDigits } from "../proof/testing/small-digits.ts";
import { putBundle } from "../storage/bundle.ts";
import { openStore, type Store } from "../storage/store.ts";
import { type Bought, fetchModel } from "./bought.ts";

const family = familyNames[0]!;
const trainer: Hash = `0x${"07".repeat(32)}`;
const identity = { order: 3, trainer, randomness: trainer };
const last = 12;
const options = { whole: false, signal: new AbortController().signal, onProgress: () => undefined };
const fileOf = (index: number) => `checkpoint-${String(index).padStart(6, "0")}.safetensors`;

let folder: string;
let store: Store;
let proof: Proof;
let trained: Tensors;
/** What the chain says of an honest package. */
let honest: Omit<Bought, "uri">;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-bought-"));
  store = openStore({ files: { root: folder } });
  const model = familyModel(family);
  writeFileSync(at("model.onnx"), model.bytes);
  const change = { model: { uri: "file:model.onnx", hash: hashOf(model.bytes) } };
  const job = jobOf(family, await smallDigits(1, 200), await smallDigits(2, 50), change);
  const device = await openDevice({ prefer: ["cpu"], threads: 1 });
  proof = await record(device, job, identity, new Package(at("honest")));
  device.close();
  trained = decodeCheckpoint("", readFileSync(at("honest", fileOf(last))), job.train.state).state;
  honest = {
    order: identity.order,
    trainer: fromHex(trainer),
    manifest: fromHex(manifestHash(job.manifest)),
    hash: fromHex(hashOf(readFileSync(at("honest", "proof.json")))),
    last: { index: last, step: 240, link: fromHex(proof.links[last]!.link) },
  };
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Stores the package after `spoil` has changed it, and fetches it as a buyer of whom the chain says `more`. */
async function buy(name: string, spoil: (at: string) => void = () => undefined, more: Partial<Bought> = {}) {
  const work = at(`work-${name}`);
  cpSync(at("honest"), work, { recursive: true });
  spoil(work);
  const paths = readdirSync(work).map((file) => join(work, file));
  const { uri } = await putBundle(store, paths, `file:stored-${name}`);
  return (await fetchModel(store, { ...honest, uri, ...more }, at(`bought-${name}`), options)).model;
}

test("the model of an honest package has the weights of the checkpoint that the chain knows", async () => {
  const model = readModel(readFileSync(await buy("honest")));
  const parameters = Object.keys(trained).filter((name) => model.initialisers.has(name));
  expect(parameters.length).toBeGreaterThan(1);
  for (const name of parameters) expect(model.initialisers.get(name)?.data).toEqual(trained[name]?.data);
  const fetched = readdirSync(at("bought-honest")).filter((name) => name.startsWith("checkpoint"));
  expect(fetched).toEqual([fileOf(last)]);
});

const other = new Uint8Array(32).fill(9);
test.each<[string, Partial<Bought>, string]>([
  ["another proof than was submitted", { hash: other }, "another hash than the trainer submitted"],
  ["another job's manifest", { manifest: other }, "manifest is another one than was ordered"],
  ["another order's package", { order: 4 }, "of another order or trainer"],
  ["another trainer's package", { trainer: other }, "of another order or trainer"],
  ["a chain of its own", { last: { index: last, step: 240, link: other } }, "is not the one on the chain"],
  [
    "fewer checkpoints than it anchored",
    { last: { index: 13, step: 260, link: other } },
    "no file checkpoint-000013",
  ],
])("%s is refused", async (what, more, message) => {
  await expect(buy(what.replaceAll(/\W/g, "-"), undefined, more)).rejects.toThrow(message);
});

test.each<[string, (work: string) => void, string]>([
  [
    "an earlier checkpoint in the place of the last",
    (work) => copyFileSync(join(work, fileOf(last - 1)), join(work, fileOf(last))),
    "the file of checkpoint 12 is another one",
  ],
  [
    "an earlier link's losses",
    (work) => {
      const [from, to] = [last - 1, last].map((i) => fileOf(i).replace("checkpoint", "losses"));
      copyFileSync(join(work, from!), join(work, to!));
    },
    "checkpoint 12 is not the one on the chain",
  ],
  ["no proof at all", (work) => rmSync(join(work, "proof.json")), "no file proof.json"],
])("%s is refused", async (what, spoil, message) => {
  await expect(buy(what.replaceAll(/\W/g, "-"), spoil)).rejects.toThrow(message);
});

/** A buyer of a small model of digits: its files, its manifest, and the order for them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { dataRoot } from "../../../trainer/engine/data/dataset.ts";
import { digits, writeDigits } from "../../../trainer/engine/data/digits.ts";
import { openData } from "../../../trainer/engine/data/source.ts";
import { mlp } from "../../../trainer/engine/testing/small-models.ts";
import { shapeOf } from "../../../trainer/job/open-job.ts";
import { toHex } from "../../../trainer/proof/canonical.ts";
import { hashFile } from "../../../trainer/storage/content-hash.ts";
import { published } from "./published.ts";

/** Writes model, data and manifest under `storage`; returns the order for the machine. */
export async function digitsOrder(storage: string, machine: Uint8Array, seed: number): Promise<OrderSpec> {
  const name = `digits-${seed}`;
  const path = (file: string) => join(storage, file);
  const model = mlp([784, 24, 10], new Uint8Array(32).fill(seed));
  writeFileSync(path(`${name}.onnx`), model.bytes);
  const part = async (of: string, count: number) => {
    const drawn = digits(new Uint8Array(32).fill(seed + of.length), count);
    await writeDigits(storage, `${name}-${of}`, drawn);
    const source = { format: "idx" as const, subtract: 0, divide: 255 };
    const [images, labels] = [`${name}-${of}-images.idx`, `${name}-${of}-labels.idx`];
    const shape = shapeOf({ loss: { type: "softmaxCrossEntropy", axis: -1, ignoreIndex: -100 } }, model);
    const opened = await openData(
      { ...source, path: path(images), targetsPath: path(labels), inputs: undefined, targets: undefined },
      shape,
    );
    const root = toHex((await dataRoot(opened.stored, [])).root);
    opened.ready.close();
    return { ...source, uri: `file:${images}`, targetsUri: `file:${labels}`, root, samples: count };
  };
  const job = {
    version: 1,
    model: { uri: `file:${name}.onnx`, hash: await hashFile(path(`${name}.onnx`)) },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate: 0.1, momentum: 0.9 },
    batch: 20,
    length: { epochs: 6 },
    checkpointEvery: 15,
    segment: 5,
    training: await part("train", 600),
    validation: { access: "public", ...(await part("test", 200)) },
    target: 0.3,
  };
  const { spec, close } = await published(storage, name, job, machine);
  close();
  return { ...spec, thresholds: undefined };
}

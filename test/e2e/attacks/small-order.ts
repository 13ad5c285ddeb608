/** A buyer's order for a small network over small digits: the job that the forgers of the tests know their way around. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryColumn } from "../../../trainer/engine/data/column.ts";
import { dataRoot, dataset, range } from "../../../trainer/engine/data/dataset.ts";
import { encodeSafetensors } from "../../../trainer/engine/data/safetensors.ts";
import type { Tensor } from "../../../trainer/engine/tensor.ts";
import { toHex } from "../../../trainer/proof/canonical.ts";
import { familyModel } from "../../../trainer/proof/testing/models.ts";
import { smallDigits } from "../../../trainer/proof/testing/small-digits.ts";
import { hashFile } from "../../../trainer/storage/content-hash.ts";
import { type Published, published } from "../agents/published.ts";

/** Segments of the job, each of ten steps. */
export const segments = 24;

/**
 * Publishes model and data under `storage`, and the job with these changes: 240 steps of 32 samples, 12 checkpoints, two
 * segments between them.
 */
export async function smallOrder(
  storage: string,
  name: string,
  machine: Uint8Array,
  change: Record<string, unknown> = {},
): Promise<Published> {
  const model = join(storage, "small.onnx");
  writeFileSync(model, familyModel("mlp").bytes);
  const json = {
    version: 1,
    model: { uri: "file:small.onnx", hash: await hashFile(model) },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate: 0.05, momentum: 0.9 },
    batch: 32,
    length: { steps: 240 },
    checkpointEvery: 20,
    segment: 10,
    training: await written(storage, "small-training", 1, 1000),
    validation: { access: "public", ...(await written(storage, "small-validation", 2, 2000)) },
    ...change,
  };
  return published(storage, name, json, machine);
}

/** Writes so many digits of 14x14 pixels; tells of them as a manifest does. */
async function written(storage: string, name: string, seed: number, count: number) {
  const { data } = await smallDigits(seed, count);
  const { image, target } = (await data.read(range(0, count))) as { image: Tensor; target: Tensor };
  const file = `${name}.safetensors`;
  writeFileSync(join(storage, file), encodeSafetensors({ image, target }));
  const stored = dataset({ inputs: memoryColumn(image), targets: memoryColumn(target) });
  return {
    format: "safetensors",
    uri: `file:${file}`,
    inputs: "image",
    targets: "target",
    root: toHex((await dataRoot(stored, [])).root),
    samples: count,
  };
}

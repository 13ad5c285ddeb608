import type { Hash } from "../canonical.ts";
import type { Identity } from "../identity.ts";
import { createJob, type Job } from "../job.ts";
import { checkManifest } from "../manifest.ts";
import { familyModel } from "./models.ts";
import type { SmallDigits } from "./small-digits.ts";

const zero: Hash = `0x${"00".repeat(32)}`;

/** A small job on small digits: 240 steps of 32 samples, 12 checkpoints, two segments between them. */
export function jobOf(
  family: string,
  training: SmallDigits,
  validation: SmallDigits,
  change: Record<string, unknown> = {},
): Job {
  const result = checkManifest({
    version: 1,
    model: { uri: "file:model.onnx", hash: zero },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate: 0.05, momentum: 0.9 },
    batch: 32,
    length: { steps: 240 },
    checkpointEvery: 20,
    segment: 10,
    training: { format: "idx", uri: "file:images", root: training.root, samples: training.data.rows },
    validation: { access: "released", root: validation.root, samples: validation.data.rows },
    ...change,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const data = { training: training.data, validation: validation.data };
  return createJob(result.manifest, familyModel(family), data);
}

/** Another order, with a seed of its own. */
export const orderOf = (order: number): Identity => ({ order, trainer: zero, randomness: zero });

/** A job that trains in a second: digits, a small network, and the file that describes it, as a person writes it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digits, writeDigits } from "../data/digits.ts";
import { mlp } from "./small-models.ts";

/** Data of the job, by the beginning of its files' names: `train` or `test`. */
export const digitsData = (name: string) => ({
  format: "idx",
  uri: `${name}-images.idx`,
  targetsUri: `${name}-labels.idx`,
  divide: 255,
});

/** 180 steps, 12 checkpoints. */
export const digitsJob = {
  version: 1,
  model: { uri: "mlp.onnx" },
  loss: { type: "softmaxCrossEntropy" },
  optimiser: { type: "sgd", learningRate: 0.1, momentum: 0.9 },
  batch: 20,
  length: { epochs: 6 },
  checkpointEvery: 15,
  segment: 5,
  training: digitsData("train"),
  validation: { access: "public", ...digitsData("test") },
  target: 0.3,
};

/** Writes all that the job names, and `job.json`, into a folder. */
export async function writeDigitsJob(folder: string): Promise<void> {
  await writeDigits(folder, "train", digits(new Uint8Array(32).fill(1), 600));
  await writeDigits(folder, "test", digits(new Uint8Array(32).fill(2), 200));
  writeFileSync(join(folder, "mlp.onnx"), mlp([784, 24, 10]).bytes);
  writeFileSync(join(folder, "job.json"), JSON.stringify(digitsJob));
}

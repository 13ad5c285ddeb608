import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Table } from "./table.ts";

const root = join(import.meta.dirname, "../..");

/** What the inspection of a proof costs beside the training, for a job of about a minute with default settings. */
export async function verifyBench(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-verify-"));
  try {
    const digits = join(folder, "digits");
    await matrixai("digits", digits, "--train", "20000", "--test", "2000");
    cpSync(join(root, "test/models/bench-cnn.onnx"), join(folder, "cnn.onnx"));
    writeFileSync(join(folder, "job.json"), JSON.stringify(job));
    const trained = await matrixai("train", join(folder, "job.json"));
    const verified = await matrixai("verify", join(folder, "job.run"));
    return {
      title: "proof of training",
      rows: [
        {
          name: `inspect the proof of ${trained.steps} steps`,
          value: verified.elapsedMs / 1000,
          unit: "s",
          against: { name: "to train", value: trained.elapsedMs / 1000 },
          aim: { atMost: 0.1 },
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const samples = (part: string) => ({
  format: "idx",
  uri: `digits/${part}-images.idx`,
  targetsUri: `digits/${part}-labels.idx`,
  divide: 255,
});

const job = {
  version: 1,
  model: { uri: "cnn.onnx" },
  loss: { type: "softmaxCrossEntropy" },
  optimiser: { type: "sgd", learningRate: 0.02, momentum: 0.9 },
  schedule: { type: "cosine" },
  batch: 64,
  length: { epochs: 20 },
  checkpointEvery: 500,
  training: samples("train"),
  validation: { access: "public", ...samples("test") },
};

async function matrixai(...args: readonly string[]): Promise<{ steps: number; elapsedMs: number }> {
  const run = promisify(execFile)(join(root, "scripts/matrixai"), [...args, "--json"], {
    maxBuffer: 1 << 24,
  });
  return JSON.parse((await run).stdout) as { steps: number; elapsedMs: number };
}

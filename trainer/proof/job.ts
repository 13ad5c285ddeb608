import type { Dataset } from "../engine/data/dataset.ts";
import { EngineError } from "../engine/error.ts";
import { evaluateProgram } from "../engine/evaluate.ts";
import * as losses from "../engine/loss.ts";
import type { Model } from "../engine/onnx/model.ts";
import * as optimisers from "../engine/optimiser.ts";
import type { Program } from "../engine/program.ts";
import { learningRates, type Schedule } from "../engine/schedule.ts";
import { mismatch, type Tensor, type TensorSpec, type Tensors, tensor, zeros } from "../engine/tensor.ts";
import { trainProgram } from "../engine/train.ts";
import { drawTensor, type Start } from "./init.ts";
import { type Manifest, totalSteps } from "./manifest.ts";
import { startsOf } from "./starts.ts";

/** A manifest with everything at hand that it names: what trainer and inspector compute with. */
export interface Job {
  readonly manifest: Manifest;
  readonly train: Program;
  /** Reads parameters and statistics; reports each sample's loss and the model's prediction. */
  readonly evaluate: Program;
  /** How parameters and statistics begin. */
  readonly starts: readonly Start[];
  /** What a fine-tuning order begins with instead: parameters and statistics by name. */
  readonly from?: Tensors;
  /** Weights that stay as they are in the model. */
  readonly frozen: Tensors;
  readonly training: Dataset;
  /** Absent until the buyer releases it, or for good. */
  readonly validation?: Dataset;
  /** Learning rates of the steps `from` up to `to`. */
  rates(from: number, to: number): Tensor<"float32">;
}

/** Samples per step of an evaluation; fixed, so that everybody gets the same bits. */
const evaluationBatch = 64;

/** Steps of one evaluation run: bounds what lies in memory at a time. */
const evaluationSteps = 32;

/** Builds the programs of a manifest for its model. Throws an EngineError for what cannot be trained. */
export function createJob(
  manifest: Manifest,
  model: Model,
  data: { readonly training: Dataset; readonly validation?: Dataset; readonly from?: Tensors },
): Job {
  const train = trainingProgram(manifest, model);
  const begin = train.state.filter((s) => s.role === "parameter" || s.role === "statistic");
  const drawn = manifest.initialisation.type === "seeded" ? manifest.initialisation : undefined;
  const total = totalSteps(manifest);
  return {
    ...data,
    manifest,
    train,
    evaluate: evaluateProgram(model, {
      ...sharedOf(manifest),
      batch: evaluationBatch,
      steps: evaluationSteps,
    }),
    starts: startsOf(model, begin, drawn ?? { type: "seeded", default: { law: "gmm2" }, laws: {} }),
    frozen: Object.fromEntries(
      train.state
        .filter((s) => s.role === "frozen")
        .map((s) => [s.name, model.initialisers.get(s.name) as Tensor]),
    ),
    rates: (from, to) =>
      learningRates(scheduleOf(manifest), { total, warmup: manifest.schedule.warmup }, from, to - from),
  };
}

/** The program of a manifest's training, which is all that its checkpoints depend on. Throws an EngineError. */
export function trainingProgram(manifest: Manifest, model: Model): Program {
  const { accumulate, clipNorm, segment, batch } = manifest;
  return trainProgram(model, {
    ...sharedOf(manifest),
    optimiser: optimiserOf(manifest),
    batch: batch * accumulate,
    accumulate,
    steps: segment,
    ...(clipNorm === undefined ? {} : { clipNorm }),
  });
}

/** What training and evaluation have in common. */
const sharedOf = (manifest: Manifest) => ({
  loss: lossOf(manifest),
  normalisation: manifest.model.batchStatistics ? ("batch" as const) : ("running" as const),
  ...(manifest.model.train ? { trainable: manifest.model.train } : {}),
});

/** The loss that a manifest names. */
export function lossOf({ loss }: Pick<Manifest, "loss">): losses.Loss {
  switch (loss.type) {
    case "softmaxCrossEntropy":
      return losses.softmaxCrossEntropy(loss);
    case "meanSquaredError":
      return losses.meanSquaredError();
    case "binaryCrossEntropy":
      return losses.binaryCrossEntropy();
  }
}

function optimiserOf({ optimiser }: Manifest): optimisers.Optimiser {
  switch (optimiser.type) {
    case "sgd":
      return optimisers.sgd(optimiser);
    case "adam":
      return optimisers.adam(optimiser);
    case "adamW":
      return optimisers.adamW(optimiser);
  }
}

function scheduleOf({ schedule, optimiser }: Manifest): Schedule {
  const lr = optimiser.learningRate;
  switch (schedule.type) {
    case "constant":
      return { type: "constant", lr };
    case "step":
      return { type: "step", lr, every: schedule.every, factor: schedule.factor };
    case "cosine":
      return { type: "cosine", lr, final: lr * schedule.final };
  }
}

/** The state before the first step: drawn or given values, empty optimiser buffers, step 0. */
export function firstState(job: Job, seed: Uint8Array): Tensors {
  const starts = new Map(job.starts.map((s) => [s.name, s]));
  const state: Record<string, Tensor> = {};
  for (const spec of job.train.state) {
    const { name, role, dtype, dims } = spec;
    const given = job.frozen[name] ?? job.from?.[name];
    const start = starts.get(name);
    if (role === "optimiser" || role === "counter") state[name] = zeros(dtype, dims);
    else if (given !== undefined) state[name] = fitting(spec, given);
    else if (job.from !== undefined) throw new EngineError("BadJob", `the given checkpoint lacks "${name}"`);
    else if (start !== undefined) state[name] = tensor("float32", dims, drawTensor(start, seed));
    else throw new Error(`"${name}" has neither a law nor a given value`);
  }
  return state;
}

function fitting(spec: TensorSpec, given: Tensor): Tensor {
  const problem = mismatch(spec, given);
  if (problem !== undefined) throw new EngineError("BadJob", `the given checkpoint does not fit: ${problem}`);
  return given;
}

/** The starts of the parameters alone: what the rules look at. */
export function parameterStarts(job: Job): Start[] {
  const parameters = new Set(job.train.state.filter((s) => s.role === "parameter").map((s) => s.name));
  return job.starts.filter((s) => parameters.has(s.name));
}

/** The values of the parameters in a state, by name. */
export const weightsOf = (job: Job, state: Tensors): Record<string, Float32Array> =>
  Object.fromEntries(parameterStarts(job).map(({ name }) => [name, state[name]?.data as Float32Array]));

/** Largest file of a checkpoint of this job. */
export const checkpointBytes = (job: { readonly train: Pick<Program, "state"> }): number =>
  job.train.state.reduce(
    (sum, s) => sum + s.dims.reduce((a, b) => a * b, 8) + 2 * s.name.length + 200 + 24 * s.dims.length,
    1024,
  );

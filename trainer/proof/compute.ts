import type { Dataset } from "../engine/data/dataset.ts";
import { allRows } from "../engine/data/held.ts";
import type { Device } from "../engine/device/device.ts";
import { resultsOf } from "../engine/evaluation.ts";
import type { Tensor, Tensors } from "../engine/tensor.ts";
import { type Trained, type TrainOptions, trainLoop } from "../engine/train-loop.ts";
import { type Grade, gradeBatch } from "./grade.ts";
import type { Job } from "./job.ts";
import type { Timeline } from "./timeline.ts";

/** So much of what every checkpoint is measured on stays in memory. */
const heldBytes = 2 ** 27;

/**
 * Trains from the step that `state` is at up to `to`, giving out the state at the end of every segment: the same for
 * the trainer and for whoever checks it. Throws what {@link trainLoop} throws.
 */
export function trainTo(
  device: Device,
  job: Job,
  timeline: Timeline,
  state: Tensors,
  to: number,
  options: TrainOptions = {},
): AsyncGenerator<Trained> {
  const { train: program, training: data, rates } = job;
  const { rows: order, nextStop } = timeline;
  return trainLoop(device, { program, data, state, until: to, order, rates, nextStop }, options);
}

/** Loss of every sample at `rows`, in their order, with the parameters and statistics of `state`; asked for again, nothing is read anew. */
export async function sampleLosses(
  device: Device,
  job: Job,
  state: Tensors,
  rows: readonly number[],
  options: TrainOptions = {},
): Promise<Float32Array> {
  const losses = new Float32Array(rows.length);
  let done = 0;
  for await (const part of resultsOf(device, job.evaluate, job.training, state, rows, {
    heldBytes,
    ...options,
  })) {
    losses.set(part.results.losses?.data as Float32Array, done);
    done += part.count;
  }
  return losses;
}

/**
 * The same for the entries of `rows` at the places `entries` alone. The bits of a loss depend on its place in a batch
 * (vectorised sums begin at different alignments), though not on its neighbours; so every entry keeps its place.
 */
export async function chosenLosses(
  device: Device,
  job: Job,
  state: Tensors,
  rows: readonly number[],
  entries: readonly number[],
  options: TrainOptions = {},
): Promise<Float32Array> {
  const { batch } = job.evaluate;
  const waiting: number[][] = Array.from({ length: batch }, () => []);
  for (const entry of entries) waiting[entry % batch]?.push(entry);
  const depth = Math.max(...waiting.map((w) => w.length));
  const placed = Array.from({ length: depth * batch }, (_, i) => waiting[i % batch]?.[Math.floor(i / batch)]);
  const losses = await sampleLosses(
    device,
    job,
    state,
    placed.map((e) => rows[e ?? 0] as number),
    options,
  );
  const found = new Map(placed.map((entry, i) => [entry, losses[i] as number]));
  return Float32Array.from(entries, (entry) => found.get(entry) as number);
}

/** How many predictions on the whole data set are right, and of how many. */
export async function accuracyOf(
  device: Device,
  job: Job,
  data: Dataset,
  state: Tensors,
  options: TrainOptions = {},
): Promise<Grade> {
  const target = job.evaluate.data.at(-1)?.name ?? "";
  let [right, graded] = [0, 0];
  for await (const part of resultsOf(device, job.evaluate, data, state, allRows(data), {
    heldBytes,
    ...options,
  })) {
    const grade = gradeBatch(job.manifest, part.results.predictions as Tensor, part.data[target] as Tensor);
    right += grade.right;
    graded += grade.graded;
  }
  return { right, graded };
}

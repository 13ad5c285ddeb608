/** What a state of a model is worth on a data set, by its evaluation program. */
import { type Dataset, range } from "./data/dataset.ts";
import { heldSamples, sampleBytes } from "./data/held.ts";
import type { Device, RunOptions } from "./device/device.ts";
import { ensure } from "./error.ts";
import type { Program } from "./program.ts";
import { elements, type Tensor, type Tensors, tensor } from "./tensor.ts";

export interface Evaluation {
  readonly samples: number;
  /** Mean loss of the samples. */
  readonly loss: number;
  /** For losses over classes only. */
  readonly classes?: Classification;
}

export interface Classification {
  /** Share of the labels that count which are predicted. */
  readonly accuracy: number;
  /** confusion[label][prediction] is how often that came up. */
  readonly confusion: readonly (readonly number[])[];
}

/** Results of some samples, in the order in which they were asked for. */
export interface Part {
  /** Tensors [count, ...] by the names of the program's results. */
  readonly results: Tensors;
  /** The samples themselves. */
  readonly data: Tensors;
  readonly count: number;
}

export interface EvaluationOptions extends RunOptions {
  /** Told how many samples are done. */
  readonly onProgress?: (samples: number) => void;
}

/** Evaluates the whole data set. Throws a DeviceError, a DataError, or an Error naming what does not fit. */
export async function evaluation(
  device: Device,
  program: Program,
  data: Dataset,
  state: Tensors,
  { onProgress, ...options }: EvaluationOptions = {},
): Promise<Evaluation> {
  const targets = program.data.at(-1);
  ensure(program.kind === "evaluate" && targets !== undefined, "BadJob", "this is no program that evaluates");
  const { below, ignore } = targets;
  const confusion = Array.from({ length: below ?? 0 }, () => new Array<number>(below ?? 0).fill(0));
  let loss = 0;
  let samples = 0;
  for await (const part of resultsOf(device, program, data, state, range(0, data.rows), options)) {
    for (const value of part.results.losses?.data ?? []) loss += Number(value);
    samples += part.count;
    onProgress?.(samples);
    if (below === undefined) continue;
    const labels = part.data[targets.name]?.data ?? [];
    for (let i = 0; i < labels.length; i++) {
      const label = Number(labels[i]);
      if (label === ignore) continue;
      const row = confusion[label] as number[];
      const said = Number(part.results.predictions?.data[i]);
      row[said] = (row[said] ?? 0) + 1;
    }
  }
  const mean = loss / data.rows;
  return below === undefined
    ? { samples: data.rows, loss: mean }
    : { samples: data.rows, loss: mean, classes: classification(confusion) };
}

function classification(confusion: readonly (readonly number[])[]): Classification {
  const total = confusion.flat().reduce((a, b) => a + b, 0);
  const right = confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
  return { accuracy: total === 0 ? 0 : right / total, confusion };
}

interface ResultOptions extends RunOptions {
  /**
   * The same list of rows is asked for again, as of each checkpoint: the samples stay in memory, here and with the session,
   * where they take no more bytes than this. None unless given.
   */
  readonly heldBytes?: number;
}

/** Runs a program that evaluates or infers over the samples at `rows`, so many at a time that memory stays bounded. */
export async function* resultsOf(
  device: Device,
  program: Program,
  data: Dataset,
  state: Tensors,
  rows: readonly number[],
  { heldBytes = 0, ...options }: ResultOptions = {},
): AsyncGenerator<Part> {
  const needed = Object.fromEntries(program.state.map(({ name }) => [name, state[name] as Tensor]));
  const perRun = program.batch * program.steps;
  const isHeld = rows.length * sampleBytes(program.data) <= heldBytes;
  const held = isHeld ? await heldSamples(data, rows) : undefined;
  for (let at = 0; at < rows.length; at += perRun) {
    const wanted = rows.slice(at, at + perRun);
    const count = wanted.length;
    const steps = Math.ceil(count / program.batch);
    const tensors = held ? samplesOf(held, at, count) : await data.read(wanted);
    // The last batch is filled up with the run's first row; what comes of that is cut off.
    const begin = held ? at : 0;
    const places = Array.from({ length: steps * program.batch }, (_, i) => begin + (i < count ? i : 0));
    const order = tensor("int64", [steps, program.batch], BigInt64Array.from(places, BigInt));
    const input = { state: needed, data: held ?? tensors, order };
    const { results } = await device.run(program, input, { ...options, resident: isHeld });
    const cut = Object.entries(results).map(([name, value]) => [name, firstSamples(value, count)] as const);
    yield { results: Object.fromEntries(cut), data: tensors, count };
  }
}

/** `count` samples from place `at` on. */
function samplesOf(held: Tensors, at: number, count: number): Tensors {
  const cut = Object.entries(held).map(([name, value]) => {
    const [, ...dims] = value.dims;
    const size = elements(dims);
    const data = value.data.subarray(at * size, (at + count) * size);
    return [name, { ...value, dims: [count, ...dims], data } as Tensor] as const;
  });
  return Object.fromEntries(cut);
}

/** From [K, batch, ...] to the first `count` of [K * batch, ...]. */
function firstSamples(value: Tensor, count: number): Tensor {
  const dims = value.dims.slice(2);
  const data = value.data.subarray(0, count * elements(dims));
  return { ...value, dims: [count, ...dims], data } as Tensor; // the same array type, cut
}

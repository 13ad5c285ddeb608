/** Drives a training program over a data set: which rows, which rates, how far, and what came of it. */
import type { Dataset } from "./data/dataset.ts";
import { allRows, heldSamples, sampleBytes } from "./data/held.ts";
import type { Device } from "./device/device.ts";
import { ensure } from "./error.ts";
import { firstNotFinite } from "./finite.ts";
import type { Program, RunOutput } from "./program.ts";
import { type Tensor, type Tensors, tensor } from "./tensor.ts";

export interface TrainJob {
  readonly program: Program;
  /** Samples under the names, types and shapes of the program's data. */
  readonly data: Dataset;
  /** The state to go on from; its counter says at which step that is. */
  readonly state: Tensors;
  /** The step to end at. */
  readonly until: number;
  /** Rows of the data that the steps `from` up to `to` use, `batch` per step. */
  readonly order: (from: number, to: number) => BigInt64Array;
  /** Learning rates of those steps. */
  readonly rates: (from: number, to: number) => Tensor<"float32">;
  /** The next step after `step` at which the state is given out; every `program.steps` steps unless given. */
  readonly nextStop?: (step: number) => number;
}

export interface TrainOptions {
  readonly signal?: AbortSignal | undefined;
  /** Limit of one run. */
  readonly timeoutMs?: number | undefined;
  /** Data sets up to this size are held in memory as a whole; larger ones are read run by run. 512 MiB unless given. */
  readonly residentBytes?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Progress {
  readonly step: number;
  readonly until: number;
  /** Mean loss of the last run. */
  readonly loss: number;
  readonly stepsPerSecond: number;
  readonly etaMs: number;
}

/** What one run of steps gave. */
export interface Trained {
  readonly from: number;
  readonly to: number;
  /** The state after step `to - 1`. */
  readonly state: Tensors;
  /** One loss per step. */
  readonly losses: Float32Array;
}

/** A loss or a weight that is no longer a number. What was given out before is good. */
export class DivergedError extends Error {
  override readonly name = "DivergedError";
  /** The step, from 0, in which it came up; for a weight the last of its run. */
  readonly step: number;

  constructor(step: number, what: string) {
    super(`${what} in step ${step}: a lower learning rate, a warm-up or gradient clipping may help`);
    this.step = step;
  }
}

/**
 * Trains from the state's step to `until`, giving out the state at every stop. Where the stops lie, how often it
 * is interrupted and whether the data fits in memory change nothing in the results.
 * Throws a DivergedError, a DeviceError, a DataError, or an EngineError for data that does not fit the program.
 */
export async function* trainLoop(
  device: Device,
  job: TrainJob,
  options: TrainOptions = {},
): AsyncGenerator<Trained> {
  checkData(job);
  const feed = await feeder(job, options);
  const nextStop = job.nextStop ?? ((step) => (Math.floor(step / job.program.steps) + 1) * job.program.steps);
  const started = performance.now();
  const first = stepOf(job.program, job.state);
  let state = job.state;
  let step = first;
  let pending = step < job.until ? feed(step, stopAfter(step)) : undefined;

  function stopAfter(at: number): number {
    return Math.min(job.until, Math.max(at + 1, nextStop(at)));
  }
  while (pending !== undefined) {
    const to = stopAfter(step);
    const batch = await pending;
    const run = device.run(
      job.program,
      { state, ...batch, lr: job.rates(step, to) },
      { timeoutMs: options.timeoutMs, signal: options.signal, resident: batch.resident },
    );
    // The next rows are read while the device computes.
    pending = to < job.until ? feed(to, stopAfter(to)) : undefined;
    // Its failure is heard when the rows are wanted, which may be after the device has failed.
    pending?.catch(() => {});
    const output = await run;
    const losses = checked(output, step, to);
    const from = step;
    ({ state } = output);
    step = to;
    options.onProgress?.(progress(losses, step, job.until, first, started));
    yield { from, to, state, losses };
  }
}

/** The step that a state is at: what its counter says. */
export function stepOf(program: Program, state: Tensors): number {
  const counter = program.state.find((s) => s.role === "counter");
  const value = counter === undefined ? undefined : state[counter.name];
  ensure(value?.dtype === "int64", "BadJob", `the state has no counter "${counter?.name ?? "step"}"`);
  return Number(value.data[0]);
}

function checkData({ program, data }: TrainJob): void {
  for (const spec of program.data) {
    const found = data.specs.find((s) => s.name === spec.name);
    const said = found === undefined ? "nothing" : `${found.dtype} [${found.dims}]`;
    const fits = found?.dtype === spec.dtype && found.dims.join() === spec.dims.join();
    ensure(
      fits,
      "BadJob",
      `the program takes ${spec.name} as ${spec.dtype} [${spec.dims}], the data has ${said}`,
    );
  }
}

interface Batch {
  readonly data: Tensors;
  readonly order: Tensor<"int64">;
  readonly resident: boolean;
}

/** Gives every run its rows: of the whole set where it fits in memory, else only those that the run uses. */
async function feeder({ program, data, order }: TrainJob, options: TrainOptions) {
  const { residentBytes = 512 * 2 ** 20 } = options;
  const resident = data.rows * sampleBytes(program.data) <= residentBytes;
  const whole = resident ? await heldSamples(data, allRows(data)) : undefined;
  return async (from: number, to: number): Promise<Batch> => {
    const dims = [to - from, program.batch];
    const rows = order(from, to);
    if (whole !== undefined) return { data: whole, order: tensor("int64", dims, rows), resident };
    const numbered = BigInt64Array.from({ length: rows.length }, (_, i) => BigInt(i));
    return {
      data: await data.read(Array.from(rows, Number)),
      order: tensor("int64", dims, numbered),
      resident,
    };
  };
}

function checked({ state, results }: RunOutput, from: number, to: number): Float32Array {
  const losses = results.losses?.data as Float32Array;
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  if (bad >= 0) throw new DivergedError(from + bad, `the loss became ${losses[bad]}`);
  for (const [name, { data }] of Object.entries(state)) {
    if (data instanceof Float32Array && firstNotFinite(data) >= 0)
      throw new DivergedError(to - 1, `"${name}" became NaN or infinite`);
  }
  return losses;
}

function progress(
  losses: Float32Array,
  step: number,
  until: number,
  first: number,
  started: number,
): Progress {
  const stepsPerSecond = ((step - first) * 1000) / (performance.now() - started);
  return {
    step,
    until,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    stepsPerSecond,
    etaMs: ((until - step) * 1000) / stepsPerSecond,
  };
}

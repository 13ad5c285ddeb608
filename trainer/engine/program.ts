/**
 * A program is one ONNX graph that runs K steps of work as a single `Loop`: training, evaluation or inference.
 * K is not part of it: it is read from the first dimension of `order`, so one program serves a whole job,
 * a single segment of it, and the odd steps at the end.
 */
import sodium from "sodium-native";
import { ensure } from "./error.ts";
import type { DType, Tensor, TensorSpec, Tensors } from "./tensor.ts";
import { mismatch } from "./tensor.ts";

/** What a state tensor is for. */
export type StateRole =
  /** Trained by the optimiser. */
  | "parameter"
  /** Running mean or variance of a normalisation. */
  | "statistic"
  /** A weight that is used and stays as it is. */
  | "frozen"
  /** A buffer of the optimiser for one parameter; all zero before the first step. */
  | "optimiser"
  /** `step`: how many steps were done; int64 scalar, zero before the first step. */
  | "counter";

/** One tensor that a program takes in and gives back. */
export interface StateSpec extends TensorSpec {
  readonly role: StateRole;
  /** The parameter that an optimiser buffer belongs to. */
  readonly of?: string;
}

/** One tensor of samples: `dims` is the shape of a single sample; what is fed has the number of rows before it. */
export interface DataSpec extends TensorSpec {
  /** Class labels are in [0, below) or equal to `ignore`. */
  readonly below?: number;
  readonly ignore?: number;
}

/** A result of every step: `dims` is its shape in one step; what is returned has K before it. */
export type ResultSpec = TensorSpec;

export interface Program {
  readonly kind: "train" | "evaluate" | "infer";
  /** The canonical ONNX file; equal programs have equal bytes. */
  readonly bytes: Uint8Array;
  /** BLAKE2b-256 of `bytes`, as 0x and 64 hex digits. */
  readonly id: string;
  /** Samples per step (for training with gradient accumulation: of all its micro-batches together). */
  readonly batch: number;
  /** How many steps one run is meant to have; a run may have fewer or more. */
  readonly steps: number;
  /** Floating-point operations of one step by the canonical counter. */
  readonly flopPerStep: bigint;
  /** `flopPerStep * steps`. */
  readonly flop: bigint;
  /** Everything that has to be known to go on, in a fixed order: parameters, statistics, optimiser buffers, counter. */
  readonly state: readonly StateSpec[];
  /** The tensors of samples, from which each step gathers its rows. */
  readonly data: readonly DataSpec[];
  /** True when `lr`, float32 [K], is an input: training only. */
  readonly scheduled: boolean;
  /** What each step reports; training: `losses`, a float32 scalar per step. */
  readonly results: readonly ResultSpec[];
}

/** What one run of a program is given. */
export interface RunInput {
  /** Every tensor of `program.state`. */
  readonly state: Tensors;
  /** Every tensor of `program.data`, each [rows, ...dims] with the same number of rows. */
  readonly data: Tensors;
  /** Rows of `data` in the order of use, int64 [K, batch]. */
  readonly order: Tensor<"int64">;
  /** Learning rate of every step, float32 [K]. */
  readonly lr?: Tensor<"float32">;
}

/** What it gives back. */
export interface RunOutput {
  /** The state after the last step; empty for programs that only read it. */
  readonly state: Tensors;
  /** Every tensor of `program.results`, each [K, ...dims]. */
  readonly results: Tensors;
}

/** BLAKE2b-256 of a program's bytes, as 0x and 64 hex digits. */
export function programId(bytes: Uint8Array): string {
  const digest = Buffer.alloc(32);
  sodium.crypto_generichash(digest, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return `0x${digest.toString("hex")}`;
}

/** Graph names: user names cannot meet each other or the fixed ones. */
export const graphName = {
  state: (name: string) => `state/${name}`,
  data: (name: string) => `data/${name}`,
  order: "order",
  lr: "lr",
  next: (name: string) => `next/${name}`,
  result: (name: string) => `result/${name}`,
} as const;

/** The tensors to feed to the graph, by graph name. Throws an Error naming the first tensor that does not fit. */
export function feedsOf(program: Program, input: RunInput): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const spec of program.state) feeds[graphName.state(spec.name)] = fitting(spec, input.state[spec.name]);
  let rows: number | undefined;
  for (const spec of program.data) {
    const given = input.data[spec.name];
    rows ??= given?.dims[0] ?? 0;
    feeds[graphName.data(spec.name)] = fitting({ ...spec, dims: [rows, ...spec.dims] }, given);
  }
  const steps = input.order.dims[0] ?? 0;
  feeds[graphName.order] = fitting(spec("order", "int64", [steps, program.batch]), input.order);
  if (steps === 0) throw new Error("order has no steps");
  const beyond = input.order.data.find((row) => row < 0n || row >= BigInt(rows ?? 0));
  if (beyond !== undefined) throw new Error(`order names row ${beyond}, the data has ${rows ?? 0} rows`);
  for (const s of program.data) checkLabels(s, input.data[s.name]!, input.order);
  if (program.scheduled) feeds[graphName.lr] = fitting(spec("lr", "float32", [steps]), input.lr);
  return feeds;
}

/** The outputs of the graph, by user name. Throws an Error naming the first one that is missing or does not fit. */
export function outputsOf(program: Program, steps: number, fetched: Record<string, Tensor>): RunOutput {
  const state: Record<string, Tensor> = {};
  const results: Record<string, Tensor> = {};
  if (program.kind === "train") {
    for (const s of program.state) state[s.name] = fitting(s, fetched[graphName.next(s.name)]);
  }
  for (const r of program.results) {
    results[r.name] = fitting({ ...r, dims: [steps, ...r.dims] }, fetched[graphName.result(r.name)]);
  }
  return { state, results };
}

/** Throws an EngineError naming the first row in use whose label is no class. */
function checkLabels(
  { name, dims, below, ignore }: DataSpec,
  { data }: Tensor,
  order: Tensor<"int64">,
): void {
  if (below === undefined) return;
  const size = dims.reduce((product, dim) => product * dim, 1);
  for (const row of order.data) {
    for (let i = Number(row) * size; i < (Number(row) + 1) * size; i++) {
      const label = Number(data[i]);
      const known = (label >= 0 && label < below) || label === ignore;
      ensure(known, "BadJob", `${name} has label ${label} in row ${row}, expected 0 to ${below - 1}`);
    }
  }
}

function spec(name: string, dtype: DType, dims: readonly number[]): TensorSpec {
  return { name, dtype, dims };
}

function fitting(expected: TensorSpec, value: Tensor | undefined): Tensor {
  const problem = mismatch(expected, value);
  if (problem !== undefined || value === undefined) throw new Error(problem);
  return value;
}

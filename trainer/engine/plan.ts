/** What of a model is trained, what follows by itself, and what stays: decided once, the same for training and use. */
import { bind, checkOperators, inputDims } from "./bind.ts";
import { ensure } from "./error.ts";
import { gradients } from "./gradient.ts";
import { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import { Graph } from "./graph/graph.ts";
import type { Loss } from "./loss.ts";
import type { Model } from "./onnx/model.ts";
import { inUse, type Mode } from "./operators/operator.ts";
import { rows } from "./ops/table.ts";
import type { DataSpec, StateSpec } from "./program.ts";
import type { Tensor } from "./tensor.ts";

export interface ModelOptions {
  /** Samples per step. */
  readonly batch: number;
  /** The output that counts; the first unless given. */
  readonly output?: string;
  /** Initialisers to train; every float32 one of at least one axis that the output depends on unless given. */
  readonly trainable?: readonly string[];
  /** Sizes of named axes that the model leaves open. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whether batch normalisation learns from the batch (unless given) or keeps its running statistics. */
  readonly normalisation?: "batch" | "running";
}

export interface Plan {
  readonly parameters: readonly StateSpec[];
  readonly statistics: readonly StateSpec[];
  readonly frozen: readonly StateSpec[];
  /** The model's inputs, as samples. */
  readonly data: readonly DataSpec[];
  /** What the loss compares with, as samples; absent when the plan was made without a loss. */
  readonly target?: DataSpec;
  readonly output: string;
}

/** Smaller weights that do not change are part of the graph. */
const frozenElements = 1024;

/** Inputs of operators that say how, not what: never trained, and known before the run. */
const settings: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Dropout: [1, 2],
  Pad: [2],
  Pow: [1],
  Resize: [1, 2],
};

/** Decides by writing the model once with everything that could be trained as an input. */
export function planModel(model: Model, options: ModelOptions, loss?: Loss): Plan {
  ensure(
    Number.isInteger(options.batch) && options.batch >= 1,
    "BadJob",
    `batch is ${options.batch}, expected at least 1`,
  );
  checkOperators(model);
  const output = outputName(model, options);
  const fixed = new Set(
    model.nodes.flatMap((node) => (settings[node.op] ?? []).map((position) => node.inputs[position] ?? "")),
  );
  const isWeight = (name: string, { dtype, dims }: Tensor) =>
    dtype === "float32" && dims.length > 0 && !fixed.has(name);
  const candidates = [...model.initialisers]
    .filter(([name, value]) => isWeight(name, value))
    .map(([name]) => name);

  const b = new Build(new Graph(rows));
  const statistics = new Set<Value>();
  // As in use: what is reached is the same as in training, and even a batch of one sample has a plan.
  const mode: Mode = { ...inUse, update: (statistic) => void statistics.add(statistic) };
  const weights = new Map(candidates.map((name) => [name, weightInput(b, model, name)]));
  const inputs = new Map(
    model.inputs.map((input) => [
      input.name,
      b.graph.input(input.name, input.dtype, inputDims(input, options.batch, options.sizes)),
    ]),
  );
  const values = bind(b, model, new Map([...constants(b, model), ...weights, ...inputs]), mode);
  const result = values.get(output)!;
  const target = loss?.target(result);
  const scalar =
    loss === undefined || target === undefined
      ? b.mean(result, [...result.dims.keys()], false)
      : loss.terms(b, result, b.graph.input("target", target.dtype, target.dims)).loss;
  const reached = gradients(b, rows, scalar, [...weights.values()]);

  const nameOf = new Map([...weights].map(([name, value]) => [value, name]));
  const isStatistic = new Set([...statistics].map((value) => nameOf.get(value)));
  const depends = new Set(candidates.filter((_, i) => reached[i] !== undefined));
  const trained = new Set(options.trainable ?? [...depends].filter((name) => !isStatistic.has(name)));
  for (const name of trained) checkTrainable(model, name, depends);

  const spec = (name: string, role: StateSpec["role"]): StateSpec => {
    const { dtype, dims } = model.initialisers.get(name)!;
    return { name, dtype, dims, role };
  };
  const stays = (name: string) =>
    !trained.has(name) &&
    !isStatistic.has(name) &&
    model.initialisers.get(name)!.data.length >= frozenElements;
  const plan: Plan = {
    parameters: candidates.filter((name) => trained.has(name)).map((name) => spec(name, "parameter")),
    statistics: candidates.filter((name) => isStatistic.has(name)).map((name) => spec(name, "statistic")),
    frozen: candidates.filter(stays).map((name) => spec(name, "frozen")),
    data: model.inputs.map(({ name, dtype }) => ({ name, dtype, dims: inputs.get(name)!.dims.slice(1) })),
    output,
    ...(target && { target: { ...target, name: "", dims: target.dims.slice(1) } }),
  };
  return plan;
}

/** The initialisers as constants, but for those that `except` has. */
export function constants(
  b: Build,
  model: Model,
  except: ReadonlySet<string> = new Set(),
): Map<string, Value> {
  const rest = [...model.initialisers].filter(([name]) => !except.has(name));
  return new Map(rest.map(([name, value]) => [name, b.graph.constant(value)]));
}

/** Things about a model that its owner should know before training it. */
export function warningsOf(model: Model): string[] {
  const seen = new Map<string, string>();
  const warnings: string[] = [];
  for (const [name, value] of model.initialisers) {
    if (value.dtype !== "float32" || value.data.length < 16 || value.data.every((x) => x === value.data[0]))
      continue;
    const key = `${value.dims}:${Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength).toString("latin1")}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, name);
    else warnings.push(`initialisers ${other} and ${name} are equal: tied weights would be trained apart`);
  }
  return warnings;
}

function weightInput(b: Build, model: Model, name: string): Value {
  const { dtype, dims } = model.initialisers.get(name)!;
  return b.graph.input(`weight/${name}`, dtype, dims);
}

function outputName(model: Model, { output }: ModelOptions): string {
  const names = model.outputs.map(({ name }) => name);
  ensure(
    output === undefined || names.includes(output),
    "BadJob",
    `the model has no output ${output}, it has ${names}`,
  );
  return output ?? names[0]!;
}

function checkTrainable(model: Model, name: string, depends: ReadonlySet<string>): void {
  const value = model.initialisers.get(name);
  ensure(value !== undefined, "BadJob", `the model has no initialiser ${JSON.stringify(name)} to train`);
  ensure(
    depends.has(name),
    "BadJob",
    `initialiser ${JSON.stringify(name)} cannot be trained: the loss has no gradient for it`,
  );
  const finite = value.dtype !== "float32" || value.data.every(Number.isFinite);
  ensure(finite, "NonFinite", `initialiser ${JSON.stringify(name)} has infinity among its values`);
}

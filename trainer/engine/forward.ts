/** One pass from a batch's rows to the loss: what training and evaluation have in common. */
import { bind, inputDims } from "./bind.ts";
import { ensure } from "./error.ts";
import type { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import type { Loss, Terms } from "./loss.ts";
import type { Model } from "./onnx/model.ts";
import type { Mode } from "./operators/operator.ts";
import type { ModelOptions, Plan } from "./plan.ts";
import { constants } from "./plan.ts";
import type { DataSpec } from "./program.ts";
import { graphName } from "./program.ts";

export interface ForwardOptions extends ModelOptions {
  readonly loss: Loss;
  /** Name of the targets among the data; "target" unless given. */
  readonly target?: string;
}

export interface ForwardJob {
  readonly model: Model;
  readonly plan: Plan;
  readonly options: ModelOptions;
}

export interface ForwardStart {
  /** Rows of the data, int64 [batch]. */
  readonly order: Value;
  /** Values of everything in the plan by name. */
  readonly weights: ReadonlyMap<string, Value>;
}

/** The model's output for the rows of `order`. */
export function outputOf(
  b: Build,
  { model, plan, options }: ForwardJob,
  start: ForwardStart,
  mode: Mode,
): Value {
  const planned = [...plan.parameters, ...plan.statistics, ...plan.frozen].map(({ name }) => name);
  const given = constants(b, model, new Set(planned));
  for (const name of planned) given.set(name, start.weights.get(name)!);
  for (const input of model.inputs) {
    const dims = inputDims(input, options.batch, options.sizes);
    given.set(input.name, rowsOf(b, { ...input, dims: dims.slice(1) }, start.order));
  }
  return bind(b, model, given, mode).get(plan.output)!;
}

/** The loss over the rows of `order`, with what else it tells. */
export function forward(
  b: Build,
  job: ForwardJob & { readonly options: ForwardOptions },
  start: ForwardStart,
  mode: Mode,
): Terms & { readonly output: Value } {
  const { loss } = job.options;
  const output = outputOf(b, job, start, mode);
  const spec = loss.target(output);
  const target = rowsOf(
    b,
    { name: targetName(job), dtype: spec.dtype, dims: spec.dims.slice(1) },
    start.order,
  );
  return { ...loss.terms(b, output, target), output };
}

/** Name of the targets. Throws `BadJob` when an input of the model has it. */
export function targetName({
  model,
  options,
}: {
  readonly model: Model;
  readonly options: { readonly target?: string };
}): string {
  const name = options.target ?? "target";
  const taken = model.inputs.some((input) => input.name === name);
  ensure(!taken, "BadJob", `the model has an input called ${name}: give the targets another name`);
  return name;
}

/** The rows of one tensor of samples. */
function rowsOf(b: Build, { name, dtype, dims }: DataSpec, order: Value): Value {
  return b.gather(b.graph.outer(graphName.data(name), dtype, [1, ...dims]), order);
}

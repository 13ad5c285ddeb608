/** Programs that use a model without changing it. */
import { assemble } from "./assemble.ts";
import { countFlop } from "./flop.ts";
import type { ForwardOptions } from "./forward.ts";
import { forward, outputOf, targetName } from "./forward.ts";
import { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import { Graph } from "./graph/graph.ts";
import { lower } from "./lower.ts";
import type { Model } from "./onnx/model.ts";
import { inUse } from "./operators/operator.ts";
import { rows } from "./ops/table.ts";
import type { ModelOptions, Plan } from "./plan.ts";
import { planModel } from "./plan.ts";
import type { DataSpec, Program, ResultSpec } from "./program.ts";
import { graphName } from "./program.ts";

/**
 * Losses and predictions of every sample: results `losses`, float32 [K, batch], and `predictions`, [K, batch, …]: the
 * class (int64) where the loss is over classes, else the output. A sample's results do not depend on the others of its
 * batch; the state is that of training without optimiser and counter.
 */
export function evaluateProgram(model: Model, options: ForwardOptions & { readonly steps: number }): Program {
  const plan = planModel(model, options, options.loss);
  const job = { model, plan, options };
  const target = { ...plan.target!, name: targetName(job) };
  return useProgram("evaluate", options, plan, [...plan.data, target], (b, start) => {
    const { perSample, prediction } = forward(b, job, start, inUse);
    return { losses: perSample, predictions: prediction };
  });
}

/** The model's output for every sample: result `outputs`, [K, batch, …]. */
export function inferProgram(model: Model, options: ModelOptions & { readonly steps: number }): Program {
  const plan = planModel(model, options);
  return useProgram("infer", options, plan, plan.data, (b, start) => ({
    outputs: outputOf(b, { model, plan, options }, start, inUse),
  }));
}

type Start = { readonly order: Value; readonly weights: ReadonlyMap<string, Value> };

function useProgram(
  kind: "evaluate" | "infer",
  { batch, steps }: ModelOptions & { readonly steps: number },
  plan: Plan,
  data: readonly DataSpec[],
  write: (b: Build, start: Start) => Readonly<Record<string, Value>>,
): Program {
  const state = [...plan.parameters, ...plan.statistics, ...plan.frozen];
  const body = new Graph(rows);
  const b = new Build(body);
  const iteration = body.input("iteration", "int64", []);
  body.output("go on", body.input("condition", "bool", []));
  const order = b.gather(body.outer(graphName.order, "int64", [1, batch]), iteration);
  const weights = new Map(
    state.map(({ name, dtype, dims }) => [name, body.outer(graphName.state(name), dtype, dims)]),
  );
  const written = write(b, { order, weights });
  const results = Object.entries(written).map(([name, value]): ResultSpec => {
    body.output(name, value);
    return { name, dtype: value.dtype, dims: value.dims };
  });
  return assemble({
    kind,
    batch,
    steps,
    flopPerStep: countFlop(body.nodes, rows, []).forward,
    state,
    data,
    results,
    scheduled: false,
    body: lower(body, rows),
    carried: [],
  });
}

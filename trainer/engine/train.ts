/**
 * Training programs: forward, loss, gradients, optimiser, one step after another in one graph.
 */
import { assemble } from "./assemble.ts";
import { ensure } from "./error.ts";
import { countFlop } from "./flop.ts";
import type { ForwardOptions } from "./forward.ts";
import { forward, targetName } from "./forward.ts";
import { gradients } from "./gradient.ts";
import { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import { Graph } from "./graph/graph.ts";
import { lower } from "./lower.ts";
import type { Model } from "./onnx/model.ts";
import type { Mode } from "./operators/operator.ts";
import { rows } from "./ops/table.ts";
import type { Optimiser } from "./optimiser.ts";
import { clipByNorm } from "./optimiser.ts";
import type { Plan } from "./plan.ts";
import { planModel } from "./plan.ts";
import type { Program, StateSpec } from "./program.ts";
import { graphName } from "./program.ts";
import { keepMask } from "./random.ts";
import type { Tensors } from "./tensor.ts";
import { zeros } from "./tensor.ts";

export interface TrainOptions extends ForwardOptions {
  readonly optimiser: Optimiser;
  /** Steps that one run is meant to have. */
  readonly steps: number;
  /** Largest Euclidean norm of all gradients together. */
  readonly clipNorm?: number;
  /** In how many pieces a batch is worked through; their gradients are averaged. 1 unless given. */
  readonly accumulate?: number;
}

/** Name of the counter among the state. */
const counterName = "step";

/** Builds the program. Throws an EngineError for a model or a job that cannot be trained. */
export function trainProgram(model: Model, options: TrainOptions): Program {
  const { loss, optimiser, batch, steps, accumulate = 1 } = options;
  ensure(Number.isInteger(steps) && steps >= 1, "BadJob", `steps is ${steps}, expected at least 1`);
  const divides = Number.isInteger(accumulate) && accumulate >= 1 && batch % accumulate === 0;
  ensure(divides, "BadJob", `accumulate is ${accumulate}, expected a divisor of the batch of ${batch}`);
  const part = { ...options, batch: batch / accumulate };
  const plan = planModel(model, part, loss);
  ensure(plan.parameters.length > 0, "BadJob", "the model has nothing to train");

  const slots = optimiser.slots(plan.parameters).map((slot): StateSpec => ({ ...slot, role: "optimiser" }));
  const counter: StateSpec = { name: counterName, dtype: "int64", dims: [], role: "counter" };
  const carried = [...plan.parameters, ...plan.statistics, ...slots, counter];
  const state = [...carried, ...plan.frozen];
  const names = new Set(state.map(({ name }) => name));
  ensure(
    names.size === state.length,
    "BadJob",
    "an initialiser has the name of an optimiser's buffer or of the counter",
  );

  const body = new Graph(rows);
  const b = new Build(body);
  const iteration = body.input("iteration", "int64", []);
  body.output("go on", body.input("condition", "bool", []));
  const current = new Map(
    carried.map(({ name, dtype, dims }) => [name, body.input(`now/${name}`, dtype, dims)]),
  );
  const frozen = new Map(
    plan.frozen.map(({ name, dtype, dims }) => [name, body.outer(graphName.state(name), dtype, dims)]),
  );
  const step = current.get(counterName)!;
  const order = b.gather(body.outer(graphName.order, "int64", [1, batch]), iteration);
  const lr = b.gather(body.outer(graphName.lr, "float32", [1]), iteration);

  const job = { model, plan, options: part };
  const start = { order, weights: new Map([...current, ...frozen]), counter: step };
  const pass = accumulate === 1 ? backward(b, job, start) : accumulated(b, job, start, accumulate);
  const clipped =
    options.clipNorm === undefined ? pass.gradients : clipByNorm(b, pass.gradients, options.clipNorm);

  const next = new Map<string, Value>(pass.statistics);
  const improved = optimiser.step(
    b,
    plan.parameters.map(({ name }, i) => ({ name, value: current.get(name)!, gradient: clipped[i]! })),
    lr,
    { read: (name) => current.get(name)!, write: (name, slot) => void next.set(name, slot) },
  );
  plan.parameters.forEach(({ name }, i) => void next.set(name, improved[i]!));
  next.set(counterName, b.add(step, b.scalar(step, 1)));
  for (const { name } of carried) body.output(`then/${name}`, next.get(name)!);
  body.output("loss", pass.loss);

  return assemble({
    kind: "train",
    batch,
    steps,
    flopPerStep: pass.flop * BigInt(accumulate),
    state,
    data: [...plan.data, { ...plan.target!, name: targetName(job) }],
    results: [{ name: "losses", dtype: "float32", dims: [] }],
    scheduled: true,
    body: lower(body, rows),
    carried: carried.map(({ name }) => name),
  });
}

/** The state before the first step: what the model's file has, and zeros. */
export function initialState(program: Program, model: Model): Tensors {
  return Object.fromEntries(
    program.state.map(({ name, dtype, dims, role }) => {
      const fromFile = role === "optimiser" || role === "counter" ? undefined : model.initialisers.get(name);
      return [name, fromFile ?? zeros(dtype, dims)];
    }),
  );
}

interface Job {
  readonly model: Model;
  readonly plan: Plan;
  /** With the batch of one pass. */
  readonly options: TrainOptions;
}

interface Start {
  /** Rows of the data for this pass. */
  readonly order: Value;
  /** Parameters, statistics and frozen weights by name. */
  readonly weights: ReadonlyMap<string, Value>;
  /** Another number for every pass of a training. */
  readonly counter: Value;
}

interface Pass {
  readonly loss: Value;
  /** By parameter, in the plan's order. */
  readonly gradients: readonly Value[];
  /** The running statistics after it, by name. */
  readonly statistics: ReadonlyMap<string, Value>;
  readonly flop: bigint;
}

/** Forward and backward over one batch. */
function backward(b: Build, job: Job, start: Start): Pass {
  const { plan, options } = job;
  const nameOf = new Map([...start.weights].map(([name, value]) => [value, name]));
  const statistics = new Map<string, Value>();
  let masks = 0;
  const mode: Mode = {
    training: true,
    batchStatistics: options.normalisation !== "running",
    update: (statistic, next) => void statistics.set(nameOf.get(statistic) ?? "", next),
    keep: (build, dims, ratio) => keepMask(build, dims, ratio, start.counter, masks++),
  };
  const { loss } = forward(b, job, start, mode);
  const parameters = plan.parameters.map(({ name }) => start.weights.get(name)!);
  const { training } = countFlop(b.graph.nodes, rows, parameters);
  const found = gradients(b, rows, loss, parameters);
  // The plan has only parameters that the loss depends on.
  return { loss, gradients: found.map((gradient) => gradient!), statistics, flop: training };
}

/** Forward and backward over the pieces of a batch, one after another; gradients and loss are means. */
function accumulated(b: Build, job: Job, start: Start, pieces: number): Pass {
  const { parameters, statistics } = job.plan;
  const inner = new Graph(rows, b.graph);
  const ib = new Build(inner);
  const piece = inner.input("piece", "int64", []);
  inner.output("go on piece", inner.input("condition piece", "bool", []));
  const sums = parameters.map(({ name, dims }) => inner.input(`sum/${name}`, "float32", dims));
  const total = inner.input("sum of losses", "float32", []);
  const running = statistics.map(({ name, dims }) => inner.input(`running/${name}`, "float32", dims));

  const order = ib.gather(b.reshape(start.order, [pieces, job.options.batch]), piece);
  const counter = ib.add(ib.mul(start.counter, ib.scalar(piece, pieces)), piece);
  const weights = new Map([
    ...start.weights,
    ...statistics.map(({ name }, i) => [name, running[i]!] as const),
  ]);
  const pass = backward(ib, job, { order, weights, counter });
  for (const [i, { name }] of parameters.entries()) {
    inner.output(`then sum/${name}`, ib.add(sums[i]!, pass.gradients[i]!));
  }
  inner.output("then sum of losses", ib.add(total, pass.loss));
  for (const { name } of statistics) inner.output(`then running/${name}`, pass.statistics.get(name)!);

  const zero = b.scalar({ dtype: "float32" }, 0);
  const first = [
    ...parameters.map(({ dims }) => b.expand(zero, dims)),
    zero,
    ...statistics.map(({ name }) => start.weights.get(name)!),
  ];
  const results = b.graph.loop(pieces, first, inner);
  const mean = (sum: Value) => b.scale(sum, 1 / pieces);
  return {
    gradients: results.slice(0, parameters.length).map(mean),
    loss: mean(results[parameters.length]!),
    statistics: new Map(statistics.map(({ name }, i) => [name, results[parameters.length + 1 + i]!])),
    flop: pass.flop,
  };
}

/**
 * A whole training inside of one ONNX graph, bit for bit the same on every machine: all numbers lie on fixed grids (whole
 * multiples of 2^-k, held in doubles) that are so coarse that no product and no sum ever needs more than the 53 bits of a
 * double. Nothing is rounded but where the graph rounds, so neither the order of sums nor fused multiply-adds matter.
 */
import { int } from "../../trainer/engine/graph/attribute.ts";
import { Build } from "../../trainer/engine/graph/build.ts";
import { Graph, type Value } from "../../trainer/engine/graph/graph.ts";
import { graphInit, Names, writeModel } from "../../trainer/engine/onnx/write.ts";
import { rows } from "../../trainer/engine/ops/table.ts";
import { prime } from "../../trainer/engine/random.ts";
import { elements, type Tensor } from "../../trainer/engine/tensor.ts";

/** Images of `side` x `side` with their digits, as the graph's constants. */
export interface Samples {
  /** uint8 [count, side * side] and int64 [count]. */
  readonly images: Tensor<"uint8">;
  readonly labels: Tensor<"int64">;
}

export interface SearchSize {
  readonly hidden: number;
  /** A power of two that divides the number of samples. */
  readonly batch: number;
  readonly steps: number;
}

const classes = 10;
/** Bits behind the point: of weights and their speeds, of activations and errors, of what goes back to the hidden layer. */
const grids = { weight: 16, activation: 10, back: 12, rate: 12, momentum: 8 } as const;
/** Weights, activations, errors and speeds stay within these. */
const bounds = { weight: 8, activation: 512, error: 8, speed: 64 } as const;

/**
 * Inputs: `learning_rate` and `momentum`, float64 scalars, and `seed`, int64. Outputs, int64 scalars: `right`, how many
 * validation samples are classified rightly after the last step, and `loss`, their mean squared error in 1/1000.
 */
export function searchGraph(
  training: Samples,
  validation: Samples,
  { hidden, batch, steps }: SearchSize,
): Uint8Array {
  const graph = new Graph(rows);
  const b = new Build(graph);
  const rate = grid(b, graph.input("learning_rate", "float64", []), grids.rate);
  const momentum = grid(b, graph.input("momentum", "float64", []), grids.momentum);
  const seed = graph.input("seed", "int64", []);
  const [count, pixels] = training.images.dims as [number, number];
  const batches = count / batch;
  // Small as they are in the file: what a round takes of them becomes doubles there.
  const images = b.graph.constant({ ...training.images, dims: [batches, batch, pixels] });
  const labels = b.graph.constant({ ...training.labels, dims: [batches, batch] });

  const shapes = [
    [pixels, hidden],
    [1, hidden],
    [hidden, classes],
    [1, classes],
  ] as const;
  const weights = shapes.map((dims, i) => firstWeights(b, seed, i, dims, pixels));
  const speeds = shapes.map((dims) => b.expand(b.scalar({ dtype: "float64" }, 0), dims));
  const carried = [...weights, ...speeds];

  const body = new Graph(rows, graph);
  const inner = new Build(body);
  const step = body.input("step", "int64", []);
  const goesOn = body.input("goes on", "bool", []);
  const now = carried.map(({ dims }, i) => body.input(`now ${i}`, "float64", dims));
  const place = inner.one("Mod", [step, inner.scalar(step, batches)]);
  const x = reals(inner, inner.gather(images, place));
  const t = oneHot(inner, inner.gather(labels, place));
  const gradients = backward(inner, x, t, now.slice(0, 4), batch);
  const moved = gradients.map((gradient, i) => {
    const speed = inner.add(inner.mul(momentum, now[4 + i]!), gradient);
    return clamp(inner, grid(inner, speed, grids.weight), bounds.speed);
  });
  const next = moved.map((speed, i) => {
    const weight = inner.sub(now[i]!, grid(inner, inner.mul(rate, speed), grids.weight));
    return clamp(inner, weight, bounds.weight);
  });
  for (const [i, value] of [goesOn, ...next, ...moved].entries()) body.output(`then ${i}`, value);
  const trained = b.graph.loop(steps, carried, body).slice(0, 4);

  const { scores } = forward(b, reals(b, b.graph.constant(validation.images)), trained);
  const truth = b.graph.constant(validation.labels);
  const found = b.one("ArgMax", [scores], { axis: int(1), keepdims: int(0) });
  graph.output("right", b.sum(b.cast(b.equal(found, truth), "int64"), [0], false));
  const error = clamp(b, b.sub(scores, oneHot(b, truth)), bounds.error);
  const mean = b.scale(b.sum(b.mul(error, error), [0, 1], false), 1000 / elements(validation.labels.dims));
  graph.output("loss", b.cast(grid(b, mean, 0), "int64"));
  return writeModel(graphInit(graph, new Names(), "hyper-parameter search"));
}

/** To the nearest multiple of 2^-bits: a product with a power of two is exact. */
function grid(b: Build, x: Value, bits: number): Value {
  const up = b.add(b.scale(x, 2 ** bits), b.scalar(x, 0.5));
  return b.scale(b.one("Floor", [up]), 2 ** -bits);
}

const clamp = (b: Build, x: Value, bound: number): Value =>
  b.one("Clip", [x, b.scalar(x, -bound), b.scalar(x, bound)]);

/** Pixels in steps of 1/256. */
const reals = (b: Build, images: Value): Value => b.scale(b.cast(images, "float64"), 1 / 256);

function oneHot(b: Build, labels: Value): Value {
  const column = b.reshape(labels, [elements(labels.dims), 1]);
  return b.cast(b.equal(column, b.iota("int64", [1, classes])), "float64");
}

/** x W1 and h W2 are sums of whole multiples of 2^-24 and 2^-26 that stay below 2^17: 43 bits at most. */
function forward(b: Build, x: Value, [w1, b1, w2, b2]: readonly Value[]) {
  const first = grid(b, b.add(b.matmul(x, w1!), b1!), grids.activation);
  const h = b.one("Clip", [first, b.scalar(first, 0), b.scalar(first, bounds.activation)]);
  const scores = grid(b, b.add(b.matmul(h, w2!), b2!), grids.activation);
  return { h, scores };
}

/** Gradients of half the squared error, for the mean over a batch. */
function backward(b: Build, x: Value, t: Value, weights: readonly Value[], batch: number): Value[] {
  const { h, scores } = forward(b, x, weights);
  const error = clamp(b, b.sub(scores, t), bounds.error);
  const isOn = b.cast(b.less(b.scalar(h, 0), h), "float64");
  const back = grid(b, b.mul(b.matmul(error, b.transpose(weights[2]!, [1, 0])), isOn), grids.back);
  const mean = (sum: Value) => grid(b, b.scale(sum, 1 / batch), grids.weight);
  return [
    mean(b.matmul(b.transpose(x, [1, 0]), back)),
    mean(b.sum(back, [0])),
    mean(b.matmul(b.transpose(h, [1, 0]), error)),
    mean(b.sum(error, [0])),
  ];
}

/** Weights from the seed, on the grid: x -> x^3 modulo a prime, as the engine's masks are drawn. Biases begin at 0. */
function firstWeights(b: Build, seed: Value, site: number, dims: readonly number[], fanIn: number): Value {
  if (dims[0] === 1) return b.expand(b.scalar({ dtype: "float64" }, 0), dims);
  const modulo = (x: Value) => b.one("Mod", [x, b.scalar(x, prime)]);
  const cube = (x: Value) => modulo(b.mul(modulo(b.mul(x, x)), x));
  const more = (x: Value, by: number) => modulo(b.add(x, b.scalar(x, by)));
  const key = cube(more(cube(more(modulo(seed), 1_640_531_527)), 1_013_904_223 + site));
  let mixed = modulo(b.add(b.iota("int64", dims), key));
  for (const constant of [1_779_033_703, 387_276_957, 928_160_669]) mixed = cube(more(mixed, constant));
  const levels = 2 ** 12;
  const centred = b.sub(b.one("Mod", [mixed, b.scalar(mixed, levels)]), b.scalar(mixed, levels / 2));
  const spread = 2 ** Math.round(Math.log2(Math.sqrt(6 / fanIn)));
  return b.scale(b.cast(centred, "float64"), spread / (levels / 2));
}

/** Softmax and the normalisations, and dropout. */

import { ensure } from "../error.ts";
import { float, floatOf, int, intOf, ints } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { axisOf } from "../graph/shape.ts";
import { numbersOf } from "../ops/move.ts";
import { need } from "../ops/row.ts";
import { elements, tensor } from "../tensor.ts";
import type { Call, Operator, Operators } from "./operator.ts";
import { operator } from "./operator.ts";
import { perChannel } from "./product.ts";

export const normalisations: Operators = {
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),

  BatchNormalization: {
    attributes: ["epsilon", "momentum", "spatial", "training_mode"],
    make: batchNormalisation,
  },

  LayerNormalization: operator("axis epsilon stash_type", ({ b, inputs, attributes }) => {
    const [x, scale, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
    const axis = axisOf(intOf(attributes, "axis", -1), x.dims.length);
    const axes = [...x.dims.keys()].slice(axis);
    const scaled = b.mul(standardise(b, x, axes, floatOf(attributes, "epsilon", 1e-5))[0]!, scale);
    return bias === undefined ? scaled : b.add(scaled, bias);
  }),

  InstanceNormalization: operator("epsilon", ({ b, inputs, attributes }) => {
    const x = need(inputs, 0);
    const [y] = standardise(b, x, [...x.dims.keys()].slice(2), floatOf(attributes, "epsilon", 1e-5));
    return b.add(b.mul(y!, perChannel(b, x, need(inputs, 1))), perChannel(b, x, need(inputs, 2)));
  }),

  Dropout: { attributes: ["ratio", "seed"], make: dropout },
};

/** x - mean, over its deviation; then mean and population variance. */
function standardise(b: Build, x: Value, axes: readonly number[], epsilon: number): readonly Value[] {
  return b.apply("Standardize", [x], { axes: ints(axes), epsilon: float(epsilon) });
}

/** Before operator set 13 everything from the axis on is one line. */
function softmax(op: string): Operator {
  return operator("axis", ({ b, inputs, attributes, opset }) => {
    const x = need(inputs, 0);
    const axis = axisOf(intOf(attributes, "axis", opset < 13 ? 1 : -1), x.dims.length);
    if (opset >= 13 || axis === x.dims.length - 1) return b.one(op, [x], { axis: int(axis) });
    const lines = b.reshape(x, [...x.dims.slice(0, axis), elements(x.dims.slice(axis))]);
    return b.reshape(b.one(op, [lines], { axis: int(axis) }), x.dims);
  });
}

/**
 * In training with the batch's own statistics, whatever form the exporter chose; the running ones follow.
 * The running variance is that of a sample (n - 1), as PyTorch keeps it; ONNX has that of the population there.
 */
function batchNormalisation({ b, inputs, attributes, mode }: Call): readonly Value[] {
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => need(inputs, i)) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  ensure(x.dims.length >= 2, "BadShape", `[${x.dims}] has no channels`);
  const epsilon = floatOf(attributes, "epsilon", 1e-5);
  const affine = (y: Value) => b.add(b.mul(y, perChannel(b, x, scale)), perChannel(b, x, bias));
  if (!mode.batchStatistics) {
    for (const statistic of [mean, variance]) mode.update(statistic, statistic);
    const factor = b.reciprocal(b.sqrt(b.add(variance, b.scalar(x, epsilon))));
    const y = affine(b.mul(b.sub(x, perChannel(b, x, mean)), perChannel(b, x, factor)));
    return [y, mean, variance];
  }
  const axes = [...x.dims.keys()].filter((axis) => axis !== 1);
  const count = elements(x.dims) / x.dims[1]!;
  ensure(count > 1, "BadShape", "a batch of one value per channel has no variance");
  const [y, batchMean, batchVariance] = standardise(b, x, axes, epsilon);
  const momentum = floatOf(attributes, "momentum", 0.9);
  const follow = (running: Value, seen: Value, factor: number) => {
    const next = b.add(
      b.scale(running, momentum),
      b.scale(b.reshape(seen, running.dims), (1 - momentum) * factor),
    );
    mode.update(running, next);
    return next;
  };
  return [affine(y!), follow(mean, batchMean!, 1), follow(variance, batchVariance!, count / (count - 1))];
}

/** Drops elements and enlarges the rest in training; does nothing in use. */
function dropout({ b, inputs, attributes, mode }: Call): readonly Value[] {
  const x = need(inputs, 0);
  const ratio = inputs[1] === undefined ? floatOf(attributes, "ratio", 0.5) : numbersOf(inputs[1])[0]!;
  ensure(ratio >= 0 && ratio < 1, "Unsupported", `a ratio of ${ratio} is not in [0, 1)`);
  const everything = b.expand(b.graph.constant(tensor("bool", [], Uint8Array.of(1))), x.dims);
  if (!mode.training || ratio === 0) return [x, everything];
  const kept = mode.keep(b, x.dims, ratio);
  return [b.mul(x, b.scale(kept, 1 / (1 - ratio))), b.cast(kept, "bool")];
}

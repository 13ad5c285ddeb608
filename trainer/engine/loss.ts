/** What a model is trained to make small, written in rows. */
import { ensure } from "./error.ts";
import { int } from "./graph/attribute.ts";
import type { Build } from "./graph/build.ts";
import type { Shape, Value } from "./graph/graph.ts";
import { axisOf, sameDims } from "./graph/shape.ts";
import { softplus } from "./operators/elementwise.ts";

export interface Terms {
  /** Scalar: the mean over everything that counts in the batch. */
  readonly loss: Value;
  /** [batch]: the mean over everything that counts in each sample. */
  readonly perSample: Value;
  /** What the model says, for measures of accuracy: the class at each place, or the output itself. */
  readonly prediction: Value;
}

export interface Loss {
  /** Type and shape of the targets for an output of this shape, batch included; `below` bounds class labels. */
  target(output: Shape): Shape & { readonly below?: number; readonly ignore?: number };
  terms(b: Build, output: Value, target: Value): Terms;
}

export interface CrossEntropyOptions {
  /** Axis of the classes in the output; the last unless given (1 for images of classes). */
  readonly axis?: number;
  /** Label of places that do not count; -100 unless given, as in PyTorch. */
  readonly ignoreIndex?: number;
}

/** -log softmax(output)[label], averaged over the labels that count. Targets: int64, the output's shape without classes. */
export function softmaxCrossEntropy({ axis = -1, ignoreIndex = -100 }: CrossEntropyOptions = {}): Loss {
  return {
    target(output) {
      const at = axisOf(axis, output.dims.length);
      ensure(at > 0, "BadJob", `[${output.dims}]: the classes cannot be on the axis of the samples`);
      const dims = output.dims.filter((_, i) => i !== at);
      return { dtype: "int64", dims, below: output.dims[at]!, ignore: ignoreIndex };
    },
    terms(b, output, target) {
      const at = axisOf(axis, output.dims.length);
      const withAxis = output.dims.map((dim, i) => (i === at ? 1 : dim));
      const label = b.reshape(target, withAxis);
      const classes = output.dims.map((dim, i) => (i === at ? dim : 1));
      // A label that does not count equals no class, so its row of `hot` is empty.
      const hot = b.cast(b.equal(label, b.iota("int64", classes)), output.dtype);
      const picked = b.mul(b.one("LogSoftmax", [output], { axis: int(at) }), hot);
      const all = [...output.dims.keys()];
      const counted = b.sub(
        b.scalar(output, 1),
        b.cast(b.equal(target, b.scalar(target, ignoreIndex)), output.dtype),
      );
      const mean = (axes: readonly number[], places: readonly number[]) => {
        const sum = b.sub(b.scalar(output, 0), b.sum(picked, axes, false));
        // Without this a batch in which nothing counts would divide zero by zero.
        const count = b.one("Max", [b.sum(counted, places, false), b.scalar(output, 1)]);
        return b.div(sum, count);
      };
      const places = [...target.dims.keys()];
      return {
        loss: mean(all, places),
        perSample: mean(all.slice(1), places.slice(1)),
        prediction: b.argMax(output, at),
      };
    },
  };
}

/** (output - target)^2, averaged over all elements. Targets: of the output's shape. */
export function meanSquaredError(): Loss {
  return ofPairs((b, output, target) => {
    const difference = b.sub(output, target);
    return b.mul(difference, difference);
  });
}

/** Binary cross-entropy of sigmoid(output) with targets in [0, 1] of its shape: softplus(z) - z t. */
export function binaryCrossEntropy(): Loss {
  return ofPairs((b, output, target) => b.sub(softplus(b, output), b.mul(output, target)));
}

function ofPairs(each: (b: Build, output: Value, target: Value) => Value): Loss {
  return {
    target: ({ dtype, dims }) => ({ dtype, dims }),
    terms(b, output, target) {
      ensure(
        sameDims(output.dims, target.dims),
        "BadShape",
        `targets [${target.dims}] for outputs [${output.dims}]`,
      );
      const terms = each(b, output, target);
      const axes = [...output.dims.keys()];
      const perSample = axes.length === 1 ? terms : b.mean(terms, axes.slice(1), false);
      return { loss: b.mean(terms, axes, false), perSample, prediction: output };
    },
  };
}

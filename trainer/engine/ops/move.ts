/** Operators that move elements and compute nothing. Their attributes and index inputs are constants, in full form. */
import { EngineError, ensure } from "../error.ts";
import { array64, broadcastSteps, strides, walk } from "../graph/array64.ts";
import { intOf, intsOf } from "../graph/attribute.ts";
import type { Value } from "../graph/graph.ts";
import { broadcast, sameDims } from "../graph/shape.ts";
import { elements } from "../tensor.ts";
import { need, type Rows } from "./row.ts";

/** The numbers of a constant input. Throws `DynamicShape` when it is only known in the run. */
export function numbersOf(value: Value): number[] {
  if (value.constant === undefined) {
    throw new EngineError(
      "DynamicShape",
      "a shape or an index depends on the data, it must be known before the run",
    );
  }
  return Array.from(value.constant.data as ArrayLike<number | bigint>, Number);
}

export const moves: Rows = {
  Reshape: {
    shape(inputs) {
      const [x, target] = [need(inputs, 0), numbersOf(need(inputs, 1))];
      ensure(elements(target) === elements(x.dims), "BadShape", `[${x.dims}] cannot become [${target}]`);
      return [{ dtype: x.dtype, dims: target }];
    },
    evaluate64: ([x], { outputs }) => [array64(outputs[0]!.dims, x!.data)],
    gradient: (b, { inputs: [x] }, dy) => [b.reshape(dy, x!.dims), undefined],
  },

  Transpose: {
    shape(inputs, attributes) {
      const x = need(inputs, 0);
      const perm = intsOf(attributes, "perm");
      const sorted = [...perm].sort((a, b) => a - b);
      ensure(
        sameDims(sorted, [...x.dims.keys()]),
        "BadShape",
        `[${perm}] is no permutation of ${x.dims.length} axes`,
      );
      return [{ dtype: x.dtype, dims: perm.map((axis) => x.dims[axis]!) }];
    },
    evaluate64([x], { attributes, outputs }) {
      const own = strides(x!.dims);
      const y = array64(outputs[0]!.dims);
      walk(
        y.dims,
        intsOf(attributes, "perm").map((axis) => own[axis]!),
        0,
        (i, offset) => {
          y.data[i] = x!.data[offset]!;
        },
      );
      return [y];
    },
    gradient(b, { attributes }, dy) {
      const perm = intsOf(attributes, "perm");
      return [
        b.transpose(
          dy,
          perm.map((_, axis) => perm.indexOf(axis)),
        ),
      ];
    },
  },

  Expand: {
    broadcasts: true,
    shape(inputs) {
      const x = need(inputs, 0);
      const target = numbersOf(need(inputs, 1));
      ensure(
        target.every((dim) => dim >= 0),
        "BadShape",
        `[${target}] is not a shape`,
      );
      return [{ dtype: x.dtype, dims: broadcast(x.dims, target) }];
    },
    evaluate64([x], { outputs }) {
      const y = array64(outputs[0]!.dims);
      walk(y.dims, broadcastSteps(x!.dims, y.dims), 0, (i, offset) => {
        y.data[i] = x!.data[offset]!;
      });
      return [y];
    },
    gradient: (b, { inputs: [x], outputs: [y] }, dy) => [b.sumTo(dy, y!.dims, x!.dims), undefined],
  },

  Concat: {
    shape(inputs, attributes) {
      const axis = intOf(attributes, "axis");
      const first = need(inputs, 0);
      let size = 0;
      for (const input of inputs) {
        const fits = input?.dtype === first.dtype && input.dims.length === first.dims.length;
        const same = fits && input.dims.every((dim, i) => i === axis || dim === first.dims[i]);
        ensure(same, "BadShape", `[${input?.dims}] cannot be joined to [${first.dims}] along axis ${axis}`);
        size += input.dims[axis]!;
      }
      return [{ dtype: first.dtype, dims: first.dims.map((dim, i) => (i === axis ? size : dim)) }];
    },
    evaluate64(arrays, { attributes, outputs }) {
      const axis = intOf(attributes, "axis");
      const y = array64(outputs[0]!.dims);
      const steps = strides(y.dims);
      let start = 0;
      for (const x of arrays) {
        walk(x!.dims, steps, start * steps[axis]!, (i, offset) => {
          y.data[offset] = x!.data[i]!;
        });
        start += x!.dims[axis]!;
      }
      return [y];
    },
    gradient(b, { inputs, attributes }, dy) {
      const axis = intOf(attributes, "axis");
      let start = 0;
      return inputs.map((x) => {
        const from = start;
        start += x!.dims[axis]!;
        return b.slice(dy, [axis], [from], [start]);
      });
    },
  },

  /** data and the sizes of the parts along an axis: the reverse of Concat. */
  Split: {
    shape(inputs, attributes) {
      const [x, sizes] = [need(inputs, 0), numbersOf(need(inputs, 1))];
      const axis = intOf(attributes, "axis");
      const fits =
        sizes.reduce((sum, size) => sum + size, 0) === x.dims[axis] && sizes.every((size) => size > 0);
      ensure(fits, "BadShape", `${x.dims[axis]} along axis ${axis} cannot be split into [${sizes}]`);
      return sizes.map((size) => ({
        dtype: x.dtype,
        dims: x.dims.map((dim, i) => (i === axis ? size : dim)),
      }));
    },
    evaluate64([x], { attributes, outputs }) {
      const axis = intOf(attributes, "axis");
      const own = strides(x!.dims);
      let start = 0;
      return outputs.map(({ dims }) => {
        const y = array64(dims);
        walk(dims, own, start * own[axis]!, (i, offset) => {
          y.data[i] = x!.data[offset]!;
        });
        start += dims[axis]!;
        return y;
      });
    },
    gradientOfAll(b, { attributes, outputs }, dys) {
      const parts = outputs.map(({ dims, dtype }, i) => b.expand(dys[i] ?? b.scalar({ dtype }, 0), dims));
      return [b.concat(parts, intOf(attributes, "axis")), undefined];
    },
  },
};

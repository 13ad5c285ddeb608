/** Operators that make one value of many. */
import { array64, strides, walk } from "../graph/array64.ts";
import type { Attributes } from "../graph/attribute.ts";
import { intOf, intsOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Inputs, Node, Value } from "../graph/graph.ts";
import { axisOf } from "../graph/shape.ts";
import { elements } from "../tensor.ts";
import { need, type Row, type Rows } from "./row.ts";

/** Dimensions after reducing `axes`, kept as 1. */
export function keptDims(dims: readonly number[], axes: readonly number[]): number[] {
  return dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}

/** Operator set 17 has the axes of ReduceSum as an input and those of the others as an attribute. */
function axesOf(inputs: Inputs, attributes: Attributes): readonly number[] {
  const given = inputs[1]?.constant;
  return given === undefined ? intsOf(attributes, "axes") : Array.from(given.data, Number);
}

interface Reduction {
  readonly start: number;
  join(sum: number, x: number): number;
  end?(sum: number, count: number): number;
  /** dx, given dy and y with the reduced axes kept as 1. */
  gradient(b: Build, dy: Value, x: Value, y: Value, axes: readonly number[]): Value;
}

function reduction({ start, join, end = (sum) => sum, gradient }: Reduction): Row {
  return {
    broadcasts: true, // what is the same along the reduced axes need not be spread out
    shape(inputs, attributes) {
      const x = need(inputs, 0);
      const axes = axesOf(inputs, attributes);
      const kept = intOf(attributes, "keepdims") === 1;
      return [
        { dtype: x.dtype, dims: kept ? keptDims(x.dims, axes) : x.dims.filter((_, i) => !axes.includes(i)) },
      ];
    },
    evaluate64([x], node) {
      const kept = keptDims(x!.dims, axesOf(node.inputs, node.attributes));
      const y = array64(kept);
      y.data.fill(start);
      const own = strides(kept);
      const steps = kept.map((dim, axis) => (dim === 1 ? 0 : own[axis]!));
      walk(x!.dims, steps, 0, (i, offset) => {
        y.data[offset] = join(y.data[offset]!, x!.data[i]!);
      });
      const count = x!.data.length / y.data.length;
      return [
        array64(
          node.outputs[0]!.dims,
          y.data.map((sum) => end(sum, count)),
        ),
      ];
    },
    gradient(b, node, dy) {
      const [x, y] = [need(node.inputs, 0), node.outputs[0]!];
      const axes = axesOf(node.inputs, node.attributes);
      const kept = keptDims(x.dims, axes);
      const aligned = y.dims.length === x.dims.length ? dy : b.reshape(b.expand(dy, y.dims), kept);
      return [gradient(b, aligned, x, b.reshape(y, kept), axes)];
    },
  };
}

/** All that equal the extremum share its gradient evenly. */
const extremum: Reduction["gradient"] = (b, dy, x, y, axes) => {
  const hits = b.cast(b.equal(x, y), dy.dtype);
  return b.mul(hits, b.div(dy, b.sum(hits, axes)));
};

const plus = (sum: number, x: number): number => sum + x;

export const reductions: Rows = {
  ReduceSum: {
    ...reduction({ start: 0, join: plus, gradient: (_, dy) => dy }),
    lower: (b, node) => [lowerSum(b, node, 1)],
  },
  ReduceMean: {
    ...reduction({
      start: 0,
      join: plus,
      end: (sum, count) => sum / count,
      gradient: (b, dy, x, _, axes) => b.scale(dy, 1 / countOf(x, axes)),
    }),
    lower(b, node) {
      const x = need(node.inputs, 0);
      const count = countOf(x, axesOf(node.inputs, node.attributes));
      if (x.dtype.startsWith("float")) return [lowerSum(b, node, 1 / count)];
      return [b.div(lowerSum(b, node, 1), b.scalar(x, count))];
    },
  },
  /** log of the sum; what Log is written with. */
  ReduceLogSum: reduction({
    start: 0,
    join: plus,
    end: Math.log,
    gradient: (b, dy, x, _, axes) => b.div(dy, b.sum(x, axes)),
  }),
  ReduceMax: reduction({ start: -Infinity, join: Math.max, gradient: extremum }),
  ReduceMin: reduction({ start: Infinity, join: Math.min, gradient: extremum }),

  /** Position of the largest value along one axis, which is dropped; the first of equals. */
  ArgMax: {
    shape(inputs, attributes) {
      const x = need(inputs, 0);
      const axis = axisOf(intOf(attributes, "axis"), x.dims.length);
      return [{ dtype: "int64", dims: x.dims.filter((_, i) => i !== axis) }];
    },
    evaluate64([x], { attributes, outputs }) {
      const axis = intOf(attributes, "axis");
      const size = x!.dims[axis]!;
      const inner = strides(x!.dims)[axis]!;
      const y = array64(outputs[0]!.dims);
      for (let i = 0; i < y.data.length; i++) {
        const start = Math.floor(i / inner) * inner * size + (i % inner);
        let best = 0;
        for (let k = 1; k < size; k++) {
          if (x!.data[start + k * inner]! > x!.data[start + best * inner]!) best = k;
        }
        y.data[i] = best;
      }
      return [y];
    },
  },
};

const countOf = (x: Value, axes: readonly number[]): number => axes.reduce((n, axis) => n * x.dims[axis]!, 1);

/**
 * A sum, times a factor. ONNX Runtime adds up neighbours in an order that depends on where in memory they begin: a
 * sample's sum would depend on its place in the batch, and a sum over what was fed on the caller's memory. So
 * neighbours are added by a product with ones, which has one order, and only the other axes by the operator itself.
 */
function lowerSum(b: Build, { inputs, attributes, outputs }: Node, factor: number): Value {
  const x = need(inputs, 0);
  const axes = axesOf(inputs, attributes);
  let last = x.dims.length;
  while (axes.includes(last - 1)) last--;
  const rest = axes.filter((axis) => axis < last);
  const near = x.dtype === "float32" && last < x.dims.length ? sumNeighbours(b, x, last) : x;
  const sum = b.sum(near, near === x ? axes : rest);
  return b.reshape(b.scale(sum, factor), outputs[0]!.dims);
}

/** Longer rows are added in two stages, with fewer ones and less rounding. */
const longestRow = 1024;

/** Sums over all axes from `first` on, kept as 1. */
function sumNeighbours(b: Build, x: Value, first: number): Value {
  let lines = elements(x.dims.slice(0, first));
  let length = elements(x.dims.slice(first));
  let sum = x;
  while (length > 1) {
    const row = largestDivisor(length, longestRow);
    lines *= length / row;
    sum = b.gemm(b.reshape(sum, [lines, row]), b.expand(b.scalar(x, 1), [row, 1]));
    length /= row;
    lines /= length;
  }
  return b.reshape(sum, [...x.dims.slice(0, first), ...x.dims.slice(first).map(() => 1)]);
}

/** The largest divisor of `n` up to `limit`, or `n` itself where there is none but 1. */
function largestDivisor(n: number, limit: number): number {
  for (let d = Math.min(n, limit); d > 1; d--) if (n % d === 0) return d;
  return n;
}

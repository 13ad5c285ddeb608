/** Operators that take elements out, or put them in their places among others. */
import { ensure } from "../error.ts";
import { array64, strides, walk } from "../graph/array64.ts";
import { int, text, textOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { elements } from "../tensor.ts";
import { numbersOf } from "./move.ts";
import { need, type Rows } from "./row.ts";

/** Embeddings up to this many rows get their gradient by a product with one-hot rows, which no thread order can change. */
const oneHotRows = 4096;

export const picks: Rows = {
  /** data, starts, ends, axes, steps: within bounds, steps of any sign but 0. */
  Slice: {
    shape(inputs) {
      const x = need(inputs, 0);
      const { starts, ends, steps } = sliceOf(
        x.dims,
        inputs.slice(1).map((input) => numbersOf(input!)),
      );
      const dims = x.dims.map((_, axis) =>
        Math.max(0, Math.ceil((ends[axis]! - starts[axis]!) / steps[axis]!)),
      );
      return [{ dtype: x.dtype, dims }];
    },
    evaluate64([x, ...rest], { outputs }) {
      const { starts, steps } = sliceOf(
        x!.dims,
        rest.map((array) => Array.from(array!.data)),
      );
      const own = strides(x!.dims);
      const y = array64(outputs[0]!.dims);
      const first = starts.reduce((sum, start, axis) => sum + start * own[axis]!, 0);
      walk(
        y.dims,
        steps.map((step, axis) => step * own[axis]!),
        first,
        (i, offset) => {
          y.data[i] = x!.data[offset]!;
        },
      );
      return [y];
    },
    gradient(b, { inputs }, dy) {
      const x = inputs[0]!;
      const { starts, steps } = sliceOf(
        x.dims,
        inputs.slice(1).map((input) => numbersOf(input!)),
      );
      return [unslice(b, dy, x.dims, starts, steps), undefined, undefined, undefined, undefined];
    },
  },

  /** data, pads, and the constant value if it is not 0; or a mode that repeats what is there (no gradient then). */
  Pad: {
    shape(inputs) {
      const x = need(inputs, 0);
      const pads = numbersOf(need(inputs, 1));
      ensure(pads.length === 2 * x.dims.length, "BadShape", `${pads.length} pads for rank ${x.dims.length}`);
      return [
        { dtype: x.dtype, dims: x.dims.map((dim, axis) => dim + pads[axis]! + pads[axis + x.dims.length]!) },
      ];
    },
    evaluate64([x, pads, value], { attributes, outputs }) {
      ensure(textOf(attributes, "mode") === "constant", "Unsupported", "only constant padding is supported");
      const y = array64(outputs[0]!.dims);
      y.data.fill(value?.data[0] ?? 0);
      const steps = strides(y.dims);
      // The part of x that stays: negative pads cut.
      const cut = x!.dims.map((_, axis) => Math.max(0, -pads!.data[axis]!));
      const kept = x!.dims.map(
        (dim, axis) => dim - cut[axis]! - Math.max(0, -pads!.data[axis + x!.dims.length]!),
      );
      const own = strides(x!.dims);
      const from: number[] = [];
      walk(
        kept,
        own,
        cut.reduce((sum, c, axis) => sum + c * own[axis]!, 0),
        (_, offset) => from.push(offset),
      );
      const start = steps.reduce((sum, step, axis) => sum + Math.max(0, pads!.data[axis]!) * step, 0);
      walk(kept, steps, start, (i, offset) => {
        y.data[offset] = x!.data[from[i]!]!;
      });
      return [y];
    },
    gradient: (b, { inputs: [, pads] }, dy) => [
      b.pad(
        dy,
        numbersOf(pads!).map((p) => -p),
      ),
      undefined,
      undefined,
    ],
  },

  /** Rows of the first axis. */
  Gather: {
    shape(inputs) {
      const [x, indices] = [need(inputs, 0), need(inputs, 1)];
      ensure(x.dims.length > 0, "BadShape", "its data is a scalar");
      ensure(
        /^int(32|64)$/.test(indices.dtype),
        "BadShape",
        `its indices are ${indices.dtype}, expected int64 or int32`,
      );
      return [{ dtype: x.dtype, dims: [...indices.dims, ...x.dims.slice(1)] }];
    },
    evaluate64([x, indices], { outputs }) {
      const rows = x!.dims[0]!;
      const size = elements(x!.dims.slice(1));
      const y = array64(outputs[0]!.dims);
      indices!.data.forEach((index, i) => {
        ensure(index >= -rows && index < rows, "BadShape", `index ${index} is outside of ${rows} rows`);
        const row = index < 0 ? index + rows : index;
        y.data.set(x!.data.subarray(row * size, (row + 1) * size), i * size);
      });
      return [y];
    },
    gradient(b, { inputs: [x, indices] }, dy) {
      const [rows, ...rest] = x!.dims as [number, ...number[]];
      const count = elements(indices!.dims);
      const size = elements(rest);
      const flat = b.reshape(dy, [count, size]);
      const column = b.reshape(indices!, [count, 1]);
      if (rows > oneHotRows) {
        const zero = b.expand(b.scalar(dy, 0), [rows, size]);
        const where = b.expand(b.cast(column, "int64"), [count, size]);
        const attributes = { axis: int(0), reduction: text("add") };
        return [b.reshape(b.one("ScatterElements", [zero, where, flat], attributes), x!.dims), undefined];
      }
      const hot = b.cast(b.equal(column, b.iota(indices!.dtype, [1, rows])), dy.dtype);
      return [b.reshape(b.gemm(hot, flat, { transA: true }), x!.dims), undefined];
    },
  },

  /** Sums updates into places along the first axis, one after another. */
  ScatterElements: {
    shape: (inputs) => [need(inputs, 0)],
    evaluate64([x, indices, updates]) {
      const y = array64(x!.dims, x!.data.slice());
      const steps = strides(x!.dims);
      walk(indices!.dims, [0, ...steps.slice(1)], 0, (i, offset) => {
        const place = offset + indices!.data[i]! * steps[0]!;
        y.data[place] = y.data[place]! + updates!.data[i]!;
      });
      return [y];
    },
  },

  /** Repeats every element of the last two axes: nearest-neighbour enlargement by whole factors. */
  Resize: {
    shape(inputs) {
      const x = need(inputs, 0);
      const scales = numbersOf(need(inputs, 2));
      return [{ dtype: x.dtype, dims: x.dims.map((dim, axis) => dim * scales[axis]!) }];
    },
    evaluate64([x, , scales], { outputs }) {
      const y = array64(outputs[0]!.dims);
      const own = strides(x!.dims);
      const position = strides(y.dims);
      for (let i = 0; i < y.data.length; i++) {
        let offset = 0;
        for (let axis = 0; axis < own.length; axis++) {
          const index = Math.floor(i / position[axis]!) % y.dims[axis]!;
          offset += Math.floor(index / scales!.data[axis]!) * own[axis]!;
        }
        y.data[i] = x!.data[offset]!;
      }
      return [y];
    },
    gradient(b, { inputs: [x, , scales] }, dy) {
      const [n, c, h, w] = x!.dims as [number, number, number, number];
      const [, , kh, kw] = numbersOf(scales!) as [number, number, number, number];
      const summed = b.sum(b.reshape(dy, [n * c, h, kh, w, kw]), [2, 4], false);
      return [b.reshape(summed, x!.dims), undefined, undefined];
    },
  },
};

/** Starts, ends and steps of every axis, from those of the named ones. */
function sliceOf(dims: readonly number[], [starts, ends, axes, steps]: readonly number[][]) {
  const all = { starts: dims.map(() => 0), ends: [...dims], steps: dims.map(() => 1) };
  axes!.forEach((axis, i) => {
    all.starts[axis] = starts![i]!;
    // Backwards to the very first element ends before the beginning, which the operator writes as -dim - 1.
    all.ends[axis] = steps![i]! < 0 ? Math.max(ends![i]!, -1) : ends![i]!;
    all.steps[axis] = steps![i]!;
  });
  return all;
}

/** Puts what a slice took back to its place, with zeros around and, for steps, between. */
function unslice(
  b: Build,
  dy: Value,
  dims: readonly number[],
  starts: readonly number[],
  steps: readonly number[],
): Value {
  let x = dy;
  const begin: number[] = [];
  const end: number[] = [];
  dims.forEach((dim, axis) => {
    const step = Math.abs(steps[axis]!);
    const taken = dy.dims[axis]!;
    if (steps[axis]! < 0) {
      x = b.one("Slice", [x, b.indices(taken - 1), b.indices(-taken - 1), b.indices(axis), b.indices(-1)]);
    }
    if (step > 1 && taken > 0) x = spread(b, x, axis, step);
    const first = steps[axis]! < 0 ? starts[axis]! - (taken - 1) * step : starts[axis]!;
    begin.push(first);
    end.push(dim - first - (x.dims[axis] ?? 0));
  });
  return b.pad(x, [...begin, ...end]);
}

/** Zeros between the elements of an axis, none after the last. */
function spread(b: Build, x: Value, axis: number, step: number): Value {
  const split = [...x.dims.slice(0, axis + 1), 1, ...x.dims.slice(axis + 1)];
  const pads = new Array<number>(2 * split.length).fill(0);
  pads[split.length + axis + 1] = step - 1;
  const padded = b.reshape(
    b.pad(b.reshape(x, split), pads),
    x.dims.map((dim, i) => (i === axis ? dim * step : dim)),
  );
  return b.slice(padded, [axis], [0], [padded.dims[axis]! - step + 1]);
}

/** Pooling over two axes of [N, C, H, W]. */
import { ensure } from "../error.ts";
import type { Array64 } from "../graph/array64.ts";
import { array64 } from "../graph/array64.ts";
import type { Attributes } from "../graph/attribute.ts";
import { int, intOf, ints, intsOf, text } from "../graph/attribute.ts";
import type { Build, Window } from "../graph/build.ts";
import type { Inputs, Value } from "../graph/graph.ts";
import { elements, tensor } from "../tensor.ts";
import { need, type Rows } from "./row.ts";
import { margin, outputSize, reach } from "./window.ts";

type Dims4 = readonly [number, number, number, number];

export interface Pool extends Window {
  readonly kernel: readonly number[];
}

/** Attributes of a pooling operator, in the order in which they are written. */
export function poolAttributes(pool: Pool): Attributes {
  const { kernel, pads, strides, dilations } = pool;
  const tiles = { kernel_shape: ints(kernel), pads: ints(pads), strides: ints(strides) };
  return dilations.every((d) => d === 1) ? tiles : { dilations: ints(dilations), ...tiles };
}

/** Whether the windows lie side by side and cover everything. */
function tiles(dims: readonly number[], { kernel, pads, strides, dilations }: Pool): boolean {
  const aligned = kernel.every((k, i) => strides[i] === k && dilations[i] === 1 && dims[i + 2]! % k === 0);
  return aligned && pads.every((p) => p === 0);
}

export const pools: Rows = {
  /**
   * The largest of each window. Where windows overlap there is a second output, the position of the first largest
   * in all of x; where they lie side by side there is none, and equal largest values share the gradient evenly.
   */
  MaxPool: {
    shape(inputs, attributes) {
      const x = need(inputs, 0);
      const pooled = pooledDims(inputs, poolOf(attributes));
      const value = { dtype: x.dtype, dims: pooled };
      return tiles(x.dims, poolOf(attributes)) ? [value] : [value, { dtype: "int64", dims: pooled }];
    },
    evaluate64([x], { attributes, outputs }) {
      const y = array64(outputs[0]!.dims);
      const where = array64(outputs[0]!.dims);
      y.data.fill(-Infinity);
      windows(x!, y, poolOf(attributes), (xi, yi) => {
        if (x!.data[xi]! <= y.data[yi]!) return;
        y.data[yi] = x!.data[xi]!;
        where.data[yi] = xi;
      });
      return outputs.length === 1 ? [y] : [y, where];
    },
    gradient(b, { inputs: [x], attributes, outputs: [y, where] }, dy) {
      if (where === undefined) {
        const { kernel } = poolOf(attributes);
        const largest = b.cast(b.equal(x!, enlarge(b, y!, kernel)), dy.dtype);
        const count = b.scale(
          b.one("AveragePool", [largest], { ...attributes, count_include_pad: int(1) }),
          elements(kernel),
        );
        return [b.mul(largest, enlarge(b, b.div(dy, count), kernel))];
      }
      const zeros = b.expand(b.scalar(dy, 0), [elements(x!.dims)]);
      const flat = [b.reshape(where, [elements(where.dims)]), b.reshape(dy, [elements(dy.dims)])];
      const placed = b.one("ScatterElements", [zeros, ...flat], { axis: int(0), reduction: text("add") });
      return [b.reshape(placed, x!.dims)];
    },
  },

  /** The mean of each window; padding counts as zeros if `count_include_pad` is 1, else not at all. */
  AveragePool: {
    shape(inputs, attributes) {
      return [{ dtype: need(inputs, 0).dtype, dims: pooledDims(inputs, poolOf(attributes)) }];
    },
    evaluate64([x], { attributes, outputs }) {
      const pool = poolOf(attributes);
      const y = array64(outputs[0]!.dims);
      const count = new Float64Array(y.data.length);
      windows(x!, y, pool, (xi, yi) => {
        y.data[yi]! += x!.data[xi]!;
        count[yi]! += 1;
      });
      const whole = intOf(attributes, "count_include_pad") === 1 ? elements(pool.kernel) : undefined;
      return [
        array64(
          y.dims,
          y.data.map((sum, i) => sum / (whole ?? count[i]!)),
        ),
      ];
    },
    gradient(b, { inputs: [x], attributes }, dy) {
      const pool = poolOf(attributes);
      const area = elements(pool.kernel);
      if (tiles(x!.dims, pool)) return [enlarge(b, b.scale(dy, 1 / area), pool.kernel)];
      const includePad = intOf(attributes, "count_include_pad") === 1;
      const share = includePad ? b.scale(dy, 1 / area) : b.div(dy, windowCounts(b, x!, dy, pool));
      // Every element gets the shares of all windows it is in: a transposed convolution with ones, channel by channel.
      const [n, c, h, w] = x!.dims as Dims4;
      const planes = b.reshape(share, [n * c, 1, ...dy.dims.slice(2)]);
      const ones = b.filled(dy.dtype, [1, 1, ...pool.kernel], 1);
      const extra = [h, w].map(
        (dim, i) =>
          dim -
          ((dy.dims[i + 2]! - 1) * pool.strides[i]! + reach(pool.kernel[i]!, i, pool) - margin(i, pool)),
      );
      return [b.reshape(b.convTranspose(planes, ones, pool, extra), x!.dims)];
    },
  },
};

function poolOf(attributes: Attributes): Pool {
  return {
    kernel: intsOf(attributes, "kernel_shape"),
    pads: intsOf(attributes, "pads"),
    strides: intsOf(attributes, "strides"),
    dilations: intsOf(attributes, "dilations", [1, 1]),
  };
}

function pooledDims(inputs: Inputs, pool: Pool): number[] {
  const x = need(inputs, 0);
  ensure(x.dims.length === 4, "BadShape", `[${x.dims}] is not [N, C, H, W]`);
  const padded = pool.pads.every((p, i) => p < reach(pool.kernel[i % 2]!, i % 2, pool));
  ensure(padded, "BadShape", `padding [${pool.pads}] is not smaller than the window [${pool.kernel}]`);
  return [
    ...x.dims.slice(0, 2),
    ...x.dims.slice(2).map((dim, i) => outputSize(dim, pool.kernel[i]!, i, pool)),
  ];
}

/** How many elements of x are in each window, not counting padding: [1, 1, oh, ow]. */
function windowCounts(b: Build, x: Value, y: Value, pool: Pool): Value {
  const counts = array64([1, 1, ...y.dims.slice(2)]);
  windows(array64([1, 1, ...x.dims.slice(2)]), counts, pool, (_, yi) => {
    counts.data[yi]! += 1;
  });
  return b.graph.constant(tensor("float32", counts.dims, Float32Array.from(counts.data)));
}

/** Every element repeated over its window. */
export function enlarge(b: Build, y: Value, kernel: readonly number[]): Value {
  const scales = b.graph.constant(tensor("float32", [4], Float32Array.of(1, 1, ...kernel)));
  return b.one("Resize", [y, undefined, scales], {
    coordinate_transformation_mode: text("asymmetric"),
    mode: text("nearest"),
    nearest_mode: text("floor"),
  });
}

/** Calls `visit` for every element of every window, in row-major order within each. */
function windows(x: Array64, y: Array64, pool: Pool, visit: (xi: number, yi: number) => void): void {
  const { kernel, pads, strides, dilations } = pool;
  const [n, c, h, w] = x.dims as Dims4;
  const [, , oh, ow] = y.dims as Dims4;
  for (let plane = 0; plane < n * c; plane++)
    for (let r = 0; r < oh; r++)
      for (let s = 0; s < ow; s++)
        for (let u = 0; u < kernel[0]!; u++) {
          const row = r * strides[0]! - pads[0]! + u * dilations[0]!;
          if (row < 0 || row >= h) continue;
          for (let v = 0; v < kernel[1]!; v++) {
            const column = s * strides[1]! - pads[1]! + v * dilations[1]!;
            if (column < 0 || column >= w) continue;
            visit((plane * h + row) * w + column, (plane * oh + r) * ow + s);
          }
        }
}

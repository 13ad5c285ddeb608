/** Pooling. */

import { ensure } from "../error.ts";
import { int, intOf, intsOf } from "../graph/attribute.ts";
import type { Value } from "../graph/graph.ts";
import type { Pool } from "../ops/pool.ts";
import { poolAttributes } from "../ops/pool.ts";
import { need } from "../ops/row.ts";
import { margin, reach } from "../ops/window.ts";
import type { Call, Operators } from "./operator.ts";
import { operator } from "./operator.ts";
import { overTwoAxes, windowGiven } from "./product.ts";

const spatial = (x: Value): number[] => x.dims.map((_, axis) => axis).slice(2);

export const pools: Operators = {
  MaxPool: operator("auto_pad ceil_mode dilations kernel_shape pads storage_order strides", (call) => {
    // The largest of rectified values is the rectified largest, and that has fewer elements to rectify.
    const { b, inputs } = call;
    const before = b.graph.sourceOf(need(inputs, 0));
    const rectified = before?.op === "Relu";
    const { x, pool, flat } = poolGiven(rectified ? { ...call, inputs: before.inputs } : call);
    const [largest] = b.apply("MaxPool", [sideBySide(call, x, pool)], poolAttributes(pool));
    return flat(rectified ? b.one("Relu", [largest]) : largest!);
  }),
  AveragePool: operator(
    "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides",
    (call) => {
      const { x, pool, flat, rounded } = poolGiven(call);
      ensure(!rounded, "Unsupported", "ceil_mode where the last window is not whole");
      ensure(
        pool.dilations.every((d) => d === 1),
        "Unsupported",
        "dilated averages",
      );
      const includePad = int(
        pool.pads.every((p) => p === 0) ? 1 : intOf(call.attributes, "count_include_pad", 0),
      );
      const attributes = { count_include_pad: includePad, ...poolAttributes(pool) };
      return flat(call.b.one("AveragePool", [sideBySide(call, x, pool)], attributes));
    },
  ),
  GlobalAveragePool: operator("", ({ b, inputs }) => b.mean(need(inputs, 0), spatial(need(inputs, 0)))),
  GlobalMaxPool: operator("", ({ b, inputs }) => b.max(need(inputs, 0), spatial(need(inputs, 0)))),
};

/** The pool over two axes; `rounded` tells that `ceil_mode` added to the padding at the end. */
function poolGiven({ b, inputs, attributes }: Call) {
  const { x, flat } = overTwoAxes({ b, inputs: [need(inputs, 0)] });
  const given = intsOf(attributes, "kernel_shape");
  const valid = given.length === (flat.one ? 1 : 2) && given.every((k) => k >= 1 && k <= 65536);
  ensure(valid, "BadShape", `kernel_shape [${given}]`);
  const kernel = flat.one ? [1, ...given] : given;
  const pool: Pool = { kernel, ...windowGiven(attributes, x.dims, kernel, flat) };
  if (intOf(attributes, "ceil_mode", 0) === 0) return { x, flat, pool, rounded: false };

  // Up to one more window, unless it would begin in the padding at the end.
  const more = [0, 1].map((i) => {
    const [dim, stride] = [x.dims[i + 2]!, pool.strides[i]!];
    const room = dim + margin(i, pool) - reach(kernel[i]!, i, pool);
    const last = Math.ceil(room / stride) * stride;
    return last > room && last < dim + pool.pads[i]! ? last - room : 0;
  });
  const pads = pool.pads.map((p, i) => (i < 2 ? p : p + more[i - 2]!));
  return { x, flat, pool: { ...pool, pads }, rounded: more.some((m) => m > 0) };
}

/** Cuts off what windows side by side leave over, so that they cover everything. */
function sideBySide({ b }: Call, x: Value, { kernel, strides, pads, dilations }: Pool): Value {
  const side = kernel.every((k, i) => strides[i] === k && dilations[i] === 1) && pads.every((p) => p === 0);
  if (!side) return x;
  return b.slice(
    x,
    [2, 3],
    [0, 0],
    kernel.map((k, i) => Math.floor(x.dims[i + 2]! / k) * k),
  );
}

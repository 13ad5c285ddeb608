/** Reductions. */

import { ensure } from "../error.ts";
import { intOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { axesOf, axisOf } from "../graph/shape.ts";
import { need } from "../ops/row.ts";
import { axesGiven } from "./move.ts";
import type { Operator, Operators } from "./operator.ts";
import { operator } from "./operator.ts";

const over = (reduce: (b: Build, x: Value, axes: readonly number[]) => Value): Operator =>
  operator("axes keepdims noop_with_empty_axes", (call) => {
    const { b, attributes } = call;
    const x = need(call.inputs, 0);
    const given = axesGiven(call);
    const none = given === undefined || given.length === 0;
    if (none && intOf(attributes, "noop_with_empty_axes", 0) === 1) return x;
    const axes = none ? [...x.dims.keys()] : axesOf(given, x.dims.length);
    const y = reduce(b, x, axes);
    return intOf(attributes, "keepdims", 1) === 1
      ? y
      : b.reshape(
          y,
          x.dims.filter((_, i) => !axes.includes(i)),
        );
  });

export const reductions: Operators = {
  ReduceSum: over((b, x, axes) => b.sum(x, axes)),
  ReduceMean: over((b, x, axes) => b.mean(x, axes)),
  ReduceMax: over((b, x, axes) => b.max(x, axes)),
  ReduceMin: over((b, x, axes) => b.min(x, axes)),
  ReduceL2: over((b, x, axes) => b.sqrt(b.sum(b.mul(x, x), axes))),
  ReduceSumSquare: over((b, x, axes) => b.sum(b.mul(x, x), axes)),
  ArgMax: operator("axis keepdims select_last_index", ({ b, inputs, attributes }) => {
    ensure(intOf(attributes, "select_last_index", 0) === 0, "Unsupported", "select_last_index");
    const x = need(inputs, 0);
    const axis = axisOf(intOf(attributes, "axis", 0), x.dims.length);
    const y = b.argMax(x, axis);
    const kept = x.dims.map((dim, i) => (i === axis ? 1 : dim));
    return intOf(attributes, "keepdims", 1) === 1 ? b.reshape(y, kept) : y;
  }),
};

/** Operators on shapes and places, most of which fold into constants in a model with fixed shapes. */

import { ensure } from "../error.ts";
import { int, intOf, intsOf, textOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { axesOf, axisOf } from "../graph/shape.ts";
import { numbersOf } from "../ops/move.ts";
import { enlarge } from "../ops/pool.ts";
import { need } from "../ops/row.ts";
import { elements, tensor } from "../tensor.ts";
import type { Call, Operators } from "./operator.ts";
import { operator } from "./operator.ts";

/** Axes that are an attribute in older operator sets and an input in newer ones; undefined when not given. */
export function axesGiven({ inputs, attributes }: Call, position = 1): number[] | undefined {
  if (attributes.axes !== undefined) return [...intsOf(attributes, "axes")];
  const input = inputs[position];
  return input === undefined ? undefined : numbersOf(input);
}

/** The target of a Reshape: 0 copies (unless `allowZero`), one -1 is inferred. */
function resolve(from: readonly number[], target: readonly number[], allowZero: boolean): number[] {
  const dims = target.map((dim, i) => (dim === 0 && !allowZero ? from[i] : dim));
  ensure(
    dims.every((dim) => dim !== undefined && dim >= -1),
    "BadShape",
    `[${from}] cannot become [${target}]`,
  );
  const known = (dims as number[]).filter((dim) => dim !== -1);
  ensure(dims.length - known.length <= 1, "BadShape", `[${target}] has more than one -1`);
  const rest = elements(from) / Math.max(1, elements(known));
  const resolved = (dims as number[]).map((dim) => (dim === -1 ? rest : dim));
  const fits = Number.isInteger(rest) && elements(resolved) === elements(from);
  ensure(
    fits,
    "BadShape",
    `[${from}] cannot become [${target}] (was the model exported with a fixed batch size?)`,
  );
  return resolved;
}

/** Slice with everything counted from the front and within bounds. */
function slice(
  b: Build,
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): Value {
  const lengths = [starts.length, ends.length, axes.length, steps.length];
  ensure(new Set(lengths).size === 1, "BadShape", `${lengths.join(", ")} starts, ends, axes and steps`);
  const at = axes.map((axis) => axisOf(axis, x.dims.length));
  ensure(new Set(at).size === at.length, "BadShape", `axes [${axes}] are not distinct`);
  const from: number[] = [];
  const to: number[] = [];
  at.forEach((axis, i) => {
    const dim = x.dims[axis]!;
    const step = steps[i]!;
    ensure(step !== 0, "BadShape", "a step is 0");
    const clamp = (index: number, low: number, high: number) =>
      Math.min(Math.max(index < 0 ? index + dim : index, low), high);
    from.push(step > 0 ? clamp(starts[i]!, 0, dim) : clamp(starts[i]!, 0, dim - 1));
    const end = step > 0 ? clamp(ends[i]!, 0, dim) : clamp(ends[i]!, -1, dim - 1);
    to.push(end === -1 ? -dim - 1 : end); // an end of -1 would mean the last element
  });
  const empty = at.some((_, i) => steps[i]! > 0 && to[i]! <= from[i]!);
  ensure(!empty, "BadShape", `starts [${starts}] and ends [${ends}] leave nothing of [${x.dims}]`);
  return b.slice(x, at, from, to, steps);
}

/** Rows of any axis; a fixed scalar index is a slice, which costs less. */
function gather(b: Build, x: Value, indices: Value, axis: number): Value {
  const rank = x.dims.length;
  const at = axisOf(axis, rank);
  if (indices.constant !== undefined && indices.dims.length === 0) {
    const index = axisOf(numbersOf(indices)[0]!, x.dims[at]!);
    return b.reshape(
      b.slice(x, [at], [index], [index + 1]),
      x.dims.filter((_, i) => i !== at),
    );
  }
  if (at === 0) return b.gather(x, indices);
  const others = [...Array(rank).keys()].filter((i) => i !== at);
  const rows = b.gather(b.transpose(x, [at, ...others]), indices);
  const places = indices.dims.length;
  const back = [...Array(at).keys()].map((i) => places + i);
  const after = others.slice(at).map((_, i) => places + at + i);
  return b.transpose(rows, [...back, ...Array(places).keys(), ...after]);
}

export const moves: Operators = {
  Reshape: operator("allowzero", ({ b, inputs, attributes }) => {
    const x = need(inputs, 0);
    return b.reshape(x, resolve(x.dims, numbersOf(need(inputs, 1)), intOf(attributes, "allowzero", 0) === 1));
  }),
  Flatten: operator("axis", ({ b, inputs, attributes }) => {
    const x = need(inputs, 0);
    const axis = intOf(attributes, "axis", 1);
    const at = axis === x.dims.length ? axis : axisOf(axis, x.dims.length);
    return b.reshape(x, [elements(x.dims.slice(0, at)), elements(x.dims.slice(at))]);
  }),
  Squeeze: operator("axes", (call) => {
    const x = need(call.inputs, 0);
    const given = axesGiven(call);
    const axes =
      given === undefined ? x.dims.flatMap((dim, i) => (dim === 1 ? [i] : [])) : axesOf(given, x.dims.length);
    ensure(
      axes.every((axis) => x.dims[axis] === 1),
      "BadShape",
      `axes [${axes}] of [${x.dims}] are not all 1`,
    );
    return call.b.reshape(
      x,
      x.dims.filter((_, i) => !axes.includes(i)),
    );
  }),
  Unsqueeze: operator("axes", (call) => {
    const x = need(call.inputs, 0);
    const given = axesGiven(call) ?? [];
    const dims = [...x.dims];
    for (const axis of axesOf(given, x.dims.length + given.length)) dims.splice(axis, 0, 1);
    return call.b.reshape(x, dims);
  }),
  Transpose: operator("perm", ({ b, inputs, attributes }) => {
    const x = need(inputs, 0);
    const perm = intsOf(attributes, "perm", [...x.dims.keys()].reverse());
    const valid = perm.length === x.dims.length && new Set(perm).size === perm.length;
    ensure(
      valid && perm.every((p) => p in x.dims),
      "BadShape",
      `[${perm}] is no permutation of ${x.dims.length} axes`,
    );
    return b.transpose(x, perm);
  }),
  Expand: operator("", ({ b, inputs }) => b.one("Expand", [need(inputs, 0), need(inputs, 1)])),
  Tile: operator("", ({ b, inputs }) => {
    const x = need(inputs, 0);
    const repeats = numbersOf(need(inputs, 1));
    ensure(
      repeats.length === x.dims.length && repeats.every((r) => r >= 1),
      "BadShape",
      `[${repeats}] repeats of [${x.dims}]`,
    );
    const apart = b.reshape(
      x,
      x.dims.flatMap((dim) => [1, dim]),
    );
    const spread = b.expand(
      apart,
      x.dims.flatMap((dim, i) => [repeats[i]!, dim]),
    );
    return b.reshape(
      spread,
      x.dims.map((dim, i) => dim * repeats[i]!),
    );
  }),
  Concat: operator("axis", ({ b, inputs, attributes }) => {
    const values = inputs.map((_, i) => need(inputs, i));
    return b.concat(values, axisOf(intOf(attributes, "axis"), need(inputs, 0).dims.length));
  }),
  Split: {
    attributes: ["axis", "split", "num_outputs"],
    make({ b, inputs, attributes, outputs }) {
      const x = need(inputs, 0);
      const axis = axisOf(intOf(attributes, "axis", 0), x.dims.length);
      const dim = x.dims[axis]!;
      const given =
        attributes.split === undefined ? inputs[1] && numbersOf(inputs[1]) : intsOf(attributes, "split");
      const even = Math.ceil(dim / outputs);
      const sizes = given ?? Array.from({ length: outputs }, (_, i) => Math.min(even, dim - i * even));
      const fits =
        sizes.length === outputs && sizes.every((s) => s > 0) && sizes.reduce((a, c) => a + c, 0) === dim;
      ensure(fits, "BadShape", `${dim} along axis ${axis} cannot be split into [${sizes}]`);
      return b.apply("Split", [x, b.indices(...sizes)], { axis: int(axis) });
    },
  },
  Slice: operator("", ({ b, inputs }) => {
    const x = need(inputs, 0);
    const [starts, ends] = [numbersOf(need(inputs, 1)), numbersOf(need(inputs, 2))];
    const axes = inputs[3] === undefined ? starts.map((_, i) => i) : numbersOf(inputs[3]);
    const steps = inputs[4] === undefined ? starts.map(() => 1) : numbersOf(inputs[4]);
    return slice(b, x, starts, ends, axes, steps);
  }),
  Pad: operator("mode", ({ b, inputs, attributes }) => {
    const mode = textOf(attributes, "mode", "constant");
    ensure(mode === "constant", "Unsupported", `mode ${mode}; only constant padding is supported`);
    const x = need(inputs, 0);
    const given = numbersOf(need(inputs, 1));
    const axes =
      inputs[3] === undefined
        ? [...x.dims.keys()]
        : numbersOf(inputs[3]).map((a) => axisOf(a, x.dims.length));
    ensure(given.length === 2 * axes.length, "BadShape", `${given.length} pads for ${axes.length} axes`);
    const pads = new Array<number>(2 * x.dims.length).fill(0);
    axes.forEach((axis, i) => {
      pads[axis] = given[i]!;
      pads[axis + x.dims.length] = given[i + axes.length]!;
    });
    const value = inputs[2] === undefined ? 0 : numbersOf(inputs[2])[0];
    return value === 0
      ? b.pad(x, pads)
      : b.one("Pad", [x, b.indices(...pads), inputs[2]], { mode: { type: "string", value: mode } });
  }),
  Gather: operator("axis", ({ b, inputs, attributes }) =>
    gather(b, need(inputs, 0), need(inputs, 1), intOf(attributes, "axis", 0)),
  ),
  Trilu: operator("upper", ({ b, inputs, attributes }) => {
    const x = need(inputs, 0);
    const [rows, columns] = x.dims.slice(-2) as [number, number];
    const diagonal = inputs[1] === undefined ? 0 : numbersOf(inputs[1])[0]!;
    const upper = intOf(attributes, "upper", 1) === 1;
    const inside = (i: number) => {
      const distance = (i % columns) - Math.floor(i / columns);
      return upper ? distance >= diagonal : distance <= diagonal;
    };
    const mask = tensor(
      "bool",
      [rows, columns],
      Uint8Array.from({ length: rows * columns }, (_, i) => (inside(i) ? 1 : 0)),
    );
    return b.where(b.graph.constant(mask), x, b.scalar(x, 0));
  }),
  Resize: operator(
    "coordinate_transformation_mode mode nearest_mode cubic_coeff_a",
    ({ b, inputs, attributes }) => {
      const x = need(inputs, 0);
      const sizes = inputs[3] && numbersOf(inputs[3]);
      const scales = sizes?.map((size, i) => size / x.dims[i]!) ?? numbersOf(need(inputs, 2));
      const whole =
        x.dims.length === 4 &&
        scales.length === 4 &&
        scales.every((s, i) => (i < 2 ? s === 1 : Number.isInteger(s) && s >= 1));
      const modes = ["mode", "coordinate_transformation_mode", "nearest_mode"].map((name, i) =>
        textOf(attributes, name, ["nearest", "half_pixel", "round_prefer_floor"][i]),
      );
      // Both ways of counting repeat every element when the factor is whole.
      const repeats = /^nearest,(asymmetric,floor|(pytorch_)?half_pixel,round_prefer_(floor|ceil))$/.test(
        `${modes}`,
      );
      const what = `${modes.join(", ")} by [${scales}]`;
      ensure(
        whole && repeats,
        "Unsupported",
        `${what}: only nearest-neighbour enlargement of images by whole factors`,
      );
      return enlarge(b, x, scales.slice(2));
    },
  ),
};

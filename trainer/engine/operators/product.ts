/** Products and convolutions. */

import { EngineError, ensure } from "../error.ts";
import type { Attributes } from "../graph/attribute.ts";
import { floatOf, intOf, ints, intsOf, textOf } from "../graph/attribute.ts";
import type { Build, Window } from "../graph/build.ts";
import { windowAttributes } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { need } from "../ops/row.ts";
import type { Call, Operators } from "./operator.ts";
import { operator } from "./operator.ts";

export const products: Operators = {
  Gemm: operator("alpha beta transA transB", ({ b, inputs, attributes }) => {
    const [x, w, c] = [need(inputs, 0), need(inputs, 1), inputs[2]];
    const product = b.gemm(x, w, {
      transA: intOf(attributes, "transA", 0) === 1,
      transB: intOf(attributes, "transB", 0) === 1,
    });
    const scaled = b.scale(product, floatOf(attributes, "alpha", 1));
    return c === undefined ? scaled : b.add(scaled, b.scale(c, floatOf(attributes, "beta", 1)));
  }),

  /** A vector is a row on the left and a column on the right. */
  MatMul: operator("", ({ b, inputs }) => {
    const [x, y] = [need(inputs, 0), need(inputs, 1)];
    const left = x.dims.length === 1 ? b.reshape(x, [1, ...x.dims]) : x;
    const right = y.dims.length === 1 ? b.reshape(y, [...y.dims, 1]) : y;
    const product = b.matmul(left, right);
    const rows = x.dims.length === 1 ? [] : product.dims.slice(-2, -1);
    const columns = y.dims.length === 1 ? [] : product.dims.slice(-1);
    return b.reshape(product, [...product.dims.slice(0, -2), ...rows, ...columns]);
  }),

  Conv: operator("auto_pad dilations group kernel_shape pads strides", (call) => {
    const { b, inputs, attributes } = call;
    const { x, w, flat } = overTwoAxes(call);
    checkKernel(attributes, need(inputs, 1));
    const window = {
      group: intOf(attributes, "group", 1),
      ...windowGiven(attributes, x.dims, w.dims.slice(2), flat),
    };
    return flat(b.conv(x, w, window, inputs[2]));
  }),

  ConvTranspose: operator(
    "auto_pad dilations group kernel_shape output_padding output_shape pads strides",
    (call) => {
      const { b, inputs, attributes } = call;
      const { x, w, flat } = overTwoAxes(call);
      checkKernel(attributes, need(inputs, 1));
      const fixed =
        attributes.output_shape === undefined && textOf(attributes, "auto_pad", "NOTSET") === "NOTSET";
      ensure(
        fixed,
        "Unsupported",
        "output_shape and auto_pad are not supported: give pads and output_padding",
      );
      const window = {
        group: intOf(attributes, "group", 1),
        ...windowGiven(attributes, x.dims, w.dims.slice(2), flat),
      };
      const spatial = need(inputs, 0).dims.length - 2;
      const extra = intsOf(attributes, "output_padding", new Array<number>(spatial).fill(0));
      const valid = extra.length === spatial && extra.every((e) => Number.isInteger(e) && e >= 0 && e <= 64);
      ensure(valid, "BadShape", `output_padding [${extra}] for ${spatial} axes`);
      const padding = spatial === 1 ? [0, ...extra] : extra;
      const product = b.one("ConvTranspose", inputs[2] === undefined ? [x, w] : [x, w, inputs[2]], {
        ...windowAttributes(w, window),
        output_padding: ints(padding),
      });
      return flat(product);
    },
  ),
};

interface Flat {
  (y: Value): Value;
  readonly one: boolean;
}

/** A sequence is an image of height 1; `flat` makes the result a sequence again. */
export function overTwoAxes({ b, inputs }: Pick<Call, "b" | "inputs">): { x: Value; w: Value; flat: Flat } {
  const [x, w] = [need(inputs, 0), inputs[1] ?? need(inputs, 0)];
  const rank = x.dims.length;
  if (rank !== 3 && rank !== 4)
    throw new EngineError("Unsupported", `[${x.dims}]: one or two axes beside N and C are supported`);
  ensure(w.dims.length === rank, "BadShape", `[${x.dims}] and [${w.dims}] are not of one rank`);
  const one = rank === 3;
  const image = (v: Value) => (one ? b.reshape(v, [v.dims[0]!, v.dims[1]!, 1, v.dims[2]!]) : v);
  const flat = (y: Value) => (one ? b.reshape(y, [y.dims[0]!, y.dims[1]!, y.dims[3]!]) : y);
  return { x: image(x), w: image(w), flat: Object.assign(flat, { one }) };
}

/** Strides, pads and dilations for two axes, with defaults filled in and `auto_pad` worked out. */
export function windowGiven(
  attributes: Attributes,
  dims: readonly number[],
  kernel: readonly number[],
  { one }: Flat,
): Window {
  const given = (name: string, value: number, low: number, count: number): number[] => {
    const list = [...intsOf(attributes, name, new Array<number>(count).fill(value))];
    const valid = list.length === count && list.every((n) => n >= low && n <= 65536);
    ensure(valid, "BadShape", `${name} [${list}]: expected ${count} numbers of at least ${low}`);
    return list;
  };
  const axes = one ? 1 : 2;
  const widen = (list: number[], value: number) => (one ? [value, ...list] : list);
  const strides = widen(given("strides", 1, 1, axes), 1);
  const dilations = widen(given("dilations", 1, 1, axes), 1);
  const explicit = given("pads", 0, 0, 2 * axes);
  const pads = one ? [0, explicit[0]!, 0, explicit[1]!] : explicit;

  const auto = textOf(attributes, "auto_pad", "NOTSET");
  if (auto === "NOTSET") return { strides, pads, dilations };
  if (auto === "VALID") return { strides, pads: [0, 0, 0, 0], dilations };
  ensure(auto === "SAME_UPPER" || auto === "SAME_LOWER", "Unsupported", `auto_pad ${auto}`);
  const missing = [0, 1].map((i) => {
    const dim = dims[i + 2]!;
    const covered = (Math.ceil(dim / strides[i]!) - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1;
    return Math.max(0, covered - dim);
  });
  const less = missing.map((m) => Math.floor(m / 2));
  const more = missing.map((m) => Math.ceil(m / 2));
  return { strides, dilations, pads: auto === "SAME_UPPER" ? [...less, ...more] : [...more, ...less] };
}

function checkKernel(attributes: Attributes, w: Value): void {
  const kernel = intsOf(attributes, "kernel_shape", w.dims.slice(2));
  ensure(
    `${kernel}` === `${w.dims.slice(2)}`,
    "BadShape",
    `kernel_shape [${kernel}] is not that of weights [${w.dims}]`,
  );
}

/** One number per channel, in a shape that broadcasts to [N, C, …]. */
export function perChannel(b: Build, x: Value, values: Value): Value {
  ensure(
    values.dims.length === 1 && values.dims[0] === x.dims[1],
    "BadShape",
    `[${values.dims}] for ${x.dims[1]} channels`,
  );
  return b.reshape(values, [x.dims[1]!, ...x.dims.slice(2).map(() => 1)]);
}

/** Operators of quantised models: 8-bit operands, and floats on their way to and from them. Nothing is trained through them. */

import { ensure } from "../error.ts";
import { int, intOf } from "../graph/attribute.ts";
import { windowAttributes } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { axisOf } from "../graph/shape.ts";
import { need } from "../ops/row.ts";
import { elements } from "../tensor.ts";
import type { Call, Operator, Operators } from "./operator.ts";
import { operator } from "./operator.ts";
import { overTwoAxes, windowGiven } from "./product.ts";

/** A convolution whose weights are at place `w`; one axis is written as two. */
const convolution = (w: number): Operator =>
  operator("auto_pad dilations group kernel_shape pads strides", ({ b, op, inputs, attributes }) => {
    const flat = overTwoAxes({ b, inputs: [need(inputs, 0), need(inputs, w)] });
    const window = {
      group: intOf(attributes, "group", 1),
      ...windowGiven(attributes, flat.x.dims, flat.w.dims.slice(2), flat.flat),
    };
    const moved = inputs.map((input, i) => (i === 0 ? flat.x : i === w ? flat.w : input));
    return flat.flat(b.one(op, moved, windowAttributes(flat.w, window)));
  });

const product: Operator = operator("", ({ b, op, inputs }) => b.one(op, inputs));

const quantisation: Operator = operator("axis saturate", ({ b, op, inputs, attributes }: Call) => {
  const x = need(inputs, 0);
  const one = elements(need(inputs, 1).dims) === 1;
  if (one) return b.one(op, inputs);
  return b.one(op, inputs, { axis: int(axisOf(intOf(attributes, "axis", 1), x.dims.length)) });
});

export const integers: Operators = {
  MatMulInteger: product,
  QLinearMatMul: product,
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  QuantizeLinear: quantisation,
  DequantizeLinear: quantisation,
  DynamicQuantizeLinear: {
    attributes: [],
    make: ({ b, op, inputs }) => b.apply(op, [need(inputs, 0)]),
  },
  Round: operator("", ({ b, inputs }) => b.one("Round", [need(inputs, 0)])),
  Mod: operator("fmod", ({ b, inputs, attributes }) => {
    const [x, y] = [need(inputs, 0), need(inputs, 1)];
    const whole = (value: Value) => !value.dtype.startsWith("float");
    const fits = whole(x) && whole(y) && intOf(attributes, "fmod", 0) === 0;
    ensure(
      fits,
      "Unsupported",
      "only the remainder of whole numbers with the divisor's sign (fmod 0) is supported",
    );
    return b.one("Mod", [x, y]);
  }),
};

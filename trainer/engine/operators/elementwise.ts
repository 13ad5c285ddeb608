/** Elementwise operators: most are rows themselves, the rest are written with them. */

import { ensure } from "../error.ts";
import { floatOf, textOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { need } from "../ops/row.ts";
import type { Call, Operator, Operators } from "./operator.ts";
import { operator } from "./operator.ts";

const unaries = [
  "Neg",
  "Abs",
  "Sign",
  "Reciprocal",
  "Exp",
  "Log",
  "Sqrt",
  "Sin",
  "Cos",
  "Tanh",
  "Sigmoid",
  "Erf",
  "Relu",
  "Floor",
  "Ceil",
  "Not",
];
const binaries = ["Add", "Sub", "Mul", "Div", "Equal", "Less", "And", "Or"];

const asRow = (arity: number): Operator =>
  operator("", ({ b, op, inputs }) =>
    b.one(
      op,
      Array.from({ length: arity }, (_, i) => need(inputs, i)),
    ),
  );

/** A function of the first input. */
const of1 = (attributes: string, make: (b: Build, x: Value, call: Call) => Value): Operator =>
  operator(attributes, (call) => make(call.b, need(call.inputs, 0), call));

/** A function of the first two inputs. */
const of2 = (make: (b: Build, x: Value, y: Value) => Value): Operator =>
  operator("", ({ b, inputs }) => make(b, need(inputs, 0), need(inputs, 1)));

/** Any number of inputs, joined from the left. */
const ofMany = (op: string): Operator =>
  operator("", ({ b, inputs }) => inputs.map((_, i) => need(inputs, i)).reduce((x, y) => b.one(op, [x, y])));

const clamp01 = (b: Build, x: Value): Value => b.one("Clip", [x, b.scalar(x, 0), b.scalar(x, 1)]);
const negative = (b: Build, x: Value): Value => b.less(x, b.scalar(x, 0));
/** log(1 + e^x), which must not overflow: max(x, 0) + log(1 + e^-|x|). */
export const softplus = (b: Build, x: Value): Value =>
  b.add(b.one("Relu", [x]), b.log(b.add(b.exp(b.neg(b.one("Abs", [x]))), b.scalar(x, 1))));

/** scale * (x if x >= 0 else alpha (e^x - 1)); the exponent is kept from overflowing where it is not used. */
function elu(b: Build, x: Value, alpha: number, scale: number): Value {
  const below = b.one("Min", [x, b.scalar(x, 0)]);
  const curve = b.scale(b.sub(b.exp(below), b.scalar(x, 1)), alpha);
  return b.scale(b.where(negative(b, x), curve, x), scale);
}

/** Exponents that occur in models are written with cheaper operators. */
function power(b: Build, x: Value, exponent: Value): Value {
  const n = exponent.constant?.data.length === 1 ? Number(exponent.constant.data[0]) : undefined;
  if (n === 1) return x;
  if (n === 2) return b.mul(x, x);
  if (n === 3) return b.mul(b.mul(x, x), x);
  if (n === 0.5) return b.sqrt(x);
  if (n === -1) return b.reciprocal(x);
  return b.one("Pow", [x, b.cast(exponent, x.dtype)]);
}

/** Hendrycks and Gimpel 2016, exactly or by the tangent. */
function gelu(b: Build, x: Value, approximate: string): Value {
  ensure(approximate === "none" || approximate === "tanh", "Unsupported", `approximate is ${approximate}`);
  const inner =
    approximate === "none"
      ? b.erf(b.scale(x, Math.SQRT1_2))
      : b.one("Tanh", [b.scale(b.add(x, b.scale(b.mul(b.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))]);
  return b.mul(b.scale(x, 0.5), b.add(inner, b.scalar(x, 1)));
}

export const elementwise: Operators = {
  ...Object.fromEntries(unaries.map((op) => [op, asRow(1)])),
  ...Object.fromEntries(binaries.map((op) => [op, asRow(2)])),
  Where: asRow(3),
  Identity: of1("", (_, x) => x),
  Pow: of2(power),
  Max: ofMany("Max"),
  Min: ofMany("Min"),
  Sum: ofMany("Add"),
  Greater: of2((b, x, y) => b.less(y, x)),
  GreaterOrEqual: of2((b, x, y) => b.not(b.less(x, y))),
  LessOrEqual: of2((b, x, y) => b.not(b.less(y, x))),
  Clip: operator("", ({ b, inputs }) => b.one("Clip", [need(inputs, 0), inputs[1], inputs[2]])),

  LeakyRelu: of1("alpha", (b, x, { attributes }) => b.one("LeakyRelu", [x], attributes)),
  PRelu: of2((b, x, slope) => b.sub(b.one("Relu", [x]), b.mul(slope, b.one("Relu", [b.neg(x)])))),
  Elu: of1("alpha", (b, x, { attributes }) => elu(b, x, floatOf(attributes, "alpha", 1), 1)),
  Selu: of1("alpha gamma", (b, x, { attributes }) =>
    elu(
      b,
      x,
      floatOf(attributes, "alpha", 1.6732632423543772),
      floatOf(attributes, "gamma", 1.0507009873554805),
    ),
  ),
  Softplus: of1("", softplus),
  Softsign: of1("", (b, x) => b.div(x, b.add(b.one("Abs", [x]), b.scalar(x, 1)))),
  HardSigmoid: of1("alpha beta", (b, x, { attributes }) =>
    clamp01(
      b,
      b.add(b.scale(x, floatOf(attributes, "alpha", 0.2)), b.scalar(x, floatOf(attributes, "beta", 0.5))),
    ),
  ),
  HardSwish: of1("", (b, x) => b.mul(x, clamp01(b, b.add(b.scale(x, 1 / 6), b.scalar(x, 0.5))))),
  Mish: of1("", (b, x) => b.mul(x, b.one("Tanh", [softplus(b, x)]))),
  Gelu: of1("approximate", (b, x, { attributes }) => gelu(b, x, textOf(attributes, "approximate", "none"))),

  Cast: operator("to saturate", ({ b, inputs, attributes }) =>
    b.one("Cast", [need(inputs, 0)], { to: attributes.to! }),
  ),
  CastLike: of2((b, x, like) => b.cast(x, like.dtype)),
};

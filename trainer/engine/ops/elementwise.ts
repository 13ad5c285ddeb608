/** Operators that treat every element alike. */
import { ensure } from "../error.ts";
import type { Array64 } from "../graph/array64.ts";
import { array64, broadcastSteps, walk } from "../graph/array64.ts";
import { floatOf, int, intOf, ints } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import { dtypeOf } from "../graph/element-type.ts";
import type { Node, Value } from "../graph/graph.ts";
import { broadcast, sameDims } from "../graph/shape.ts";
import { elements } from "../tensor.ts";
import { erf } from "./erf.ts";
import { need, type Row, type Rows } from "./row.ts";

type Scalar1 = (x: number, node: Node) => number;
type Scalar2 = (x: number, y: number, node: Node) => number;

/** A function of one value; `gradient` gives dx. */
function unary(f: Scalar1, gradient?: (b: Build, dy: Value, x: Value, y: Value, node: Node) => Value): Row {
  return {
    broadcasts: true,
    shape: (inputs) => [need(inputs, 0)],
    evaluate64: ([x], node) => [
      array64(
        x!.dims,
        x!.data.map((v) => f(v, node)),
      ),
    ],
    ...(gradient && {
      gradient: (b, node, dy) => [gradient(b, dy, need(node.inputs, 0), node.outputs[0]!, node)],
    }),
  };
}

/** A function of two values of one type, broadcast to each other; `gradient` gives da and db before they are summed. */
function binary(
  f: Scalar2,
  gradient?: (b: Build, dy: Value, x: Value, z: Value, y: Value) => readonly [Value, Value],
  result?: "bool",
): Row {
  return {
    broadcasts: true,
    shape(inputs) {
      const [a, b] = [need(inputs, 0), need(inputs, 1)];
      ensure(
        a.dtype === b.dtype,
        "BadShape",
        `its inputs are ${a.dtype} and ${b.dtype}, they must be of one type`,
      );
      return [{ dtype: result ?? a.dtype, dims: broadcast(a.dims, b.dims) }];
    },
    evaluate64: (arrays, node) => [mapBroadcast(arrays as Array64[], ([x, y]) => f(x!, y!, node))],
    ...(gradient && {
      gradient(build, node, dy) {
        const [a, b] = [need(node.inputs, 0), need(node.inputs, 1)];
        const y = node.outputs[0]!;
        const [da, db] = gradient(build, dy, a, b, y);
        return [build.sumTo(da, y.dims, a.dims), build.sumTo(db, y.dims, b.dims)];
      },
    }),
  };
}

/** dy where `f`, nothing elsewhere. */
const masked = (b: Build, dy: Value, mask: Value): Value => b.mul(dy, b.cast(mask, dy.dtype));

/** Gradient of a maximum of (x, z), where x wins if `greater`; equal values share it, as in PyTorch. */
function winners(b: Build, dy: Value, greater: Value, x: Value, z: Value): readonly [Value, Value] {
  const first = b.add(b.cast(greater, dy.dtype), b.scale(b.cast(b.equal(x, z), dy.dtype), 0.5));
  const dx = b.mul(dy, first);
  return [dx, b.sub(dy, dx)];
}

const integral = (node: Node): boolean => !node.outputs[0]!.dtype.startsWith("float");

export const elementwise: Rows = {
  Identity: unary(
    (x) => x,
    (_, dy) => dy,
  ),
  Neg: unary(
    (x) => -x,
    (b, dy) => b.neg(dy),
  ),
  Abs: unary(Math.abs, (b, dy, x) => b.mul(dy, b.one("Sign", [x]))),
  Sign: unary(Math.sign),
  Reciprocal: unary(
    (x) => 1 / x,
    (b, dy, _, y) => b.neg(b.mul(dy, b.mul(y, y))),
  ),
  Exp: unary(Math.exp, (b, dy, _, y) => b.mul(dy, y)),
  Log: {
    ...unary(Math.log, (b, dy, x) => b.div(dy, x)),
    lower: (b, { inputs }) => [lowerLog(b, need(inputs, 0))],
  },
  Sqrt: unary(Math.sqrt, (b, dy, _, y) => b.div(b.scale(dy, 0.5), y)),
  Sin: unary(Math.sin, (b, dy, x) => b.mul(dy, b.one("Cos", [x]))),
  Cos: unary(Math.cos, (b, dy, x) => b.neg(b.mul(dy, b.one("Sin", [x])))),
  Tanh: unary(Math.tanh, (b, dy, _, y) => b.mul(dy, b.sub(b.scalar(y, 1), b.mul(y, y)))),
  Sigmoid: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    (b, dy, _, y) => b.mul(dy, b.mul(y, b.sub(b.scalar(y, 1), y))),
  ),
  Erf: unary(erf, (b, dy, x) => b.mul(dy, b.scale(b.exp(b.neg(b.mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  Relu: {
    ...unary(
      (x) => Math.max(x, 0),
      (b, dy, _, y) => masked(b, dy, b.less(b.scalar(y, 0), y)),
    ),
    // ONNX Runtime has no kernel of it for int64.
    lower: (b, { op, inputs: [x] }) => [
      x!.dtype === "int64" ? b.one("Max", [x!, b.scalar(x!, 0)]) : b.one(op, [x]),
    ],
  },
  LeakyRelu: unary(
    (x, node) => (x < 0 ? x * floatOf(node.attributes, "alpha", 0.01) : x),
    (b, dy, x, _, node) => {
      const slope = b.scalar(dy, floatOf(node.attributes, "alpha", 0.01));
      return b.where(b.less(x, b.scalar(x, 0)), b.mul(dy, slope), dy);
    },
  ),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Not: {
    ...unary((x) => (x === 0 ? 1 : 0)),
    shape: (inputs) => [{ dtype: "bool", dims: need(inputs, 0).dims }],
  },

  Add: binary(
    (x, y) => x + y,
    (_, dy) => [dy, dy],
  ),
  Sub: binary(
    (x, y) => x - y,
    (b, dy) => [dy, b.neg(dy)],
  ),
  Mul: binary(
    (x, y) => x * y,
    (b, dy, x, z) => [b.mul(dy, z), b.mul(dy, x)],
  ),
  Div: binary(
    (x, y, node) => (integral(node) ? Math.trunc(x / y) : x / y),
    (b, dy, _, z, y) => {
      const dx = b.div(dy, z);
      return [dx, b.neg(b.mul(dx, y))];
    },
  ),
  Pow: binary(
    (x, y) => x ** y,
    (b, dy, x, z, y) => {
      const dx = b.mul(dy, b.mul(z, b.one("Pow", [x, b.sub(z, b.scalar(z, 1))])));
      // The logarithm exists for positive bases only; elsewhere the exponent has no gradient.
      const positive = b.less(b.scalar(x, 0), x);
      const logarithm = b.log(b.where(positive, x, b.scalar(x, 1)));
      return [dx, b.mul(dy, b.mul(y, logarithm))];
    },
  ),
  Max: binary(
    (x, y) => Math.max(x, y),
    (b, dy, x, z) => winners(b, dy, b.less(z, x), x, z),
  ),
  Min: binary(
    (x, y) => Math.min(x, y),
    (b, dy, x, z) => winners(b, dy, b.less(x, z), x, z),
  ),
  Mod: binary((x, y) => x - y * Math.floor(x / y)),
  Equal: binary((x, y) => (x === y ? 1 : 0), undefined, "bool"),
  Less: binary((x, y) => (x < y ? 1 : 0), undefined, "bool"),
  And: binary((x, y) => (x !== 0 && y !== 0 ? 1 : 0), undefined, "bool"),
  Or: binary((x, y) => (x !== 0 || y !== 0 ? 1 : 0), undefined, "bool"),

  /** Between two constants; at either bound the gradient is 0, as PyTorch's Hardtanh and ReLU6 have it. */
  Clip: {
    broadcasts: true,
    shape: (inputs) => [need(inputs, 0)],
    evaluate64([x, low, high]) {
      const [from, to] = [low?.data[0] ?? -Infinity, high?.data[0] ?? Infinity];
      return [
        array64(
          x!.dims,
          x!.data.map((v) => Math.min(Math.max(v, from), to)),
        ),
      ];
    },
    gradient(b, { inputs: [x, low, high] }, dy) {
      const inside = [low && b.less(low, x!), high && b.less(x!, high)].filter((mask) => mask !== undefined);
      return [inside.reduce((d, mask) => masked(b, d, mask), dy), undefined, undefined];
    },
  },

  Where: {
    broadcasts: true,
    shape(inputs) {
      const [condition, a, b] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
      ensure(condition.dtype === "bool", "BadShape", `its condition is ${condition.dtype}, expected bool`);
      ensure(
        a.dtype === b.dtype,
        "BadShape",
        `its branches are ${a.dtype} and ${b.dtype}, they must be of one type`,
      );
      return [{ dtype: a.dtype, dims: broadcast(condition.dims, broadcast(a.dims, b.dims)) }];
    },
    evaluate64: (arrays) => [mapBroadcast(arrays as Array64[], ([c, x, y]) => (c !== 0 ? x! : y!))],
    gradient(b, { inputs: [condition, x, z], outputs: [y] }, dy) {
      const chosen = b.cast(condition!, dy.dtype);
      const dx = b.mul(dy, chosen);
      const dz = b.mul(dy, b.sub(b.scalar(dy, 1), chosen));
      return [undefined, b.sumTo(dx, y!.dims, x!.dims), b.sumTo(dz, y!.dims, z!.dims)];
    },
  },

  Cast: {
    broadcasts: true,
    shape: (inputs, attributes) => [{ dtype: dtypeOf(intOf(attributes, "to")), dims: need(inputs, 0).dims }],
    evaluate64: ([x], node) => [array64(x!.dims, x!.data.map(rounding(node.outputs[0]!.dtype)))],
    gradient: (b, { inputs: [x] }, dy) => [b.cast(dy, x!.dtype)],
  },
};

/**
 * ONNX Runtime's Log computes what is left over of a vector by another routine, and where that is depends on the number
 * of threads. The logarithm of a "sum" over one element each has one routine for all.
 */
function lowerLog(b: Build, x: Value): Value {
  const column = b.reshape(x, [elements(x.dims), 1]);
  return b.reshape(b.one("ReduceLogSum", [column], { axes: ints([1]), keepdims: int(0) }), x.dims);
}

function mapBroadcast(arrays: readonly Array64[], f: (values: readonly number[]) => number): Array64 {
  const dims = arrays.map((a) => a.dims).reduce(broadcast);
  const columns = arrays.map((a) => {
    if (sameDims(a.dims, dims)) return a.data;
    const spread = array64(dims);
    walk(dims, broadcastSteps(a.dims, dims), 0, (i, offset) => {
      spread.data[i] = a.data[offset]!;
    });
    return spread.data;
  });
  return array64(
    dims,
    Float64Array.from(columns[0]!, (_, i) => f(columns.map((column) => column[i]!))),
  );
}

function rounding(dtype: string): (x: number) => number {
  if (dtype === "bool") return (x) => (x === 0 ? 0 : 1);
  return dtype.startsWith("float") ? (x) => x : Math.trunc;
}

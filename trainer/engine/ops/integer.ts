/**
 * Products and convolutions of 8-bit integers. In the file both operands are unsigned: ONNX Runtime's kernels for unsigned
 * times signed saturate in the middle of a sum on processors without VNNI, so their results depend on the machine.
 */
import { ensure } from "../error.ts";
import type { Array64 } from "../graph/array64.ts";
import { array64, toArray64 } from "../graph/array64.ts";
import { int } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import { elementType } from "../graph/element-type.ts";
import type { Inputs, Node, Value } from "../graph/graph.ts";
import { elements, tensor } from "../tensor.ts";
import { convolutions } from "./convolution.ts";
import { products } from "./product.ts";
import { checkScale, halfToEven, isByte, saturated } from "./quantise.ts";
import { need, type Row, type Rows } from "./row.ts";

/** An operator of 8-bit operands is a product of integers, and for some a rounding to 8 bits after it. */
interface Layout {
  /** Places of the operands, of their zero points, and of a 32-bit bias. */
  readonly x: number;
  readonly w: number;
  readonly xZero: number;
  readonly wZero: number;
  readonly bias?: number;
  /** Places of the scales of x, w and y, and of y's zero point. */
  readonly scales?: readonly [number, number, number];
  readonly yZero?: number;
  readonly product: Row;
  /** Which axis of the result the weights' scales change along. */
  readonly axis: number;
}

const integerProduct = { x: 0, w: 1, xZero: 2, wZero: 3 };
const scaledProduct = { x: 0, w: 3, xZero: 2, wZero: 5, scales: [1, 4, 6], yZero: 7 } as const;
const matmul = products.MatMul!;
const conv = convolutions.Conv!;

export const integers: Rows = {
  MatMulInteger: integer({ ...integerProduct, product: matmul, axis: -1 }),
  ConvInteger: integer({ ...integerProduct, product: conv, axis: 1 }),
  QLinearMatMul: integer({ ...scaledProduct, product: matmul, axis: -1 }),
  QLinearConv: integer({ ...scaledProduct, bias: 8, product: conv, axis: 1 }),
};

function integer(layout: Layout): Row {
  const { product } = layout;
  /** The node as if its operands were 32-bit integers without zero points. */
  const plain = (node: Node): Node => ({ ...node, inputs: wide(layout, node.inputs) });
  return {
    shape(inputs, attributes) {
      const dims = product.shape(wide(layout, inputs), attributes)[0]!.dims;
      checkOthers(layout, inputs, dims.at(layout.axis)!);
      return [{ dtype: layout.yZero === undefined ? "int32" : need(inputs, layout.yZero).dtype, dims }];
    },
    flop: (node) => product.flop!(plain(node)),
    evaluate64: (arrays, node) => [rounded(layout, arrays, node, sumOf(layout, arrays, plain(node)))],
    lower: (b, node) => [unsigned(layout, b, node)],
  };
}

function wide({ x, w, bias }: Layout, inputs: Inputs): Inputs {
  const [p, q] = [need(inputs, x), need(inputs, w)];
  ensure(isByte(p) && isByte(q), "BadShape", `its operands are ${p.dtype} and ${q.dtype}, not of 8 bits`);
  const addend = bias === undefined ? undefined : inputs[bias];
  const operands = [p, q, ...(addend === undefined ? [] : [addend])];
  return operands.map(({ id, dims }): Value => ({ id, dims, dtype: "int32" }));
}

/** Scales and zero points; those of the weights may be one for each channel or column, of which `count` there are. */
function checkOthers(
  { x, w, xZero, wZero, bias, scales, yZero }: Layout,
  inputs: Inputs,
  count: number,
): void {
  const zeros = [
    [inputs[xZero], need(inputs, x).dtype, 1, "x"],
    [inputs[wZero], need(inputs, w).dtype, count, "w"],
  ] as const;
  for (const [zero, dtype, size, of] of zeros)
    if (zero !== undefined) checkScale(zero, dtype, size, `the zero point of ${of}`);
  if (scales !== undefined) {
    const [sx, sw, sy] = scales.map((place) => need(inputs, place)) as [Value, Value, Value];
    checkScale(sx, "float32", 1, "the scale of x");
    checkScale(sw, "float32", count, "the scale of w");
    checkScale(sy, "float32", 1, "the scale of y");
  }
  if (yZero !== undefined) {
    const zero = need(inputs, yZero);
    const fits = zero.dtype === need(inputs, x).dtype;
    ensure(
      fits,
      "Unsupported",
      `gives ${zero.dtype} for ${need(inputs, x).dtype}: one type for both is supported`,
    );
    checkScale(zero, zero.dtype, 1, "the zero point of y");
  }
  const addend = bias === undefined ? undefined : inputs[bias];
  ensure(
    addend === undefined || addend.dtype === "int32",
    "BadShape",
    `its bias is ${addend?.dtype}, not int32`,
  );
}

/** The exact sums: below 2^53 in doubles, where an operand of 8 bits allows 2^36 summands. */
function sumOf({ x, w, xZero, wZero, bias, product, axis }: Layout, arrays: Arrays, node: Node): Array64 {
  const [p, q] = [arrays[x]!, arrays[w]!];
  // Of weights [M, …] the first axis is the channel, of matrices the last.
  const columns = q.dims.at(-1)!;
  const inner = axis === -1 ? 1 : elements(q.dims.slice(1));
  const channel = (place: number) => (axis === -1 ? place % columns : Math.floor(place / inner));
  const operands = [less(p, arrays[xZero], () => 0), less(q, arrays[wZero], channel)];
  const addend = bias === undefined ? undefined : arrays[bias];
  return product.evaluate64(addend === undefined ? operands : [...operands, addend], node)[0]!;
}

type Arrays = readonly (Array64 | undefined)[];

function less(x: Array64, zero: Array64 | undefined, place: (i: number) => number): Array64 {
  if (zero === undefined) return x;
  const zeros = zero.data;
  return array64(
    x.dims,
    x.data.map((v, i) => v - zeros[zeros.length === 1 ? 0 : place(i)]!),
  );
}

/** Sums to 8 bits: by one factor in single precision, to the nearest, half to even. */
function rounded({ scales, yZero, axis }: Layout, arrays: Arrays, node: Node, sum: Array64): Array64 {
  if (scales === undefined) return sum;
  const [sx, sw, sy] = scales.map((place) => arrays[place]!.data) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const factors = Array.from(sw, (s) => Math.fround(Math.fround(sx[0]! * s) / sy[0]!));
  const inner = axis === -1 ? 1 : elements(sum.dims.slice(2));
  const zero = arrays[yZero!]!.data[0]!;
  const { dtype } = node.outputs[0]!;
  return array64(
    sum.dims,
    sum.data.map((v, i) => {
      const factor = factors[Math.floor(i / inner) % factors.length]!;
      return saturated(dtype, halfToEven(Math.fround(Math.fround(v) * factor)) + zero);
    }),
  );
}

/** The same with unsigned operands: 128 more on both sides of every difference. */
function unsigned(layout: Layout, b: Build, { op, inputs, attributes, outputs }: Node): Value {
  const { x, w, xZero, wZero, yZero } = layout;
  const moved = [...inputs];
  for (const [operand, zero] of [
    [x, xZero],
    [w, wZero],
  ] as const) {
    const value = need(inputs, operand);
    if (value.dtype === "uint8") continue;
    moved[operand] = shifted(b, value);
    moved[zero] = shifted(b, inputs[zero] ?? b.scalar(value, 0));
  }
  const signed = outputs[0]!.dtype === "int8";
  if (signed) moved[yZero!] = shifted(b, need(inputs, yZero!));
  const y = b.one(op, moved, attributes);
  if (!signed) return y;
  const back = b.sub(b.cast(y, "int32"), b.scalar({ dtype: "int32" }, 128));
  return b.cast(back, "int8");
}

/** An int8 value as uint8, 128 more. */
function shifted(b: Build, value: Value): Value {
  if (value.constant !== undefined) {
    const { data } = toArray64(value.constant);
    return b.graph.constant(
      tensor(
        "uint8",
        value.dims,
        Uint8Array.from(data, (v) => v + 128),
      ),
    );
  }
  const more = b.add(b.cast(value, "int32"), b.scalar({ dtype: "int32" }, 128));
  return b.one("Cast", [more], { to: int(elementType.uint8) });
}

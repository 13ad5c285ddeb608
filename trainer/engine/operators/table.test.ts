import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { inferProgram } from "../evaluate.ts";
import type { Attribute } from "../graph/attribute.ts";
import { float, int, ints, text } from "../graph/attribute.ts";
import { readModel } from "../onnx/read.ts";
import type { Tensor } from "../tensor.ts";
import { elements, tensor } from "../tensor.ts";
import { compose, node } from "../testing/compose.ts";
import { fromOrt, openLocal, sessionOptions, toOrt } from "../testing/local-session.ts";
import { operators } from "./table.ts";

/** A node on x [4, …], which is between `low` and `high`, with more inputs that are constants or made like x. */
interface Case {
  readonly op: string;
  readonly dims?: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly more?: readonly (Tensor | readonly number[] | undefined)[];
  readonly low?: number;
  readonly opset?: number;
  readonly outputs?: number;
  /** Written around the node: what it reads is cast to this, and what it makes cast back. */
  readonly as?: "bool" | "int64";
}

const int64 = (...values: number[]): Tensor =>
  tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
const scalar = (value: number): Tensor => tensor("float32", [], Float32Array.of(value));
const index = (value: number): Tensor => tensor("int64", [], BigInt64Array.of(BigInt(value)));
const image = [4, 2, 7, 6];
const two = (kernel: number[], more: Record<string, Attribute> = {}) => ({
  kernel_shape: ints(kernel),
  ...more,
});

const plain = [
  "Neg",
  "Abs",
  "Sign",
  "Exp",
  "Sin",
  "Cos",
  "Tanh",
  "Sigmoid",
  "Erf",
  "Relu",
  "Floor",
  "Ceil",
  "Softplus",
  "Softsign",
  "HardSwish",
  "Mish",
  "Identity",
];
const cases: readonly Case[] = [
  ...plain.map((op): Case => ({ op, opset: op === "Mish" ? 18 : 17 })),
  ...["Reciprocal", "Log", "Sqrt"].map((op): Case => ({ op, low: 0.2 })),
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"].map((op): Case => ({ op, more: [[3]] })),
  ...["Equal", "Less", "Greater", "GreaterOrEqual", "LessOrEqual"].map((op): Case => ({ op, more: [[3]] })),
  { op: "And", as: "bool", more: [[3]] },
  { op: "Or", as: "bool", more: [[3]] },
  { op: "Not", as: "bool" },
  { op: "Where", as: "bool", more: [[4, 3], [3]] },
  { op: "Max", more: [[3], [4, 1]] },
  ...[2, 3, 0.5, -1, 1, 1.7].map((n): Case => ({ op: "Pow", more: [scalar(n)], low: 0.2 })),
  { op: "Clip", more: [scalar(-0.3), scalar(0.4)] },
  { op: "Clip", more: [undefined, scalar(0.4)] },
  { op: "LeakyRelu", attributes: { alpha: float(0.2) } },
  { op: "PRelu", more: [[3]] },
  { op: "Elu", attributes: { alpha: float(0.7) } },
  { op: "Selu" },
  { op: "HardSigmoid", attributes: { alpha: float(0.3), beta: float(0.4) } },
  { op: "Gelu", opset: 20 },
  { op: "Gelu", opset: 20, attributes: { approximate: text("tanh") } },
  { op: "Cast", attributes: { to: int(1) } },
  { op: "CastLike", more: [[3]] },

  { op: "Reshape", dims: [4, 3, 2], more: [int64(0, -1)] },
  { op: "Reshape", dims: [4, 3, 2], more: [int64(-1, 2)] },
  { op: "Flatten", dims: [4, 3, 2] },
  { op: "Flatten", dims: [4, 3, 2], attributes: { axis: int(-1) } },
  { op: "Squeeze", dims: [4, 1, 3, 1], more: [int64(1, -1)] },
  { op: "Squeeze", dims: [4, 1, 3, 1] },
  { op: "Squeeze", dims: [4, 1, 3], attributes: { axes: ints([1]) }, opset: 11 },
  { op: "Unsqueeze", more: [int64(-1, 1)] },
  { op: "Unsqueeze", attributes: { axes: ints([1]) }, opset: 12 },
  { op: "Transpose", dims: [4, 2, 3] },
  { op: "Transpose", dims: [4, 2, 3], attributes: { perm: ints([0, 2, 1]) } },
  { op: "Expand", dims: [4, 1], more: [int64(2, 1, 3)] },
  { op: "Tile", dims: [4, 3], more: [int64(2, 3)] },
  { op: "Concat", more: [[4, 2]], attributes: { axis: int(-1) } },
  { op: "Split", dims: [4, 6], attributes: { axis: int(1) }, more: [int64(1, 5)], outputs: 2 },
  { op: "Split", dims: [4, 6], attributes: { axis: int(-1) }, outputs: 3 },
  { op: "Split", dims: [4, 6], attributes: { axis: int(1), split: ints([4, 2]) }, outputs: 2, opset: 11 },
  { op: "Split", dims: [4, 7], attributes: { axis: int(1), num_outputs: int(3) }, outputs: 3, opset: 18 },
  { op: "Slice", dims: [4, 7], more: [int64(1, -5), int64(3, 1000)] },
  { op: "Slice", dims: [4, 7], more: [int64(-1), int64(Number.MIN_SAFE_INTEGER), int64(1), int64(-2)] },
  { op: "Slice", dims: [4, 7], more: [int64(0), int64(-1), int64(-1), int64(3)] },
  { op: "Pad", dims: [4, 3], more: [int64(0, 1, 0, 2)] },
  { op: "Pad", dims: [4, 3], more: [int64(0, 1, 0, -1), scalar(2.5)] },
  { op: "Pad", dims: [4, 3], more: [int64(1, 2), undefined, int64(-1)], opset: 18 },
  { op: "Gather", dims: [4, 5], more: [index(-2)], attributes: { axis: int(1) } },
  { op: "Gather", dims: [4, 5, 2], more: [int64(3, 0, 3)], attributes: { axis: int(1) } },
  { op: "Gather", dims: [4, 5], more: [int64(3, -4)] },
  { op: "Trilu", dims: [4, 5], attributes: { upper: int(0) } },
  { op: "Trilu", dims: [4, 5], more: [index(1)] },
  {
    op: "Resize",
    dims: [4, 2, 3, 2],
    more: [undefined, tensor("float32", [4], Float32Array.of(1, 1, 2, 3))],
    attributes: {
      mode: text("nearest"),
      coordinate_transformation_mode: text("asymmetric"),
      nearest_mode: text("floor"),
    },
  },
  {
    op: "Resize",
    dims: [4, 2, 3, 2],
    more: [undefined, undefined, int64(4, 2, 6, 4)],
    attributes: { mode: text("nearest") },
  },

  {
    op: "Gemm",
    dims: [4, 3],
    more: [[5, 3], [5]],
    attributes: { transB: int(1), alpha: float(0.5), beta: float(2) },
  },
  { op: "Gemm", dims: [4, 3], more: [[4, 5]], attributes: { transA: int(1) } },
  { op: "MatMul", dims: [4, 3], more: [[3]] },
  { op: "MatMul", dims: [4, 2, 3], more: [[3, 5]] },
  { op: "MatMul", dims: [4, 2, 3], more: [[4, 3, 5]] },
  {
    op: "Conv",
    dims: image,
    more: [[3, 2, 3, 2], [3]],
    attributes: two([3, 2], { strides: ints([2, 1]), pads: ints([1, 0, 1, 1]) }),
  },
  {
    op: "Conv",
    dims: image,
    more: [[4, 1, 3, 3]],
    attributes: two([3, 3], { group: int(2), dilations: ints([2, 1]) }),
  },
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map(
    (auto): Case => ({
      op: "Conv",
      dims: image,
      more: [[3, 2, 3, 2]],
      attributes: two([3, 2], { strides: ints([2, 2]), auto_pad: text(auto) }),
    }),
  ),
  {
    op: "Conv",
    dims: [4, 2, 9],
    more: [[3, 2, 4], [3]],
    attributes: two([4], { strides: ints([2]), pads: ints([2, 1]) }),
  },
  {
    op: "ConvTranspose",
    dims: image,
    more: [[2, 3, 3, 2], [3]],
    attributes: two([3, 2], {
      strides: ints([2, 3]),
      pads: ints([1, 0, 1, 1]),
      output_padding: ints([1, 0]),
    }),
  },
  {
    op: "ConvTranspose",
    dims: [4, 4, 5],
    more: [[4, 2, 3]],
    attributes: two([3], { strides: ints([2]), group: int(2) }),
  },
  { op: "MaxPool", dims: image, attributes: two([2, 2], { strides: ints([2, 2]) }) },
  {
    op: "MaxPool",
    dims: image,
    attributes: two([3, 2], { strides: ints([2, 2]), pads: ints([1, 0, 1, 1]) }),
  },
  { op: "MaxPool", dims: image, attributes: two([2, 2], { strides: ints([2, 2]), ceil_mode: int(1) }) },
  { op: "MaxPool", dims: [4, 2, 9], attributes: two([3], { strides: ints([2]), dilations: ints([2]) }) },
  { op: "AveragePool", dims: image, attributes: two([2, 2], { strides: ints([2, 2]) }) },
  {
    op: "AveragePool",
    dims: image,
    attributes: two([3, 3], { strides: ints([1, 2]), pads: ints([1, 1, 1, 1]) }),
  },
  {
    op: "AveragePool",
    dims: image,
    attributes: two([3, 3], { pads: ints([1, 1, 1, 1]), count_include_pad: int(1) }),
  },
  { op: "AveragePool", dims: [4, 2, 9], attributes: two([3], { strides: ints([3]) }) },
  { op: "GlobalAveragePool", dims: image },
  { op: "GlobalMaxPool", dims: image },

  ...["ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare"].flatMap((op): Case[] => [
    { op, dims: [4, 3, 2], attributes: { axes: ints([-1, 1]) } },
    { op, dims: [4, 3, 2], attributes: { axes: ints([1]), keepdims: int(0) } },
  ]),
  { op: "ReduceSum", dims: [4, 3, 2], more: [int64(-1)], attributes: { keepdims: int(0) } },
  { op: "ReduceSum", dims: [4, 3, 2], attributes: { axes: ints([1]) }, opset: 11 },
  { op: "ReduceMean", dims: [4, 3, 2], more: [int64(1)], opset: 18 },
  { op: "ArgMax", dims: [4, 5], attributes: { axis: int(1) } },
  { op: "ArgMax", dims: [4, 5], attributes: { axis: int(-1), keepdims: int(0) } },

  { op: "Softmax", dims: [4, 3, 2] },
  { op: "Softmax", dims: [4, 3, 2], attributes: { axis: int(1) } },
  { op: "Softmax", dims: [4, 3, 2], opset: 11 },
  { op: "LogSoftmax", dims: [4, 3, 2], attributes: { axis: int(1) } },
  {
    op: "BatchNormalization",
    dims: image,
    more: [[2], [2], [2], tensor("float32", [2], Float32Array.of(0.5, 2))],
    attributes: { epsilon: float(1e-3) },
  },
  { op: "LayerNormalization", dims: [4, 3, 5], more: [[5], [5]] },
  {
    op: "LayerNormalization",
    dims: [4, 3, 5],
    more: [[3, 5]],
    attributes: { axis: int(1), epsilon: float(1e-2) },
  },
  { op: "InstanceNormalization", dims: image, more: [[2], [2]] },
  { op: "Dropout", more: [scalar(0.4)] },
];

/** Made by other tests: they have no input that is a batch of floats. */
const elsewhere = ["Constant", "ConstantOfShape", "Range", "Shape", "Size"];
/** Made by `integer.test.ts`: their inputs are whole numbers, or become them. */
const ofIntegers = [
  "MatMulInteger",
  "ConvInteger",
  "QLinearMatMul",
  "QLinearConv",
  "QuantizeLinear",
  "DequantizeLinear",
  "DynamicQuantizeLinear",
  "Round",
  "Mod",
];

const batch = 4;

function values(dims: readonly number[], seed: number, low: number): Tensor<"float32"> {
  const data = Float32Array.from(
    { length: elements(dims) },
    (_, i) => low + (((i + 1) * 0.618034 + seed * 0.7548777) % 1) * (1 - low),
  );
  return tensor("float32", dims, data);
}

test.each(
  cases.map(
    (c) => [`${c.op} ${JSON.stringify(c.attributes ?? {})} of operator set ${c.opset ?? 17}`, c] as const,
  ),
)("%s is what ONNX Runtime makes of it", async (_, c) => {
  const { op, dims = [batch, 3], attributes = {}, more = [], low = -1, opset = 17, outputs = 1, as } = c;
  const initialisers: Record<string, Tensor> = {};
  const names = more.map((given, i) => {
    if (given === undefined) return "";
    initialisers[`w${i}`] = "dtype" in given ? given : values(given, i + 1, low);
    return `w${i}`;
  });
  // Casts around the node, so that its inputs and outputs are float32 outside.
  const to = int(as === "bool" ? 9 : 7);
  const casts =
    as === undefined
      ? []
      : ["x", ...(op === "Where" ? [] : names)].map((name) => node("Cast", [name], [`${name} cast`], { to }));
  const inside = (name: string, i: number) =>
    as === undefined || name === "" || (op === "Where" && i > 0) ? name : `${name} cast`;
  const raw = Array.from({ length: outputs }, (_unused, i) => `raw${i}`);
  const flat = raw.flatMap((name, i) => [
    node("Cast", [name], [`float${i}`], { to: int(1) }),
    node("Reshape", [`float${i}`, "rows"], [`flat${i}`]),
  ]);
  const bytes = compose({
    nodes: [
      ...casts,
      node(op, ["x", ...names].map(inside), raw, attributes),
      ...flat,
      node(
        "Concat",
        raw.map((_unused, i) => `flat${i}`),
        ["y"],
        { axis: int(0) },
      ),
    ],
    inputs: { x: { dims: [batch, ...dims.slice(1)] } },
    initialisers: { ...initialisers, rows: int64(-1) },
    opset,
  });
  const x = values(dims, 0, low);

  const original = await InferenceSession.create(bytes, sessionOptions(1));
  const expected = fromOrt((await original.run({ x: toOrt(x) })).y!);
  const model = readModel(bytes);
  const program = inferProgram(model, { batch, steps: 1 });
  const session = await openLocal(program);
  const { results } = await session.run({
    state: Object.fromEntries(program.state.map(({ name }) => [name, initialisers[name]!])),
    data: { x },
    order: tensor("int64", [1, batch], BigInt64Array.from([0n, 1n, 2n, 3n])),
  });
  const got = results.outputs!;
  expect(got.data.length).toBe(expected.data.length);
  const worst = (got.data as Float32Array).reduce(
    (max, v, i) => Math.max(max, Math.abs(v - Number(expected.data[i]))),
    0,
  );
  expect(worst).toBeLessThan(3e-6);
  await session.close();
  await original.release();
});

test("arithmetic on shapes is done before the run", async () => {
  // y = x reshaped to [Size / 6, 6] by way of Shape, Size, Range and ConstantOfShape, as exporters do it.
  const bytes = compose({
    nodes: [
      node("Shape", ["x"], ["shape"]),
      node("Size", ["x"], ["size"]),
      node("Constant", [], ["six"], { value: { type: "tensor", value: index(6) } }),
      node("Div", ["size", "six"], ["rows"]),
      node("Constant", [], ["zero"], { value_int: int(0) }),
      node("Gather", ["shape", "zero"], ["batch"], { axis: int(0) }),
      node("Unsqueeze", ["rows", "first"], ["rows1"]),
      node("Unsqueeze", ["six", "first"], ["six1"]),
      node("Concat", ["rows1", "six1"], ["target"], { axis: int(0) }),
      node("Reshape", ["x", "target"], ["table"]),
      node("Constant", [], ["one"], { value_int: int(1) }),
      node("Range", ["zero", "six", "one"], ["places"]),
      node("Cast", ["places"], ["floats"], { to: int(1) }),
      node("ConstantOfShape", ["six1"], ["twos"], {
        value: { type: "tensor", value: tensor("float32", [1], Float32Array.of(2)) },
      }),
      node("Mul", ["floats", "twos"], ["weights"]),
      node("Mul", ["table", "weights"]),
    ],
    inputs: { x: { dims: ["batch", 3, 4] } },
    initialisers: { first: int64(0) },
  });
  const x = values([batch, 3, 4], 0, -1);
  const program = inferProgram(readModel(bytes), { batch, steps: 1 });
  const session = await openLocal(program);
  const order = tensor("int64", [1, batch], BigInt64Array.from([0n, 1n, 2n, 3n]));
  const { outputs } = (await session.run({ state: {}, data: { x }, order })).results;
  expect(outputs!.dims).toEqual([1, 8, 6]);
  expect(Array.from(outputs!.data, Number)).toEqual(
    Array.from(x.data, (v, i) => Math.fround(v * 2 * (i % 6))),
  );
  await session.close();
});

test("every operator of the allow-list is compared", () => {
  const compared = new Set([...cases.map(({ op }) => op), ...elsewhere, ...ofIntegers]);
  expect(Object.keys(operators).filter((op) => !compared.has(op))).toEqual([]);
});

import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { bind } from "../bind.ts";
import { countFlop } from "../flop.ts";
import { toArray64, toTensor } from "../graph/array64.ts";
import type { Attribute } from "../graph/attribute.ts";
import { float, int, ints } from "../graph/attribute.ts";
import { Build } from "../graph/build.ts";
import { elementType } from "../graph/element-type.ts";
import { evaluate64 } from "../graph/evaluate64.ts";
import { Graph } from "../graph/graph.ts";
import { lower } from "../lower.ts";
import { readModel } from "../onnx/read.ts";
import { graphInit, Names, writeModel } from "../onnx/write.ts";
import { rows } from "../ops/table.ts";
import { constants } from "../plan.ts";
import { type DType, elements, type Tensor, tensor } from "../tensor.ts";
import { compose, node } from "../testing/compose.ts";
import { fromOrt, sessionOptions, toOrt } from "../testing/local-session.ts";
import { inUse } from "./operator.ts";

type Data = Readonly<Record<string, Tensor>>;

interface Case {
  readonly op: string;
  readonly inputs: Data;
  readonly fixed?: Data;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly order: readonly string[];
}

/** A model of one node, bound to its inputs. */
function bound({ op, inputs, fixed = {}, attributes = {}, order }: Case) {
  const declared = Object.entries(inputs).map(([name, { dtype, dims }]) => [name, { dtype, dims }] as const);
  const bytes = compose({
    nodes: [node(op, order, ["out"], attributes)],
    outputs: ["out"],
    inputs: Object.fromEntries(declared),
    initialisers: fixed,
  });
  const model = readModel(bytes);
  const graph = new Graph(rows);
  const b = new Build(graph);
  const given = constants(b, model);
  for (const [name, { dtype, dims }] of declared) given.set(name, graph.input(name, dtype, dims));
  const y = bind(b, model, given, inUse).get("out")!;
  graph.output("result", y);
  return { graph, y };
}

/** What the reference makes of it, and what ONNX Runtime makes of the file. */
async function both(of: Case): Promise<readonly [Tensor, Tensor]> {
  const { graph, y } = bound(of);
  const wide = Object.entries(of.inputs).map(([name, value]) => [name, toArray64(value)] as const);
  const [reference] = evaluate64(graph, Object.fromEntries(wide), [y]);
  const file = writeModel(graphInit(lower(graph, rows), new Names(), "case"));
  const session = await InferenceSession.create(file, sessionOptions(2));
  const fed = Object.entries(of.inputs).map(([name, value]) => [name, toOrt(value)] as const);
  const out = await session.run(Object.fromEntries(fed));
  await session.release();
  return [toTensor(y.dtype, reference!), fromOrt(out.result!)];
}

/** Numbers of a type with its ends among them. */
function bytes(dtype: "uint8" | "int8", dims: readonly number[], salt: number): Tensor {
  const low = dtype === "int8" ? -128 : 0;
  const number = (i: number) => {
    const n = (Math.imul(i + salt, 2654435761) >>> 20) & 1023;
    return n > 700 ? low + 255 : n > 400 ? low : low + (n % 256);
  };
  const list = Array.from({ length: elements(dims) }, (_, i) => number(i));
  return dtype === "int8"
    ? tensor(dtype, dims, Int8Array.from(list))
    : tensor(dtype, dims, Uint8Array.from(list));
}

const f32 = (...list: number[]): Tensor =>
  list.length === 1
    ? tensor("float32", [], Float32Array.from(list))
    : tensor("float32", [list.length], Float32Array.from(list));
const i32 = (...list: number[]): Tensor => tensor("int32", [list.length], Int32Array.from(list));
const zero = (dtype: "uint8" | "int8", value: number): Tensor =>
  dtype === "int8" ? tensor(dtype, [], Int8Array.of(value)) : tensor(dtype, [], Uint8Array.of(value));

const kinds = ["uint8", "int8"] as const;
const pairs = kinds.flatMap((a) => kinds.map((b) => [a, b] as const));

describe.each(pairs)("%s by %s is exact, at the ends of the ranges too", (a, b) => {
  test.each([true, false])("MatMulInteger, weights fixed: %s", async (isFixed) => {
    const [x, w] = [bytes(a, [3, 5, 70], 1), bytes(b, [70, 9], 2)];
    const zeros = { xz: zero(a, 7), wz: zero(b, -0 + 3) };
    const of: Case = {
      op: "MatMulInteger",
      inputs: isFixed ? { x } : { x, w },
      fixed: isFixed ? { w, ...zeros } : zeros,
      order: ["x", "w", "xz", "wz"],
    };
    const [reference, got] = await both(of);
    expect(got.dims).toEqual([3, 5, 9]);
    expect(got).toEqual(reference);
  });

  test("ConvInteger", async () => {
    const of: Case = {
      op: "ConvInteger",
      inputs: { x: bytes(a, [2, 4, 7, 6], 3) },
      fixed: { w: bytes(b, [6, 2, 3, 3], 4), xz: zero(a, 100) },
      order: ["x", "w", "xz"],
      attributes: { group: int(2), pads: ints([1, 0, 1, 1]), strides: ints([2, 1]) },
    };
    const [reference, got] = await both(of);
    expect(got).toEqual(reference);
  });

  test("QLinearMatMul", async () => {
    const of: Case = {
      op: "QLinearMatMul",
      inputs: { x: bytes(a, [4, 33], 5) },
      fixed: {
        w: bytes(b, [33, 3], 6),
        xs: f32(0.02),
        xz: zero(a, 5),
        ws: f32(0.013, 0.0071, 0.02),
        wz:
          b === "int8"
            ? tensor("int8", [3], Int8Array.of(0, 0, 0))
            : tensor("uint8", [3], Uint8Array.of(9, 9, 9)),
        ys: f32(0.37),
        yz: zero(a, 11),
      },
      order: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"],
    };
    const [reference, got] = await both(of);
    expect(got).toEqual(reference);
  });

  test("QLinearConv", async () => {
    const of: Case = {
      op: "QLinearConv",
      inputs: { x: bytes(a, [1, 3, 9, 8], 7) },
      fixed: {
        w: bytes(b, [5, 3, 3, 3], 8),
        xs: f32(0.05),
        xz: zero(a, 1),
        ws: f32(0.004, 0.003, 0.007, 0.001, 0.002),
        wz:
          b === "int8"
            ? tensor("int8", [5], new Int8Array(5))
            : tensor("uint8", [5], new Uint8Array(5).fill(128)),
        ys: f32(0.11),
        yz: zero(a, 20),
        c: i32(100, -2000, 30_000, 4, -5),
      },
      order: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "c"],
      attributes: { pads: ints([1, 1, 1, 1]) },
    };
    const [reference, got] = await both(of);
    expect(got).toEqual(reference);
  });
});

/** Ties, both ends, and what is beyond them. */
const floats = Float32Array.from({ length: 24 }, (_, i) => (i - 12) * 12.75 + (i % 3) * 0.5);

describe("from floats and back", () => {
  test.each([
    ["uint8", 0],
    ["uint8", 128],
    ["int8", -3],
  ] as const)("QuantizeLinear to %s from %d", async (dtype, from) => {
    const [reference, got] = await both({
      op: "QuantizeLinear",
      inputs: { x: tensor("float32", [2, 3, 4], floats) },
      fixed: { s: f32(0.5), z: zero(dtype, from) },
      order: ["x", "s", "z"],
    });
    expect(got).toEqual(reference);
    expect(got.dtype).toBe(dtype);
  });

  test("each channel with its own scale", async () => {
    const fixed = { s: f32(0.5, 2, 0.07), z: tensor("int8", [3], Int8Array.of(0, 4, -7)) };
    const [reference, got] = await both({
      op: "QuantizeLinear",
      inputs: { x: tensor("float32", [2, 3, 4], floats) },
      fixed,
      order: ["x", "s", "z"],
      attributes: { axis: int(1) },
    });
    expect(got).toEqual(reference);
    const back = await both({ op: "DequantizeLinear", inputs: { x: got }, fixed, order: ["x", "s", "z"] });
    expect(back[1]).toEqual(back[0]);
  });

  test.each<[string, readonly number[]]>([
    ["both signs", [-3.2, 0, 1.5, 6.9, 0.013]],
    ["one sign", [2, 3, 4.5]],
    ["nothing but zeros", [0, 0]],
  ])("DynamicQuantizeLinear of %s, used by a product", async (_name, list) => {
    const x = tensor("float32", [1, list.length], Float32Array.from(list));
    const [reference, got] = await both({ op: "DynamicQuantizeLinear", inputs: { x }, order: ["x"] });
    expect(got).toEqual(reference);
  });

  test("DequantizeLinear of sums", async () => {
    const of: Case = {
      op: "DequantizeLinear",
      inputs: { x: i32(7, -9, 1e6) },
      fixed: { s: f32(0.3) },
      order: ["x", "s"],
    };
    const [reference, got] = await both(of);
    expect(got).toEqual(reference);
  });

  test("Round takes the even one of two", async () => {
    const x = tensor("float32", [8], Float32Array.of(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -2.6));
    const [reference, got] = await both({ op: "Round", inputs: { x }, order: ["x"] });
    expect(got).toEqual(reference);
  });
});

describe("whole numbers of 32 and 64 bits", () => {
  const whole = (dtype: "int32" | "int64", dims: readonly number[], f: (i: number) => number): Tensor =>
    toTensor(dtype, { dims, data: Float64Array.from({ length: elements(dims) }, (_, i) => f(i)) });
  const cases = (dtype: "int32" | "int64"): Case[] => {
    const [x, y] = [whole(dtype, [3, 4], (i) => i * 7 - 40), whole(dtype, [4, 3], (i) => 5 - i)];
    const positive = whole(dtype, [3, 4], (i) => i + 1);
    return [
      { op: "MatMul", inputs: { x, y }, order: ["x", "y"] },
      {
        op: "Gemm",
        inputs: { x, y },
        order: ["x", "y"],
        attributes: { transA: int(1), transB: int(1), alpha: float(1) },
      },
      { op: "Relu", inputs: { x }, order: ["x"] },
      { op: "Div", inputs: { x, y: positive }, order: ["x", "y"] },
      { op: "Mod", inputs: { x, y: positive }, order: ["x", "y"] },
      {
        op: "Clip",
        inputs: { x },
        fixed: { l: whole(dtype, [], () => -9), h: whole(dtype, [], () => 11) },
        order: ["x", "l", "h"],
      },
      { op: "ReduceMean", inputs: { x: positive }, order: ["x"], attributes: { axes: ints([1]) } },
      { op: "ArgMax", inputs: { x }, order: ["x"], attributes: { axis: int(-1) } },
      { op: "Cast", inputs: { x: positive }, order: ["x"], attributes: { to: int(elementType.uint8) } },
    ];
  };
  test.each(
    (["int32", "int64"] as const).flatMap((dtype) => cases(dtype).map((c) => [c.op, dtype, c] as const)),
  )("%s of %s", async (_op, _dtype, of) => {
    const [reference, got] = await both(of);
    expect(got).toEqual(reference);
  });
});

describe("counted as two for each multiply-add", () => {
  const flop = (of: Case): bigint => countFlop(bound(of).graph.nodes, rows, []).forward;
  const one = (dtype: DType): Tensor => (dtype === "float32" ? f32(0.1) : zero("uint8", 0));
  const others = {
    xs: one("float32"),
    xz: one("uint8"),
    ws: one("float32"),
    wz: one("uint8"),
    ys: one("float32"),
    yz: one("uint8"),
  };
  const order = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"];

  test("products", () => {
    const inputs = { x: bytes("uint8", [3, 5, 70], 0) };
    const w = bytes("uint8", [70, 9], 0);
    expect(flop({ op: "MatMulInteger", inputs, fixed: { w }, order: ["x", "w"] })).toBe(
      2n * 3n * 5n * 70n * 9n,
    );
    expect(flop({ op: "QLinearMatMul", inputs, fixed: { w, ...others }, order })).toBe(
      2n * 3n * 5n * 70n * 9n,
    );
  });

  test("convolutions: 2 Kh Kw Cin / groups Cout Hout Wout", () => {
    const inputs = { x: bytes("uint8", [2, 4, 7, 6], 0) };
    const w = bytes("uint8", [6, 2, 3, 3], 0);
    const attributes = { group: int(2) };
    const expected = 2n * 3n * 3n * (4n / 2n) * 6n * 5n * 4n * 2n;
    expect(flop({ op: "ConvInteger", inputs, fixed: { w }, order: ["x", "w"], attributes })).toBe(expected);
    expect(flop({ op: "QLinearConv", inputs, fixed: { w, ...others }, order, attributes })).toBe(expected);
  });

  test("nothing for what only rounds", () => {
    expect(
      flop({
        op: "QuantizeLinear",
        inputs: { x: tensor("float32", [24], floats) },
        fixed: { s: f32(1) },
        order: ["x", "s"],
      }),
    ).toBe(0n);
  });
});

describe("refused, with what would be right", () => {
  const x = bytes("uint8", [2, 8], 0);
  const w = bytes("int8", [8, 3], 0);
  const refusal = (of: Case) => () => bound(of);
  test.each<[string, Case, RegExp]>([
    [
      "floats",
      {
        op: "MatMulInteger",
        inputs: { x: tensor("float32", [2, 8], new Float32Array(16)) },
        fixed: { w },
        order: ["x", "w"],
      },
      /float32 and int8, not of 8 bits/,
    ],
    [
      "shapes",
      { op: "MatMulInteger", inputs: { x }, fixed: { w: bytes("int8", [7, 3], 0) }, order: ["x", "w"] },
      /cannot be multiplied/,
    ],
    [
      "a zero point of another type",
      { op: "MatMulInteger", inputs: { x }, fixed: { w, z: zero("int8", 1) }, order: ["x", "w", "z"] },
      /zero point of x is int8/,
    ],
    [
      "quantised doubles",
      {
        op: "QuantizeLinear",
        inputs: { x: tensor("float64", [1], new Float64Array(1)) },
        fixed: { s: f32(1) },
        order: ["x", "s"],
      },
      /only float32/,
    ],
    [
      "a remainder of floats",
      { op: "Mod", inputs: { x: f32(1), y: f32(1) }, order: ["x", "y"] },
      /whole numbers/,
    ],
  ])("%s", (_name, of, message) => {
    expect(refusal(of)).toThrow(message);
  });
});

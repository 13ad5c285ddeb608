import { createHash } from "node:crypto";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { determinismClass } from "../device/determinism.ts";
import { gradients } from "../gradient.ts";
import type { Array64 } from "../graph/array64.ts";
import { array64, toArray64, toTensor } from "../graph/array64.ts";
import { float, int, ints, text } from "../graph/attribute.ts";
import { Build } from "../graph/build.ts";
import { evaluate64 } from "../graph/evaluate64.ts";
import type { Value } from "../graph/graph.ts";
import { Graph } from "../graph/graph.ts";
import { lower } from "../lower.ts";
import { graphInit, Names, writeModel } from "../onnx/write.ts";
import { elements, tensor, tensorBytes } from "../tensor.ts";
import { fromOrt, sessionOptions, toOrt } from "../testing/local-session.ts";
import { rows } from "./table.ts";

type Write = (b: Build, ...inputs: Value[]) => Value;

/** An operator on inputs of these shapes, with values between `low` and `high`. */
interface Case {
  readonly op: string;
  readonly dims: readonly (readonly number[])[];
  readonly write: Write;
  readonly low?: number;
  readonly high?: number;
}

const of = (
  op: string,
  dims: readonly (readonly number[])[],
  write?: Write,
  low?: number,
  high?: number,
): Case => ({
  op,
  dims,
  write: write ?? ((b, ...inputs) => b.one(op, inputs)),
  ...(low !== undefined && { low }),
  ...(high !== undefined && { high }),
});

const indices = (b: Build, ...values: number[]) => b.indices(...values);
const window = (strides: number[], pads: number[], dilations = [1, 1], group = 1) => ({
  strides,
  pads,
  dilations,
  group,
});
const pool = (kernel: number[], strides: number[], pads: number[]) => ({
  kernel_shape: ints(kernel),
  pads: ints(pads),
  strides: ints(strides),
});
const repeat = {
  coordinate_transformation_mode: text("asymmetric"),
  mode: text("nearest"),
  nearest_mode: text("floor"),
};

const unary = ["Identity", "Neg", "Abs", "Exp", "Sin", "Cos", "Tanh", "Sigmoid", "Erf", "Relu", "LeakyRelu"];
const cases: readonly Case[] = [
  ...unary.map((op) => of(op, [[3, 5]])),
  ...["Reciprocal", "Log", "Sqrt"].map((op) => of(op, [[3, 5]], undefined, 0.3, 2)),
  of("LeakyRelu", [[3, 5]], (b, x) => b.one("LeakyRelu", [x], { alpha: float(0.3) })),
  ...["Add", "Sub", "Mul", "Min", "Max"].flatMap((op) => [
    of(op, [
      [3, 5],
      [3, 5],
    ]),
    of(op, [
      [2, 1, 4],
      [3, 1],
    ]),
    of(op, [[], [2, 3]]),
  ]),
  of(
    "Div",
    [
      [2, 3, 4],
      [3, 1],
    ],
    undefined,
    0.3,
    2,
  ),
  of("Pow", [[2, 3], [3]], undefined, 0.3, 2),
  of("Clip", [[4, 6]], (b, x) => b.one("Clip", [x, b.scalar(x, -0.4), b.scalar(x, 0.5)])),
  of("Clip", [[4, 6]], (b, x) => b.one("Clip", [x, b.scalar(x, -0.4), undefined])),
  of("Where", [[2, 3], [3], [2, 3]], (b, c, x, z) => b.where(b.less(b.scalar(c, 0), c), x, z)),
  of("Cast", [[2, 3]], (b, x) => b.cast(b.cast(x, "float64"), "float32")),
  ...["ReduceMean", "ReduceMax", "ReduceMin"].flatMap((op) => [
    of(op, [[2, 3, 4]], (b, x) => b.one(op, [x], { axes: ints([1]), keepdims: int(1) })),
    of(op, [[2, 3, 4]], (b, x) => b.one(op, [x], { axes: ints([0, 2]), keepdims: int(0) })),
  ]),
  of("ReduceSum", [[2, 3, 4]], (b, x) => b.sum(x, [0, 2])),
  of("ReduceSum", [[2, 3, 4]], (b, x) => b.sum(x, [1], false)),
  of("ReduceSum", [[2, 3, 1030]], (b, x) => b.sum(x, [0, 2], false)),
  of("ReduceSum", [[3, 1031]], (b, x) => b.sum(x, [0, 1], false)),
  of(
    "ReduceLogSum",
    [[3, 5]],
    (b, x) => b.one("ReduceLogSum", [x], { axes: ints([1]), keepdims: int(0) }),
    0.3,
    2,
  ),
  of("Reshape", [[2, 6]], (b, x) => b.reshape(x, [3, 4])),
  of("Transpose", [[2, 3, 4]], (b, x) => b.transpose(x, [2, 0, 1])),
  of("Expand", [[3, 1]], (b, x) => b.expand(x, [2, 3, 4])),
  of(
    "Concat",
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    (b, ...inputs) => b.concat(inputs, 1),
  ),
  of("Split", [[3, 7]], (b, x) => {
    const [first, , last] = b.apply("Split", [x, indices(b, 2, 3, 2)], { axis: int(1) });
    return b.mul(first!, last!);
  }),
  // Slices that together cover everything: their gradients are joined; and those that overlap, which are added.
  of("Slice", [[3, 6]], (b, x) => b.mul(b.slice(x, [1], [3], [6]), b.slice(x, [1], [0], [3]))),
  of("Slice", [[3, 6]], (b, x) => b.mul(b.slice(x, [1], [3], [6]), b.slice(x, [1], [1], [4]))),
  of("Slice", [[5, 7]], (b, x) => b.slice(x, [0, 1], [1, 2], [4, 7])),
  of("Slice", [[5, 7]], (b, x) => b.slice(x, [0, 1], [0, 1], [5, 7], [2, 3])),
  of("Slice", [[5, 7]], (b, x) => b.slice(x, [1], [6], [-8], [-2])),
  of("Slice", [[5, 7]], (b, x) => b.slice(x, [1], [5], [0], [-1])),
  of("Pad", [[3, 4]], (b, x) => b.pad(x, [1, 0, 2, 3])),
  of("Pad", [[3, 4]], (b, x) =>
    b.one("Pad", [x, indices(b, 0, -1, 1, 2), b.scalar(x, 3)], { mode: text("constant") }),
  ),
  of("Gather", [[5, 3]], (b, x) => b.gather(x, b.reshape(indices(b, 4, 0, 4, 1), [2, 2]))),
  of("Gather", [[5000, 2]], (b, x) => b.gather(x, indices(b, 4999, 7, 4999))),
  of("Resize", [[2, 2, 3, 2]], (b, x) =>
    b.one(
      "Resize",
      [x, undefined, b.graph.constant(tensor("float32", [4], Float32Array.of(1, 1, 2, 3)))],
      repeat,
    ),
  ),
  of("MatMul", [
    [3, 4],
    [4, 5],
  ]),
  of("MatMul", [
    [2, 3, 4],
    [4, 5],
  ]),
  of("MatMul", [
    [2, 1, 3, 4],
    [3, 4, 2],
  ]),
  of("MatMul", [
    [2, 140],
    [140, 20],
  ]),
  of("MatMul", [
    [2, 2, 140],
    [2, 140, 20],
  ]),
  ...[0, 1, 2, 3].map((i) => {
    const [transA, transB] = [i % 2 === 1, i > 1];
    return of("Gemm", [transA ? [4, 3] : [3, 4], transB ? [5, 4] : [4, 5], [5]], (b, x, y, c) =>
      b.gemm(x, y, { transA, transB, c: c!, beta: 0.5 }),
    );
  }),
  of(
    "Gemm",
    [
      [3, 140],
      [140, 20],
      [3, 20],
    ],
    (b, x, y, c) => b.gemm(x, y, { c: c! }),
  ),
  of("Conv", [[2, 3, 6, 5], [4, 3, 3, 2], [4]], (b, x, w, c) =>
    b.conv(x, w, window([1, 1], [1, 0, 1, 1]), c),
  ),
  of(
    "Conv",
    [
      [2, 2, 7, 8],
      [3, 2, 3, 3],
    ],
    (b, x, w) => b.conv(x, w, window([2, 3], [1, 1, 0, 1])),
  ),
  of(
    "Conv",
    [
      [2, 2, 8, 7],
      [3, 2, 2, 3],
    ],
    (b, x, w) => b.conv(x, w, window([2, 1], [0, 2, 1, 2], [2, 2])),
  ),
  of(
    "Conv",
    [
      [2, 4, 5, 5],
      [6, 2, 3, 3],
    ],
    (b, x, w) => b.conv(x, w, window([2, 2], [1, 1, 1, 1], [1, 1], 2)),
  ),
  of(
    "Conv",
    [
      [2, 4, 5, 5],
      [4, 1, 3, 3],
    ],
    (b, x, w) => b.conv(x, w, window([1, 1], [1, 1, 1, 1], [1, 1], 4)),
  ),
  of("Conv", [[1, 6, 6, 6], [2, 6, 5, 5], [2]], (b, x, w, c) =>
    b.conv(x, w, window([1, 1], [0, 0, 0, 0]), c),
  ),
  of("Conv", [[1, 1, 13, 13], [2, 1, 12, 12], [2]], (b, x, w, c) =>
    b.conv(x, w, window([1, 1], [0, 0, 0, 0]), c),
  ),
  of(
    "Conv",
    [
      [3, 1, 6, 6],
      [2, 1, 3, 3],
    ],
    (b, x, w) => b.conv(x, w, window([1, 1], [0, 0, 0, 0])),
  ),
  of("ConvTranspose", [[2, 3, 3, 4], [3, 2, 2, 3], [2]], (b, x, w, c) =>
    b.one("ConvTranspose", [x, w, c], {
      dilations: ints([1, 1]),
      group: int(1),
      kernel_shape: ints([2, 3]),
      output_padding: ints([1, 0]),
      pads: ints([0, 1, 0, 1]),
      strides: ints([2, 2]),
    }),
  ),
  of(
    "ConvTranspose",
    [
      [2, 4, 3, 3],
      [4, 2, 3, 3],
    ],
    (b, x, w) => b.convTranspose(x, w, window([2, 1], [1, 0, 1, 2], [1, 2], 2), [0, 0]),
  ),
  of(
    "ConvTranspose",
    [
      [1, 130, 2, 2],
      [130, 2, 2, 2],
    ],
    (b, x, w) => b.convTranspose(x, w, window([1, 1], [0, 0, 0, 0]), [0, 0]),
  ),
  of("MaxPool", [[2, 2, 4, 6]], (b, x) => b.one("MaxPool", [x], pool([2, 3], [2, 3], [0, 0, 0, 0]))),
  of("MaxPool", [[2, 2, 5, 6]], (b, x) => b.one("MaxPool", [x], pool([3, 3], [2, 2], [1, 1, 1, 1]))),
  of("AveragePool", [[2, 2, 4, 6]], (b, x) =>
    b.one("AveragePool", [x], { count_include_pad: int(1), ...pool([2, 3], [2, 3], [0, 0, 0, 0]) }),
  ),
  of("AveragePool", [[2, 2, 5, 6]], (b, x) =>
    b.one("AveragePool", [x], { count_include_pad: int(1), ...pool([3, 2], [2, 2], [1, 1, 1, 0]) }),
  ),
  of("AveragePool", [[2, 2, 5, 6]], (b, x) =>
    b.one("AveragePool", [x], { count_include_pad: int(0), ...pool([3, 2], [1, 2], [1, 1, 1, 1]) }),
  ),
  of("Softmax", [[3, 5]], (b, x) => b.one("Softmax", [x], { axis: int(1) })),
  of("Softmax", [[3, 5, 2]], (b, x) => b.one("Softmax", [x], { axis: int(1) })),
  of("LogSoftmax", [[3, 5]], (b, x) => b.one("LogSoftmax", [x], { axis: int(1) })),
  of("Standardize", [[3, 4, 5]], (b, x) =>
    b.one("Standardize", [x], { axes: ints([0, 2]), epsilon: float(1e-3) }),
  ),
];

/** Values that are all different, so that no maximum is shared. */
function values(dims: readonly number[], seed: number, low = -1, high = 1): Array64 {
  const spread = (i: number) =>
    (((i + 1) * 0.6180339887498949 + seed * 0.7548776662466927) % 1) * (high - low) + low;
  // Rounded to float32, so that both precisions see the same numbers.
  return array64(
    dims,
    Float64Array.from({ length: elements(dims) }, (_, i) => Math.fround(spread(i))),
  );
}

/** The scalar sum(y * weights), its gradients, and the values of the inputs. */
function build({ op, dims, write, low, high }: Case) {
  const graph = new Graph(rows);
  const b = new Build(graph);
  const inputs = dims.map((d, i) => graph.input(`x${i}`, "float32", d));
  const y = write(b, ...inputs);
  const weights = graph.constant(toTensor("float32", values(y.dims, 99)));
  const loss = b.sum(b.mul(y, weights), [...y.dims.keys()], false);
  const all = gradients(b, rows, loss, inputs);
  // A condition has no gradient; everything else has.
  const checked = inputs.flatMap((_, i) => (all[i] === undefined ? [] : [i]));
  expect(checked.length).toBe(op === "Where" ? 2 : inputs.length);
  const found = checked.map((i) => all[i]!);
  const given = Object.fromEntries(dims.map((d, i) => [`x${i}`, values(d, i, low, high)]));
  return { graph, y, loss, checked, found, given };
}

const title = ({ op, dims }: Case) => `${op} ${dims.map((d) => `[${d}]`).join(" ")}`;

/** Fourth-order central differences at a few places of each input. */
test.each(cases.map((c) => [title(c), c] as const))(
  "gradient of %s is that of finite differences",
  (_, c) => {
    const { graph, loss, checked, found, given } = build(c);
    const analytic = evaluate64(graph, given, found);
    const lossAt = (name: string, place: number, shift: number) => {
      const moved = { dims: given[name]!.dims, data: given[name]!.data.slice() };
      moved.data[place]! += shift;
      return evaluate64(graph, { ...given, [name]: moved }, [loss])[0]!.data[0]!;
    };
    checked.forEach((i, at) => {
      const size = given[`x${i}`]!.data.length;
      for (let k = 0; k < Math.min(size, 12); k++) {
        const place = size <= 12 ? k : (Math.floor((k * size) / 12) + (k % 3)) % size;
        const h = 1e-4;
        const difference =
          (8 * (lossAt(`x${i}`, place, h) - lossAt(`x${i}`, place, -h)) -
            (lossAt(`x${i}`, place, 2 * h) - lossAt(`x${i}`, place, -2 * h))) /
          (12 * h);
        expect(
          Math.abs(analytic[at]!.data[place]! - difference),
          `input ${i}, element ${place}`,
        ).toBeLessThan(1e-6);
      }
    });
  },
);

/** Hash of outputs and gradients by case: a new ONNX Runtime that changes one must be noticed. */
const found32: Record<string, string> = {};

test.each(cases.map((c) => [title(c), c] as const))(
  "%s in ONNX Runtime is what the reference says, forward and back",
  async (_, c) => {
    const { graph, y, found, given } = build(c);
    graph.output("y", y);
    found.forEach((d, i) => {
      graph.output(`d${i}`, d);
    });
    const expected = evaluate64(graph, given, [y, ...found]);
    const session = await InferenceSession.create(
      writeModel(graphInit(lower(graph, rows), new Names(), "case")),
      sessionOptions(1),
    );
    const feeds = Object.entries(given).map(
      ([name, value]) => [name, toOrt(toTensor("float32", value))] as const,
    );
    const fetched = await session.run(Object.fromEntries(feeds));
    ["y", ...found.map((_d, i) => `d${i}`)].forEach((name, i) => {
      const got = toArray64(fromOrt(fetched[name]!)).data;
      const scale = expected[i]!.data.reduce((max, x) => Math.max(max, Math.abs(x)), 1);
      const worst = got.reduce((max, x, k) => Math.max(max, Math.abs(x - expected[i]!.data[k]!)), 0);
      expect(got.length).toBe(expected[i]!.data.length);
      expect(worst / scale, name).toBeLessThan(2e-6);
    });
    const bits = createHash("sha256");
    for (const name of session.outputNames) bits.update(tensorBytes(fromOrt(fetched[name]!)));
    found32[`${cases.indexOf(c)} ${title(c)}`] = bits.digest("hex").slice(0, 16);
    await session.release();
  },
);

test("bits are as ever, on machines of the class", async () => {
  if ((await determinismClass("cpu")) !== "cpu-x86-fma") return; // elsewhere the bits are others
  await expect(`${JSON.stringify(found32, null, 2)}\n`).toMatchFileSnapshot("golden/bits.json");
});

describe("the table", () => {
  test("has a case for every operator with a gradient", () => {
    const differentiable = Object.keys(rows).filter(
      (op) => (rows[op]!.gradient ?? rows[op]!.gradientOfAll) !== undefined,
    );
    expect(differentiable.filter((op) => !cases.some((c) => c.op === op))).toEqual([]);
  });

  test("shares the gradient of equal largest values, so that their sum is right", () => {
    const graph = new Graph(rows);
    const b = new Build(graph);
    const x = graph.input("x", "float32", [1, 1, 2, 2]);
    const y = b.one("MaxPool", [x], pool([2, 2], [2, 2], [0, 0, 0, 0]));
    const [dx] = gradients(b, rows, b.sum(y, [0, 1, 2, 3], false), [x]);
    const [d] = evaluate64(graph, { x: array64([1, 1, 2, 2], Float64Array.of(3, 3, 1, 3)) }, [dx!]);
    expect([...d!.data].map((v) => v.toFixed(4))).toEqual(["0.3333", "0.3333", "0.0000", "0.3333"]);
  });

  test("gives ReLU no gradient at 0", () => {
    const graph = new Graph(rows);
    const b = new Build(graph);
    const x = graph.input("x", "float32", [3]);
    const [dx] = gradients(b, rows, b.sum(b.one("Relu", [x]), [0], false), [x]);
    const [d] = evaluate64(graph, { x: array64([3], Float64Array.of(-1, 0, 2)) }, [dx!]);
    expect([...d!.data]).toEqual([0, 0, 1]);
  });
});

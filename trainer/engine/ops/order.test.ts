import { createHash } from "node:crypto";
import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { int, ints } from "../graph/attribute.ts";
import { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { Graph } from "../graph/graph.ts";
import { lower } from "../lower.ts";
import { graphInit, Names, writeModel } from "../onnx/write.ts";
import { elements, tensor, tensorBytes } from "../tensor.ts";
import { fromOrt, sessionOptions, toOrt } from "../testing/local-session.ts";
import { rows } from "./table.ts";

/*
 * Kernels may add up in another order, or compute what is left over of a vector by another routine, when the number of
 * threads or the place in memory changes. Sizes here are awkward (prime, or large enough to be shared out) on purpose.
 */
type Write = (b: Build, x: Value) => Value;

const wave = (b: Build, ...dims: number[]) =>
  b.graph.constant(
    tensor(
      "float32",
      dims,
      Float32Array.from({ length: elements(dims) }, (_, i) => Math.sin(1.3 * i)),
    ),
  );
const window = (pads: number[]) => ({ strides: [1, 1], pads, dilations: [1, 1], group: 1 });
const unary = ["Log", "Exp", "Tanh", "Erf", "Sigmoid", "Sin", "Cos", "Sqrt", "Reciprocal"];

const cases: readonly (readonly [string, readonly number[], Write])[] = [
  ...unary.map((op) => [op, [100_003], (b: Build, x: Value) => b.one(op, [x])] as const),
  ["Pow", [100_003], (b, x) => b.one("Pow", [x, b.scalar(x, 1.7)])],
  ["Div", [100_003], (b, x) => b.div(b.scalar(x, 1.3), x)],
  ["ReduceSum of all", [100_003], (b, x) => b.sum(x, [0])],
  ["ReduceSum of rows", [1009, 37], (b, x) => b.sum(x, [1])],
  ["ReduceSum of columns", [1009, 37], (b, x) => b.sum(x, [0])],
  ["ReduceSum in the middle", [61, 67, 37], (b, x) => b.sum(x, [1])],
  ["ReduceSum around the middle", [61, 7, 11, 13], (b, x) => b.sum(x, [0, 2, 3])],
  ["ReduceMean of rows", [1009, 37], (b, x) => b.mean(x, [1])],
  ["Softmax", [1009, 37], (b, x) => b.one("Softmax", [x], { axis: int(1) })],
  ["LogSoftmax", [10_007, 7], (b, x) => b.one("LogSoftmax", [x], { axis: int(1) })],
  [
    "Standardize",
    [1009, 37],
    (b, x) => b.one("Standardize", [x], { axes: ints([1]), epsilon: { type: "float", value: 1e-5 } }),
  ],
  ["Gemm, wide", [61, 301], (b, x) => b.gemm(x, wave(b, 301, 257))],
  [
    "Gemm, transposed and wide",
    [301, 61],
    (b, x) => b.gemm(x, wave(b, 257, 301), { transA: true, transB: true }),
  ],
  ["Gemm, tall", [257, 301], (b, x) => b.gemm(x, wave(b, 301, 61))],
  ["Gemm of a row", [1, 301], (b, x) => b.gemm(x, wave(b, 301, 257))],
  ["MatMul of two", [2, 61, 301], (b, x) => b.matmul(x, wave(b, 2, 301, 257))],
  ["Conv", [3, 17, 13, 11], (b, x) => b.conv(x, wave(b, 19, 17, 3, 3), window([1, 1, 1, 1]))],
  ["Conv of one image", [1, 17, 29, 31], (b, x) => b.conv(x, wave(b, 19, 17, 3, 3), window([1, 1, 1, 1]))],
  ["Conv of one channel", [1, 1, 29, 31], (b, x) => b.conv(x, wave(b, 5, 1, 17, 13), window([0, 0, 0, 0]))],
  [
    "ConvTranspose of many channels",
    [2, 261, 13, 11],
    (b, x) => b.convTranspose(x, wave(b, 261, 3, 3, 3), window([1, 1, 1, 1]), [0, 0]),
  ],
  [
    "AveragePool",
    [4, 5, 9, 11],
    (b, x) =>
      b.one("AveragePool", [x], {
        count_include_pad: int(0),
        kernel_shape: ints([3, 3]),
        pads: ints([1, 1, 1, 1]),
        strides: ints([2, 1]),
      }),
  ],
];

test.each(cases)(
  "%s gives the same bits for all threads and wherever its input lies",
  async (_, dims, write) => {
    const graph = new Graph(rows);
    const b = new Build(graph);
    graph.output("y", write(b, graph.input("x", "float32", dims)));
    const bytes = writeModel(graphInit(lower(graph, rows), new Names(), "case"));
    const size = elements(dims);
    const hashes = new Set<string>();
    for (const threads of [1, 2, 3, 7]) {
      const session = await InferenceSession.create(bytes, sessionOptions(threads));
      for (const shift of threads === 1 ? [0, 1, 2, 3, 5, 8] : [0]) {
        const data = new Float32Array(size + 16).subarray(shift, shift + size);
        for (let i = 0; i < size; i++) data[i] = 0.6 + 0.5 * Math.sin(2.1 * i);
        const { y } = await session.run({ x: toOrt(tensor("float32", dims, data)) });
        hashes.add(
          createHash("sha256")
            .update(tensorBytes(fromOrt(y!)))
            .digest("hex"),
        );
      }
      await session.release();
    }
    expect(hashes.size).toBe(1);
  },
);

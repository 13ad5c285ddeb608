/** Models for tests, as exporters write them: float32, a symbolic batch, weights as initialisers. */
import { childSeed, seededGenerator } from "../data/seeded.ts";
import { attributeKind } from "../onnx/attribute-kind.ts";
import type { Model } from "../onnx/model.ts";
import { readModel } from "../onnx/read.ts";
import { type NodeInit, tensorInit, valueInit, writeModel } from "../onnx/write.ts";
import { elements, type Tensor, tensor } from "../tensor.ts";

/** A multi-layer perceptron with ReLU between its layers; `widths` begin with the inputs. One layer is a linear model. */
export function mlp(widths: readonly number[], seed = new Uint8Array(32)): Model {
  const last = widths.length - 1;
  const layers = widths.slice(1).flatMap((_, i): NodeInit[] => {
    const from = i === 0 ? "x" : `h${i}`;
    const to = i + 1 === last ? "y" : `z${i}`;
    const gemm = gemmNode(from, `w${i}`, `b${i}`, to);
    return i + 1 === last ? [gemm] : [gemm, { opType: "Relu", input: [to], output: [`h${i + 1}`] }];
  });
  const weights = widths
    .slice(1)
    .flatMap((out, i) => [
      uniform(`w${i}`, [out, widths[i] as number], widths[i] as number, seed),
      uniform(`b${i}`, [out], widths[i] as number, seed),
    ]);
  return write("mlp", layers, weights, [widths[0] as number], widths[last] as number);
}

/** LeNet-5 in today's form for 28x28 images: ReLU and max pooling. */
export function lenet(seed = new Uint8Array(32)): Model {
  const conv = (from: string, i: number, to: string, pad: number): NodeInit => ({
    opType: "Conv",
    input: [from, `w${i}`, `b${i}`],
    output: [to],
    attribute: [ints("kernel_shape", [5, 5]), ints("pads", [pad, pad, pad, pad]), ints("strides", [1, 1])],
  });
  const relu = (from: string, to: string): NodeInit => ({ opType: "Relu", input: [from], output: [to] });
  const pool = (from: string, to: string): NodeInit => ({
    opType: "MaxPool",
    input: [from],
    output: [to],
    attribute: [ints("kernel_shape", [2, 2]), ints("strides", [2, 2])],
  });
  const layers = [
    conv("x", 0, "c0", 2),
    relu("c0", "r0"),
    pool("r0", "p0"),
    conv("p0", 1, "c1", 0),
    relu("c1", "r1"),
    pool("r1", "p1"),
    { opType: "Flatten", input: ["p1"], output: ["f"] },
    gemmNode("f", "w2", "b2", "g2"),
    relu("g2", "r2"),
    gemmNode("r2", "w3", "b3", "g3"),
    relu("g3", "r3"),
    gemmNode("r3", "w4", "b4", "y"),
  ];
  const shapes = [
    [6, 1, 5, 5],
    [16, 6, 5, 5],
    [120, 400],
    [84, 120],
    [10, 84],
  ];
  const weights = shapes.flatMap((dims, i) => {
    const fanIn = elements(dims.slice(1));
    return [uniform(`w${i}`, dims, fanIn, seed), uniform(`b${i}`, [dims[0] as number], fanIn, seed)];
  });
  return write("lenet", layers, weights, [1, 28, 28], 10);
}

function gemmNode(x: string, w: string, b: string, y: string): NodeInit {
  return {
    opType: "Gemm",
    input: [x, w, b],
    output: [y],
    attribute: [{ name: "transB", type: attributeKind.int, i: 1n }],
  };
}

const ints = (name: string, values: number[]) => ({
  name,
  type: attributeKind.ints,
  ints: values.map(BigInt),
});

/** PyTorch's default for linear and convolution layers: uniform within 1 / sqrt(fan in). */
function uniform(
  name: string,
  dims: readonly number[],
  fanIn: number,
  seed: Uint8Array,
): readonly [string, Tensor] {
  const random = seededGenerator(childSeed(seed, name));
  const bound = 1 / Math.sqrt(fanIn);
  const data = Float32Array.from({ length: elements(dims) }, () => (2 * random.float() - 1) * bound);
  return [name, tensor("float32", dims, data)];
}

function write(
  name: string,
  node: NodeInit[],
  weights: readonly (readonly [string, Tensor])[],
  inputs: readonly number[],
  outputs: number,
): Model {
  const bytes = writeModel({
    name,
    node,
    initializer: weights.map(([key, value]) => tensorInit(key, value)),
    input: [valueInit("x", "float32", ["batch", ...inputs])],
    output: [valueInit("y", "float32", ["batch", outputs])],
  });
  return readModel(bytes);
}

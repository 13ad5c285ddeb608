/** A small convolutional network for 28x28 digits: in floats, to be trained, and the shapes that both its forms share. */
import { childSeed, seededGenerator } from "../../trainer/engine/data/seeded.ts";
import { attributeKind } from "../../trainer/engine/onnx/attribute-kind.ts";
import { type NodeInit, tensorInit, valueInit, writeModel } from "../../trainer/engine/onnx/write.ts";
import { elements, type Tensor, type Tensors, tensor } from "../../trainer/engine/tensor.ts";

/** Two convolutions of stride 2, each followed by ReLU, and one dense layer. */
export const layers = [
  { weights: [8, 1, 5, 5], window: { kernel_shape: [5, 5], pads: [2, 2, 2, 2], strides: [2, 2] } },
  { weights: [16, 8, 3, 3], window: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] } },
  { weights: [16 * 7 * 7, 10], window: undefined },
] as const;

/** Attributes of a convolution in the file's form. */
export const windowInits = (
  window: Readonly<Record<string, readonly number[]>>,
): NonNullable<NodeInit["attribute"]> =>
  Object.entries(window).map(([name, values]) => ({
    name,
    type: attributeKind.ints,
    ints: values.map(BigInt),
  }));

/** Weights before training. */
export function firstWeights(seed: Uint8Array): Tensors {
  const each = layers.flatMap(({ weights: dims, window }, i): [string, Tensor][] => {
    const outputs = window === undefined ? dims[1] : dims[0];
    const bound = Math.sqrt((6 * outputs) / elements(dims));
    const random = seededGenerator(childSeed(seed, `w${i}`, 0));
    const data = Float32Array.from({ length: elements(dims) }, () => (2 * random.float() - 1) * bound);
    return [
      [`w${i}`, tensor("float32", dims, data)],
      [`b${i}`, tensor("float32", [outputs], new Float32Array(outputs))],
    ];
  });
  return Object.fromEntries(each);
}

/** The network as an ONNX file: `image` [n, 1, 28, 28], `scores` [n, 10]; on request what is inside of it, too. */
export function digitsNetwork(weights: Tensors, inside: readonly ("h0" | "h1")[] = []): Uint8Array {
  const conv = (i: 0 | 1, from: string, to: string): NodeInit => ({
    opType: "Conv",
    input: [from, `w${i}`, `b${i}`],
    output: [to],
    attribute: windowInits(layers[i].window),
  });
  const relu = (from: string, to: string): NodeInit => ({ opType: "Relu", input: [from], output: [to] });
  return writeModel({
    name: "digits",
    node: [
      conv(0, "image", "c0"),
      relu("c0", "h0"),
      conv(1, "h0", "c1"),
      relu("c1", "h1"),
      { opType: "Flatten", input: ["h1"], output: ["flat"] },
      { opType: "Gemm", input: ["flat", "w2", "b2"], output: ["scores"] },
    ],
    initializer: Object.entries(weights).map(([name, value]) => tensorInit(name, value)),
    input: [valueInit("image", "float32", ["n", 1, 28, 28])],
    output: [
      valueInit("scores", "float32", ["n", 10]),
      ...inside.map((name) => valueInit(name, "float32", ["n", "channels", "height", "width"])),
    ],
  });
}

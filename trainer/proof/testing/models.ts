/** Small models of several families for 14x14 digits, as ONNX files: inputs [batch, 1, 14, 14], outputs [batch, 10]. */

import { attributeKind } from "../../engine/onnx/attribute-kind.ts";
import type { Model } from "../../engine/onnx/model.ts";
import { readModel } from "../../engine/onnx/read.ts";
import { type NodeInit, tensorInit, valueInit, writeModel } from "../../engine/onnx/write.ts";
import { elements, tensor } from "../../engine/tensor.ts";

type Attribute = number | readonly number[];

/** Writes nodes one after another; every method gives the name of its result. */
class Sketch {
  readonly nodes: NodeInit[] = [];
  readonly weights: ReturnType<typeof tensorInit>[] = [];
  #names = 0;

  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    const output = `t${this.#names++}`;
    const attribute = Object.entries(attributes).map(([name, value]) => {
      if (typeof value !== "number") return { name, type: attributeKind.ints, ints: value.map(BigInt) };
      return Number.isInteger(value)
        ? { name, type: attributeKind.int, i: BigInt(value) }
        : { name, type: attributeKind.float, f: value };
    });
    this.nodes.push({ opType: op, input: [...inputs], output: [output], attribute });
    return output;
  }

  /** A weight whose values do not matter, as they are drawn before training; `value` where they do. */
  weight(name: string, dims: readonly number[], value?: number): string {
    const data = Float32Array.from({ length: elements(dims) }, (_, i) => value ?? ((i * 37) % 19) / 100);
    this.weights.push(tensorInit(name, tensor("float32", dims, data)));
    return name;
  }

  shape(dims: readonly number[]): string {
    const name = `shape${this.#names++}`;
    this.weights.push(tensorInit(name, tensor("int64", [dims.length], BigInt64Array.from(dims, BigInt))));
    return name;
  }

  scalar(value: number): string {
    const name = `scalar${this.#names++}`;
    this.weights.push(tensorInit(name, tensor("float32", [], Float32Array.of(value))));
    return name;
  }

  /** x W^T + b, as PyTorch exports a linear layer. */
  linear(name: string, x: string, from: number, to: number): string {
    const w = this.weight(`${name}.weight`, [to, from]);
    const b = this.weight(`${name}.bias`, [to], 0);
    return this.node("Gemm", [x, w, b], { transB: 1 });
  }

  conv(
    name: string,
    x: string,
    from: number,
    to: number,
    size: number,
    attributes: Record<string, Attribute> = {},
  ) {
    const group = (attributes.group as number | undefined) ?? 1;
    const w = this.weight(`${name}.weight`, [to, from / group, size, size]);
    const b = this.weight(`${name}.bias`, [to], 0);
    return this.node("Conv", [x, w, b], { kernel_shape: [size, size], ...attributes });
  }

  flat(x: string): string {
    return this.node("Flatten", [x], { axis: 1 });
  }

  relu(x: string): string {
    return this.node("Relu", [x]);
  }
}

const families: Record<string, (s: Sketch, x: string) => string> = {
  linear: (s, x) => s.linear("out", s.flat(x), 196, 10),
  mlp: (s, x) => s.linear("out", s.relu(s.linear("hidden", s.flat(x), 196, 64)), 64, 10),
  deep: (s, x) => {
    const a = s.node("Tanh", [s.linear("a", s.flat(x), 196, 48)]);
    const b = s.node("Tanh", [s.linear("b", a, 48, 48)]);
    return s.linear("out", s.node("Tanh", [s.linear("c", b, 48, 48)]), 48, 10);
  },
  cnn: (s, x) => {
    const a = s.relu(s.conv("a", x, 1, 8, 3, { strides: [2, 2], pads: [1, 1, 1, 1] }));
    const b = s.relu(s.conv("b", a, 8, 16, 3, { strides: [2, 2], pads: [1, 1, 1, 1] }));
    return s.linear("out", s.flat(b), 16 * 16, 10);
  },
  lenet: (s, x) => {
    const pool = (y: string) => s.node("MaxPool", [y], { kernel_shape: [2, 2], strides: [2, 2] });
    const a = pool(s.relu(s.conv("a", x, 1, 6, 5, { pads: [2, 2, 2, 2] })));
    const b = s.relu(s.conv("b", a, 6, 12, 4));
    return s.linear("out", s.relu(s.linear("c", s.flat(b), 12 * 16, 32)), 32, 10);
  },
  batchNorm: (s, x) => {
    const normal = (name: string, y: string, n: number) =>
      s.node("BatchNormalization", [
        y,
        s.weight(`${name}.weight`, [n], 1),
        s.weight(`${name}.bias`, [n], 0),
        s.weight(`${name}.running_mean`, [n], 0),
        s.weight(`${name}.running_var`, [n], 1),
      ]);
    const a = s.relu(normal("na", s.conv("a", x, 1, 8, 3, { strides: [2, 2], pads: [1, 1, 1, 1] }), 8));
    const b = s.relu(normal("nb", s.conv("b", a, 8, 16, 3, { strides: [2, 2], pads: [1, 1, 1, 1] }), 16));
    return s.linear("out", s.flat(b), 256, 10);
  },
  residual: (s, x) => {
    const a = s.linear("a", s.flat(x), 196, 48);
    const norm = s.node("LayerNormalization", [
      a,
      s.weight("n.weight", [48], 1),
      s.weight("n.bias", [48], 0),
    ]);
    const b = s.linear("c", s.relu(s.linear("b", norm, 48, 96)), 96, 48);
    return s.linear("out", s.node("Add", [a, b]), 48, 10);
  },
  depthwise: (s, x) => {
    const a = s.relu(s.conv("a", x, 1, 12, 3, { strides: [2, 2], pads: [1, 1, 1, 1] }));
    const b = s.conv("b", a, 12, 12, 3, { strides: [2, 2], pads: [1, 1, 1, 1], group: 12 });
    return s.linear("out", s.flat(s.relu(s.conv("c", b, 12, 16, 1))), 256, 10);
  },
  attention: (s, x) => {
    // The rows of an image as 14 tokens; one head, then the mean over tokens.
    const tokens = s.node("Reshape", [x, s.shape([-1, 14, 14])]);
    const weight = (name: string, from: number, to: number) => s.weight(name, [from, to]);
    const embedded = s.node("MatMul", [tokens, weight("embed", 14, 32)]);
    const h = s.node("Add", [embedded, s.weight("position", [14, 32])]);
    const q = s.node("MatMul", [h, weight("query", 32, 32)]);
    const k = s.node("Transpose", [s.node("MatMul", [h, weight("key", 32, 32)])], { perm: [0, 2, 1] });
    const v = s.node("MatMul", [h, weight("value", 32, 32)]);
    const scores = s.node("Mul", [s.node("MatMul", [q, k]), s.scalar(1 / Math.sqrt(32))]);
    const mixed = s.node("MatMul", [s.node("Softmax", [scores], { axis: -1 }), v]);
    const summed = s.node("Add", [h, s.node("MatMul", [mixed, weight("mix", 32, 32)])]);
    return s.linear("out", s.flat(s.relu(summed)), 14 * 32, 10);
  },
};

export const familyNames: readonly string[] = Object.keys(families);

/** The file of a family's model. */
function modelBytes(family: string): Uint8Array {
  const s = new Sketch();
  const make = families[family];
  if (make === undefined) throw new Error(`no family ${family}; there are ${familyNames.join(", ")}`);
  const output = make(s, "image");
  s.nodes.push({ opType: "Identity", input: [output], output: ["scores"] });
  return writeModel({
    name: family,
    node: s.nodes,
    initializer: s.weights,
    input: [valueInit("image", "float32", ["batch", 1, 14, 14])],
    output: [valueInit("scores", "float32", ["batch", 10])],
  });
}

export const familyModel = (family: string): Model => readModel(modelBytes(family));

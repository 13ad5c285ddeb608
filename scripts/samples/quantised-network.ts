/**
 * The trained network in whole numbers. From the pixels to the class there is no float: products of 8-bit integers are
 * added up in 32 bits, and between two layers a sum is multiplied by a fixed fraction m / 2^shift in 64 bits. So every
 * machine finds the same class, to the last image.
 */

import { elementType } from "../../trainer/engine/graph/element-type.ts";
import { attributeKind } from "../../trainer/engine/onnx/attribute-kind.ts";
import { type NodeInit, tensorInit, valueInit, writeModel } from "../../trainer/engine/onnx/write.ts";
import { type Tensor, type Tensors, tensor } from "../../trainer/engine/tensor.ts";
import { layers, windowInits } from "./digits-network.ts";

/** The largest value that each hidden layer gives for usual images: what its 255 stands for. */
export type Ranges = readonly [number, number];

const largestWeight = 127;
const largestPixel = 255;
/** Of the fractions between layers. */
const fractionBits = 15;

/** `image` uint8 [n, 1, 28, 28], `label` int64 [n]. */
export function quantisedNetwork(weights: Tensors, ranges: Ranges): Uint8Array {
  const nodes: NodeInit[] = [];
  const constants: (readonly [string, Tensor])[] = [];
  let from = "image";
  /** What one step of the values means in the float network. */
  let step = 1 / largestPixel;
  for (const [i, { window }] of layers.entries()) {
    const [w, b] = [floats(weights, `w${i}`), floats(weights, `b${i}`)];
    const weightStep = w.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / largestWeight;
    const sumStep = step * weightStep;
    constants.push([
      `w${i}`,
      tensor(
        "int8",
        w.dims,
        Int8Array.from(w.data, (x) => Math.round(x / weightStep)),
      ),
    ]);
    const places = window === undefined ? b.dims : [1, b.dims[0]!, 1, 1];
    constants.push([
      `b${i}`,
      tensor(
        "int32",
        places,
        Int32Array.from(b.data, (x) => Math.round(x / sumStep)),
      ),
    ]);
    if (window === undefined) {
      nodes.push({ opType: "Flatten", input: [from], output: ["flat"] });
      from = "flat";
    }
    nodes.push(
      {
        opType: window === undefined ? "MatMulInteger" : "ConvInteger",
        input: [from, `w${i}`],
        output: [`p${i}`],
        attribute: window === undefined ? [] : windowInits(window),
      },
      { opType: "Add", input: [`p${i}`, `b${i}`], output: [`s${i}`] },
    );
    const range = ranges[i];
    if (range === undefined) continue;
    const outStep = range / largestPixel;
    rescale(nodes, constants, i, sumStep / outStep);
    from = `h${i}`;
    step = outStep;
  }
  const axis = { name: "axis", type: attributeKind.int, i: 1n };
  const keepdims = { name: "keepdims", type: attributeKind.int, i: 0n };
  nodes.push({
    opType: "ArgMax",
    input: [`s${layers.length - 1}`],
    output: ["label"],
    attribute: [axis, keepdims],
  });
  return writeModel({
    name: "digits in whole numbers",
    node: nodes,
    initializer: constants.map(([name, value]) => tensorInit(name, value)),
    input: [valueInit("image", "uint8", ["n", 1, 28, 28])],
    output: [valueInit("label", "int64", ["n"])],
  });
}

/** h = min(max(s, 0) * m / 2^shift, 255), rounded to the nearest: ReLU is in it. */
function rescale(
  nodes: NodeInit[],
  constants: (readonly [string, Tensor])[],
  i: number,
  factor: number,
): void {
  const shift = fractionBits - Math.ceil(Math.log2(factor));
  const scalar = (name: string, value: number) => {
    constants.push([name, tensor("int64", [], BigInt64Array.of(BigInt(value)))]);
    return name;
  };
  const to = (type: "int64" | "uint8") => [
    { name: "to", type: attributeKind.int, i: BigInt(elementType[type]) },
  ];
  nodes.push(
    { opType: "Cast", input: [`s${i}`], output: [`wide${i}`], attribute: to("int64") },
    { opType: "Max", input: [`wide${i}`, scalar(`zero${i}`, 0)], output: [`positive${i}`] },
    {
      opType: "Mul",
      input: [`positive${i}`, scalar(`m${i}`, Math.round(factor * 2 ** shift))],
      output: [`times${i}`],
    },
    { opType: "Add", input: [`times${i}`, scalar(`half${i}`, 2 ** (shift - 1))], output: [`more${i}`] },
    { opType: "Div", input: [`more${i}`, scalar(`whole${i}`, 2 ** shift)], output: [`scaled${i}`] },
    { opType: "Min", input: [`scaled${i}`, scalar(`most${i}`, largestPixel)], output: [`byte${i}`] },
    { opType: "Cast", input: [`byte${i}`], output: [`h${i}`], attribute: to("uint8") },
  );
}

function floats(weights: Tensors, name: string): Tensor<"float32"> {
  const value = weights[name];
  if (value?.dtype !== "float32") throw new Error(`${name} is no float32 tensor`);
  return value;
}

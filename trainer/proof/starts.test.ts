import { expect, test } from "vitest";
import { type Attributes, int } from "../engine/graph/attribute.ts";
import type { Model } from "../engine/onnx/model.ts";
import { elements, tensor } from "../engine/tensor.ts";
import { type Seeded, startsOf } from "./starts.ts";

const seeded: Seeded = { type: "seeded", default: { law: "gmm2" }, laws: {} };

/** A model of one node per tensor, which reads it as input `at`. */
function start(op: string, at: number, dims: number[], attributes: Attributes = {}, values?: number[]) {
  const data = Float32Array.from({ length: elements(dims) }, (_, i) => values?.[i] ?? i);
  const inputs = Array.from({ length: at + 1 }, (_, i) => (i === at ? "w" : `x${i}`));
  const model: Model = {
    opset: 17,
    inputs: [],
    outputs: [],
    initialisers: new Map([["w", tensor("float32", dims, data)]]),
    nodes: [{ op, name: "", inputs, outputs: ["y"], attributes }],
    bytes: new Uint8Array(),
  };
  return startsOf(model, [{ name: "w", dtype: "float32", dims }], seeded)[0];
}

test("fan-in and fan-out follow from how a weight is used", () => {
  const drawn = { law: { law: "gmm2" } };
  expect(start("Gemm", 1, [30, 20])).toMatchObject({ ...drawn, fanIn: 30, fanOut: 20 });
  expect(start("Gemm", 1, [30, 20], { transB: int(1) })).toMatchObject({ ...drawn, fanIn: 20, fanOut: 30 });
  expect(start("MatMul", 1, [30, 20])).toMatchObject({ ...drawn, fanIn: 30, fanOut: 20 });
  expect(start("MatMul", 0, [30, 20])).toMatchObject({ ...drawn, fanIn: 20, fanOut: 30 });
  expect(start("Conv", 1, [16, 4, 3, 5], { group: int(2) })).toMatchObject({
    ...drawn,
    fanIn: 60,
    fanOut: 120,
  });
  expect(start("ConvTranspose", 1, [16, 4, 3, 3])).toMatchObject({ ...drawn, fanIn: 144, fanOut: 36 });
  expect(start("Gather", 0, [1000, 32])).toMatchObject({ ...drawn, fanIn: 32, fanOut: 32 });
});

test("a transposition on the way turns the fans around", () => {
  const model: Model = {
    opset: 17,
    inputs: [],
    outputs: [],
    initialisers: new Map(),
    nodes: [
      { op: "Transpose", name: "", inputs: ["w"], outputs: ["t"], attributes: {} },
      { op: "MatMul", name: "", inputs: ["x", "t"], outputs: ["y"], attributes: {} },
    ],
    bytes: new Uint8Array(),
  };
  const w = { name: "w", dtype: "float32", dims: [30, 20] } as const;
  expect(startsOf(model, [w], seeded)).toMatchObject([{ fanIn: 20, fanOut: 30 }]);
});

test("all else begins as a constant: the model's own, or the one that does nothing", () => {
  const constant = (value: number) => ({ law: { law: "constant", value } });
  expect(start("Add", 1, [3], {}, [0.5, 0.5, 0.5])).toMatchObject(constant(0.5));
  expect(start("Gemm", 2, [3])).toMatchObject(constant(0));
  expect(start("Mul", 1, [3])).toMatchObject(constant(1));
  expect(start("BatchNormalization", 1, [3])).toMatchObject(constant(1));
  expect(start("BatchNormalization", 3, [3])).toMatchObject(constant(0));
  expect(start("BatchNormalization", 4, [3])).toMatchObject(constant(1));
  expect(start("LayerNormalization", 2, [3])).toMatchObject(constant(0));
  expect(start("Conv", 2, [3])).toMatchObject(constant(0));
});

test("the manifest overrides by name, and a name that trains nothing is refused", () => {
  const w = { name: "w", dtype: "float32", dims: [4, 4] } as const;
  const model = {
    opset: 17,
    inputs: [],
    outputs: [],
    initialisers: new Map(),
    nodes: [],
    bytes: new Uint8Array(),
  };
  const law = { law: "xavier", shape: "uniform" } as const;
  expect(startsOf(model, [w], { ...seeded, laws: { w: law } })).toMatchObject([{ law }]);
  expect(() => startsOf(model, [w], { ...seeded, laws: { v: law } })).toThrow('no trained tensor "v"');
});

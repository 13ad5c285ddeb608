import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EngineError } from "../engine/error.ts";
import { attributeKind } from "../engine/onnx/attribute-kind.ts";
import { GraphProtoSchema } from "../engine/onnx/generated/onnx_pb.ts";
import { readModel } from "../engine/onnx/read.ts";
import { tensorInit, valueInit, writeModel } from "../engine/onnx/write.ts";
import { type Tensors, tensor } from "../engine/tensor.ts";
import { compose, node } from "../engine/testing/compose.ts";
import { DrillingError } from "./drilling-error.ts";
import { unitGraph } from "./unit-graph.ts";

const weights = tensor("float32", [3, 4], new Float32Array(12).fill(0.5));
const product = (width: number): Uint8Array =>
  compose({
    nodes: [node("MatMul", ["x", "w"])],
    inputs: { x: { dims: ["n", 3] } },
    initialisers: { w: tensor("float32", [3, width], new Float32Array(3 * width)) },
  });
const rows = (n: number): Tensors => ({ x: tensor("float32", [n, 3], new Float32Array(3 * n)) });
const of = (bytes: Uint8Array, unit: Tensors) => unitGraph(readModel(bytes, { loops: true }), unit);

/** x := x w, so often. */
function looped(rounds: number): Uint8Array {
  const square = tensor("float32", [3, 3], new Float32Array(9));
  const body = create(GraphProtoSchema, {
    node: [{ opType: "MatMul", input: ["now", "w"], output: ["next"] }],
    input: ["i", "goes", "now"].map((name) => ({ name })),
    output: ["goes", "next"].map((name) => ({ name })),
  });
  const attribute = { name: "body", type: attributeKind.graph, g: toBinary(GraphProtoSchema, body) };
  return writeModel({
    name: "looped",
    node: [{ opType: "Loop", input: ["rounds", "", "x"], output: ["y"], attribute: [attribute] }],
    initializer: [
      tensorInit("rounds", tensor("int64", [], BigInt64Array.of(BigInt(rounds)))),
      tensorInit("w", square),
    ],
    input: [valueInit("x", "float32", ["n", 3])],
    output: [valueInit("y", "float32", ["n", 3])],
  });
}

test("difficulty is the count in uut of 432,000 operations, rounded up, and at least 1", () => {
  // 2 n 3 width operations for n rows.
  expect(of(product(72_000), rows(1))).toMatchObject({ flop: 432_000n, difficulty: 1n });
  expect(of(product(72_000), rows(2))).toMatchObject({ flop: 864_000n, difficulty: 2n });
  expect(of(product(72_001), rows(1))).toMatchObject({ flop: 432_006n, difficulty: 2n });
  expect(of(looped(24_000), rows(1))).toMatchObject({ flop: 432_000n, difficulty: 1n });
  const idle = compose({ nodes: [node("Neg", ["x"])], inputs: { x: { dims: ["n", 3] } } });
  expect(of(idle, rows(9))).toMatchObject({ flop: 0n, difficulty: 1n });
});

test("the same model for the same shapes is the same graph, and for others another", () => {
  expect(of(product(4), rows(2)).id).toBe(of(product(4), rows(2)).id);
  expect(of(product(4), rows(2)).id).not.toBe(of(product(4), rows(3)).id);
});

test("names of the model cannot meet those of the graph", () => {
  const odd = compose({
    nodes: [node("MatMul", ["v0", "v1"], ["in/v0"])],
    inputs: { v0: { dims: ["n", 3] } },
    initialisers: { v1: weights },
    outputs: ["in/v0"],
  });
  expect(of(odd, { v0: rows(2).x! })).toMatchObject({
    flop: 48n,
    outputs: [{ name: "in/v0", dims: [2, 4] }],
  });
});

describe("whatever is done to a file, it is a graph, or an error that says whose fault it is", () => {
  test.each([
    ["with a loop", looped(7)],
    ["without", product(4)],
  ])("%s", (_name, bytes) => {
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const broken = bytes.slice();
        for (const { at, to } of changes) broken[at] = to;
        try {
          expect(of(broken, rows(2)).difficulty).toBeGreaterThan(0n);
        } catch (error) {
          if (!(error instanceof DrillingError) && !(error instanceof EngineError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });
});

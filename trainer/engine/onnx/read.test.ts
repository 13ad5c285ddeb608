import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EngineError, type EngineErrorCode } from "../error.ts";
import { inferProgram } from "../evaluate.ts";
import { int, ints } from "../graph/attribute.ts";
import { meanSquaredError } from "../loss.ts";
import { sgd } from "../optimiser.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { compose, node } from "../testing/compose.ts";
import { exported, exportedNames } from "../testing/exported.ts";
import { trainProgram } from "../train.ts";
import { type ModelProto, ModelProtoSchema, NodeProtoSchema } from "./generated/onnx_pb.ts";
import { defaultLimits } from "./limits.ts";
import { readModel } from "./read.ts";

const w = (...values: number[]): Tensor => tensor("float32", [values.length], Float32Array.from(values));
const x = { x: { dims: ["batch", 3] } } as const;
const relu = [node("Relu", ["x"])];
const plain = compose({ nodes: relu, inputs: x });

const branch = create(NodeProtoSchema, {
  opType: "If",
  input: ["x"],
  output: ["y"],
  attribute: [{ name: "then_branch", type: 5, g: new Uint8Array() }],
});

/** The file of `bytes` after a change. */
function changed(bytes: Uint8Array, change: (model: ModelProto) => unknown): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const weighted = (value: Tensor) =>
  compose({ nodes: [node("Add", ["x", "w"])], inputs: x, initialisers: { w: value } });
const initialiser = (change: (proto: NonNullable<ModelProto["graph"]>["initializer"][number]) => unknown) =>
  changed(weighted(w(1, 2, 3)), (model) => change(model.graph!.initializer[0]!));

const refused: readonly (readonly [string, Uint8Array, EngineErrorCode, RegExp])[] = [
  ["nothing", new Uint8Array(), "Malformed", /no graph/],
  ["text", new TextEncoder().encode("this is no model at all"), "Malformed", /not an ONNX file/],
  [
    "a file that ends inside a field",
    plain.subarray(0, plain.length - 3),
    "Malformed",
    /longer than its message|ends/,
  ],
  ["a weight that is NaN", weighted(w(1, Number.NaN, 3)), "NonFinite", /initialiser "w": it has NaN/],
  [
    "a constant that is NaN",
    compose({
      nodes: [
        node("Constant", [], ["c"], { value: { type: "tensor", value: w(Number.NaN) } }),
        node("Add", ["x", "c"]),
      ],
      inputs: x,
    }),
    "NonFinite",
    /attribute "value": it has NaN/,
  ],
  [
    "a negative dimension",
    initialiser((p) => Object.assign(p, { dims: [-3n] })),
    "Malformed",
    /initialiser "w": dimension -3/,
  ],
  [
    "dimensions that overflow",
    initialiser((p) => Object.assign(p, { dims: [2n ** 20n, 2n ** 20n, 2n ** 20n] })),
    "TooLarge",
    /initialiser "w"/,
  ],
  [
    "a dimension beyond counting",
    initialiser((p) => Object.assign(p, { dims: [2n ** 62n] })),
    "TooLarge",
    /dimension 4611686018427387904/,
  ],
  [
    "dimensions that lie",
    initialiser((p) => Object.assign(p, { dims: [4n] })),
    "Malformed",
    /needs 16 bytes, got 12/,
  ],
  [
    "a tensor without data",
    initialiser((p) => Object.assign(p, { rawData: new Uint8Array() })),
    "Malformed",
    /there are none/,
  ],
  [
    "data given twice",
    initialiser((p) => Object.assign(p, { floatData: [1, 2, 3] })),
    "Malformed",
    /given twice/,
  ],
  ["a rank of nine", initialiser((p) => Object.assign(p, { dims: Array(9).fill(1n) })), "TooLarge", /rank 9/],
  [
    "half precision",
    initialiser((p) => Object.assign(p, { dataType: 10 })),
    "Unsupported",
    /element type 10/,
  ],
  [
    "data in another file, unasked",
    initialiser((p) => void Object.assign(p, { rawData: new Uint8Array(), dataLocation: 1 })),
    "Unsupported",
    /in another file/,
  ],
  [
    "an initialiser twice",
    changed(weighted(w(1, 2, 3)), ({ graph }) => void graph!.initializer.push(graph!.initializer[0]!)),
    "Malformed",
    /"w" is there twice/,
  ],
  [
    "an input twice",
    changed(plain, ({ graph }) => void graph!.input.push(graph!.input[0]!)),
    "Malformed",
    /input "x" is there twice/,
  ],
  [
    "a value made twice",
    compose({ nodes: [...relu, node("Neg", ["x"])], inputs: x }),
    "Malformed",
    /makes "y", which is there already/,
  ],
  [
    "a value that nothing makes",
    compose({ nodes: [node("Add", ["x", "z"])], inputs: x }),
    "Malformed",
    /node "Add to y" \(Add\) reads "z", which nothing makes/,
  ],
  [
    "a cycle",
    compose({
      nodes: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"])],
      inputs: x,
    }),
    "Malformed",
    /node "Add to a" \(Add\) reads "b".*cycle/,
  ],
  [
    "an output that nothing makes",
    compose({ nodes: relu, inputs: x, outputs: ["z"] }),
    "Malformed",
    /output "z"/,
  ],
  ["no outputs", compose({ nodes: relu, inputs: x, outputs: [] }), "Malformed", /no output/],
  ["a future operator set", compose({ nodes: relu, inputs: x, opset: 99 }), "Unsupported", /operator set 99/],
  [
    "no operator set",
    changed(plain, (model) => Object.assign(model, { opsetImport: [] })),
    "Malformed",
    /imported 0 times/,
  ],
  [
    "functions",
    changed(plain, (model) => Object.assign(model, { functions: [Uint8Array.of(1)] })),
    "Unsupported",
    /functions/,
  ],
  [
    "sparse weights",
    changed(plain, ({ graph }) => Object.assign(graph!, { sparseInitializer: [Uint8Array.of(1)] })),
    "Unsupported",
    /sparse/,
  ],
  [
    "another domain",
    changed(plain, ({ graph }) => Object.assign(graph!.node[0]!, { domain: "com.example" })),
    "Unsupported",
    /domain "com.example"/,
  ],
  [
    "a subgraph",
    changed(plain, ({ graph }) => Object.assign(graph!.node, [branch])),
    "Unsupported",
    /subgraphs/,
  ],
  [
    "an attribute twice",
    changed(
      compose({ nodes: [node("Softmax", ["x"], ["y"], { axis: int(1) })], inputs: x }),
      ({ graph }) => void graph!.node[0]!.attribute.push(graph!.node[0]!.attribute[0]!),
    ),
    "Malformed",
    /attribute "axis" is there twice/,
  ],
  [
    "a long name",
    compose({ nodes: [node("Relu", ["x"], ["y".repeat(600)])], inputs: x, outputs: ["y".repeat(600)] }),
    "TooLarge",
    /600 characters/,
  ],
  [
    "a sequence as input",
    changed(plain, ({ graph }) => Object.assign(graph!.input[0]!, { type: undefined })),
    "Unsupported",
    /not a tensor/,
  ],
];

describe("a file is refused", () => {
  test.each(refused)("for %s", (_, bytes, code, message) => {
    const error = failure(() => readModel(bytes));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  test("for more nodes than the limit, or more of anything that is not weights", () => {
    const chain = Array.from({ length: 9 }, (_, i) =>
      node("Relu", [i === 0 ? "x" : `v${i}`], [i === 8 ? "y" : `v${i + 1}`]),
    );
    const bytes = compose({ nodes: chain, inputs: x });
    expect(failure(() => readModel(bytes, { limits: { ...defaultLimits, nodes: 8 } })).message).toMatch(
      /9 nodes, the limit is 8/,
    );
    const limits = { ...defaultLimits, structureBytes: 100 };
    expect(failure(() => readModel(bytes, { limits })).message).toMatch(
      /more than 100 bytes besides raw tensor data/,
    );
    expect(
      readModel(weighted(tensor("float32", [1000], new Float32Array(1000))), {
        limits: { ...defaultLimits, structureBytes: 150 },
      }).initialisers.size,
    ).toBe(1);
  });

  test("without being decoded when it is two-byte messages without end", () => {
    const bomb = new Uint8Array(20 * 2 ** 20 + 5);
    const header = [0x3a, ...varint(bomb.length - 5)]; // graph, of everything that follows
    bomb.set(header);
    for (let at = header.length; at + 1 < bomb.length; at += 2) bomb[at] = 0x0a; // an empty node
    expect(failure(() => readModel(bomb)).code).toBe("TooLarge");
  });
});

/** Refused when it is bound to a job: the file as such is well formed. */
const unbindable: readonly (readonly [string, Uint8Array, EngineErrorCode, RegExp])[] = [
  [
    "an unsupported operator",
    compose({ nodes: [node("NonZero", ["x"])], inputs: x }),
    "Unsupported",
    /node "NonZero to y" \(NonZero\): operator NonZero is not supported; supported are Abs, Add/,
  ],
  [
    "an operator called like a method of objects",
    compose({ nodes: [node("toString", ["x"])], inputs: x }),
    "Unsupported",
    /operator toString/,
  ],
  [
    "an unknown attribute",
    compose({ nodes: [node("Relu", ["x"], ["y"], { slope: int(1) })], inputs: x }),
    "Unsupported",
    /attribute slope is not known/,
  ],
  [
    "an attribute of the wrong kind",
    compose({ nodes: [node("Softmax", ["x"], ["y"], { axis: ints([1]) })], inputs: x }),
    "Malformed",
    /attribute axis is ints, expected int/,
  ],
  [
    "an axis without a size",
    compose({ nodes: relu, inputs: { x: { dims: ["batch", "length"] } } }),
    "DynamicShape",
    /input "x": axis 1 \(length\)/,
  ],
  [
    "another batch than the job's",
    compose({ nodes: relu, inputs: { x: { dims: [5, 3] } } }),
    "DynamicShape",
    /exported for 5 samples, the job has 4/,
  ],
  [
    "a shape that depends on data",
    compose({ nodes: [node("Cast", ["x"], ["s"], { to: int(7) }), node("Reshape", ["x", "s"])], inputs: x }),
    "DynamicShape",
    /\(Reshape\).*depends on the data/,
  ],
  [
    "shapes that do not fit",
    compose({
      nodes: [node("MatMul", ["x", "w"])],
      inputs: x,
      initialisers: { w: tensor("float32", [2, 2], new Float32Array(4)) },
    }),
    "BadShape",
    /\(MatMul\): \[4,3\] and \[2,2\]/,
  ],
  [
    "a tensor grown beyond bounds",
    compose({
      nodes: [node("Expand", ["x", "s"])],
      inputs: x,
      initialisers: { s: tensor("int64", [4], BigInt64Array.of(2n ** 20n, 2n ** 6n, 4n, 3n)) },
    }),
    "TooLarge",
    /node "Expand to y" \(Expand\)/,
  ],
  [
    "a tensor of overflowing size",
    compose({
      nodes: [node("ConstantOfShape", ["s"])],
      inputs: x,
      initialisers: { s: tensor("int64", [3], BigInt64Array.of(2n ** 40n, 2n ** 40n, 2n ** 40n)) },
    }),
    "TooLarge",
    /ConstantOfShape/,
  ],
  [
    "a negative shape",
    compose({
      nodes: [node("ConstantOfShape", ["s"])],
      inputs: x,
      initialisers: { s: tensor("int64", [1], BigInt64Array.of(-4n)) },
    }),
    "BadShape",
    /ConstantOfShape/,
  ],
  [
    "padding to less than nothing",
    compose({
      nodes: [node("Pad", ["x", "p"])],
      inputs: x,
      initialisers: { p: tensor("int64", [4], BigInt64Array.of(0n, -9n, 0n, 0n)) },
    }),
    "BadShape",
    /Pad/,
  ],
  [
    "a range without end",
    compose({
      nodes: [node("Range", ["a", "b", "c"])],
      inputs: x,
      initialisers: {
        a: tensor("float32", [], Float32Array.of(0)),
        b: tensor("float32", [], Float32Array.of(1e9)),
        c: tensor("float32", [], Float32Array.of(1e-9)),
      },
    }),
    "TooLarge",
    /Range/,
  ],
  ["a missing input", compose({ nodes: [node("Add", ["x"])], inputs: x }), "BadShape", /input 1 is missing/],
];

test.each(unbindable)("a model is refused for %s", (_, bytes, code, message) => {
  const model = readModel(bytes);
  const error = failure(() => inferProgram(model, { batch: 4, steps: 1 }));
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
});

test("doubling again and again is stopped by the sum of all tensors, before anything runs", () => {
  const doubling = Array.from({ length: 40 }, (_, i) =>
    node("Concat", [i === 0 ? "x" : `v${i}`, i === 0 ? "x" : `v${i}`], [i === 39 ? "y" : `v${i + 1}`], {
      axis: int(1),
    }),
  );
  const model = readModel(compose({ nodes: doubling, inputs: x }));
  const error = failure(() =>
    trainProgram(model, { loss: meanSquaredError(), optimiser: sgd(), batch: 4, steps: 1 }),
  );
  expect([error.code, error.message]).toEqual(["TooLarge", expect.stringContaining("Concat")]);
});

test("whatever is done to a file, it is a model or an EngineError", () => {
  const files = exportedNames
    .map((name) => exported(name).model.bytes)
    .filter((bytes) => bytes.length < 30_000);
  const edit = fc.record({ at: fc.nat(30_000), byte: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(edit, { minLength: 1, maxLength: 8 }),
      fc.nat(40),
      (file, edits, cut) => {
        const bytes = file.slice(0, cut === 0 ? Math.floor(file.length / 2) : file.length);
        for (const { at, byte } of edits) bytes[at % Math.min(bytes.length, 4000)] = byte;
        try {
          inferProgram(readModel(bytes), { batch: 2, steps: 1 });
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
        }
      },
    ),
    { numRuns: 2000, seed: 7 },
  );
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

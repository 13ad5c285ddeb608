import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { decodeSafetensors } from "../engine/data/safetensors.ts";
import { type Device, openDevice } from "../engine/device/device.ts";
import { int } from "../engine/graph/attribute.ts";
import { attributeKind } from "../engine/onnx/attribute-kind.ts";
import { GraphProtoSchema } from "../engine/onnx/generated/onnx_pb.ts";
import { type NodeInit, tensorInit, valueInit, writeModel } from "../engine/onnx/write.ts";
import { type Tensors, tensor } from "../engine/tensor.ts";
import { compose, node } from "../engine/testing/compose.ts";
import { putBundle } from "../storage/bundle.ts";
import { openStore, type Store } from "../storage/store.ts";
import type { ResultRule } from "./result.ts";
import { resultHash } from "./result.ts";
import { unitResult } from "./run-unit.ts";
import { fetchResult, resultAddress, storeResult } from "./stored.ts";
import { openTask, type TaskFiles } from "./task.ts";
import { encodeUnit, inputsRoot, unitName } from "./unit-file.ts";

let folder: string;
let store: Store;
let device: Device;
let made = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-drilling-"));
  store = openStore({ files: { root: folder } });
  device = await openDevice({ threads: 1 });
});
afterAll(async () => {
  device.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const uint8 = (dims: readonly number[], ...list: number[]) => tensor("uint8", dims, Uint8Array.from(list));
const address = (text: string) => Buffer.from(text);

/** Products with [1, 2, 3], summed up to whole numbers. */
const weights = tensor("int8", [3, 2], Int8Array.of(1, -1, 2, -2, 3, -3));
const product = compose({
  nodes: [node("MatMulInteger", ["x", "w"])],
  inputs: { x: { dtype: "uint8", dims: ["n", 3] } },
  initialisers: { w: weights },
});
const units: Tensors[] = [1, 50, 200].map((v) => ({ x: uint8([2, 3], v, v, v, 0, 1, v) }));

/** Files of a task as a project would store them. */
async function stored(
  model: Uint8Array,
  inputs: readonly Tensors[],
  rule: ResultRule = { type: "Integers" },
): Promise<TaskFiles> {
  const name = `task-${made++}`;
  writeFileSync(join(folder, `${name}.onnx`), model);
  const paths = inputs.map((unit, i) => {
    const path = join(folder, unitName(i));
    writeFileSync(path, encodeUnit(unit));
    return path;
  });
  const { uri } = await putBundle(store, paths, `file:${name}`);
  return {
    model: { hash: blake2b256(model), uri: address(`file:${name}.onnx`) },
    inputs: { hash: inputsRoot(inputs.map((unit) => blake2b256(encodeUnit(unit)))), uri: address(uri) },
    rule,
    units: inputs.length,
  };
}

const cache = () => join(folder, `cache-${made++}`);

test("a task is opened, counted, and its units give whole numbers", async () => {
  const task = await openTask(store, await stored(product, units), cache());
  // Two rows by three by two columns, two for each multiply-add.
  expect(task.graph.flop).toBe(2n * 2n * 3n * 2n);
  expect(task.graph.difficulty).toBe(1n);
  const result = await unitResult(device, task, 1);
  const { tensors } = decodeSafetensors("result", result);
  expect(tensors.y).toEqual(tensor("int64", [2, 2], BigInt64Array.of(300n, -300n, 152n, -152n)));
});

test("a result lies where its hash says", async () => {
  const task = await openTask(store, await stored(product, units), cache());
  const result = await unitResult(device, task, 0);
  const hash = resultHash(result);
  const path = join(folder, "some-result");
  writeFileSync(path, result);
  const uri = await storeResult(store, "file:results/", hash, path);
  expect(uri).toBe(resultAddress("file:results/", hash));
  const found = await fetchResult(store, "file:results/", hash, join(folder, "fetched"));
  expect(Buffer.from(found)).toEqual(Buffer.from(result));
  writeFileSync(join(folder, "results", `${Buffer.from(hash).toString("hex")}.safetensors`), "another");
  await expect(fetchResult(store, "file:results", hash, join(folder, "again"))).rejects.toMatchObject({
    code: "HashMismatch",
  });
  expect(resultAddress("ipfs:?peer=/ip4/1.2.3.4/tcp/4001", hash)).toMatch(/^ipfs:\/\/baf\w+\?peer=/);
});

describe("refused as the task's fault", () => {
  const refusal = async (files: TaskFiles) => openTask(store, files, cache());
  const other = new Uint8Array(32);

  test("units that are not those of the root", async () => {
    const files = await stored(product, units);
    await expect(refusal({ ...files, inputs: { ...files.inputs, hash: other } })).rejects.toMatchObject({
      name: "DrillingError",
      code: "BadFiles",
      message: expect.stringContaining("the task says 0x0000"),
    });
    const swapped = await stored(product, [units[1]!, units[0]!, units[2]!]);
    await expect(refusal({ ...files, inputs: { ...files.inputs, uri: swapped.inputs.uri } })).rejects.toThrow(
      /has the root/,
    );
  });

  test("another number of units", async () => {
    const files = await stored(product, units);
    await expect(refusal({ ...files, units: 4 })).rejects.toThrow(/names 3 files, the task has 4 units/);
    await expect(refusal({ ...files, units: 60_000 })).rejects.toThrow(/at most 50000/);
  });

  test("a model that is none", async () => {
    await expect(refusal(await stored(Buffer.from("no model"), units))).rejects.toMatchObject({
      code: "BadModel",
    });
  });

  test("an operator that nobody knows", async () => {
    const model = compose({
      nodes: [node("Conway", ["x"])],
      inputs: { x: { dtype: "uint8", dims: ["n", 3] } },
    });
    await expect(refusal(await stored(model, units))).rejects.toThrow(/operator Conway is not supported/);
  });

  test("a tensor that the model does not take, or one too few", async () => {
    await expect(refusal(await stored(product, [{ z: units[0]!.x! }]))).rejects.toThrow(
      /input "x" of the model is not among/,
    );
    await expect(refusal(await stored(product, [{ x: uint8([3, 2], 1, 2, 3, 4, 5, 6) }]))).rejects.toThrow(
      /is \[\?,3\]|is \[n,3\]/,
    );
    const task = await refusal(await stored(product, [units[0]!, { ...units[1]!, z: units[0]!.x! }]));
    await expect(task.unit(1)).rejects.toThrow(/"z" is no input of the model/);
  });

  test("a unit of another shape than the first: it would cost something else", async () => {
    const task = await refusal(await stored(product, [units[0]!, { x: uint8([1, 3], 1, 2, 3) }]));
    await expect(task.unit(1)).rejects.toMatchObject({
      code: "BadFiles",
      message: expect.stringContaining("expected uint8 [2,3]"),
    });
  });

  test("one name for two sizes", async () => {
    const model = compose({
      nodes: [node("Add", ["x", "z"])],
      inputs: { x: { dims: ["n"] }, z: { dims: ["n"] } },
    });
    const f = (n: number) => tensor("float32", [n], new Float32Array(n));
    const files = await stored(model, [{ x: f(3), z: f(1) }], { type: "Labels" });
    await expect(refusal(files)).rejects.toThrow(/axis n is 1, elsewhere 3/);
  });

  test("a rule that its outputs do not fit", async () => {
    const model = compose({ nodes: [node("Neg", ["x"])], inputs: { x: { dims: [2] } } });
    await expect(
      refusal(await stored(model, [{ x: tensor("float32", [2], new Float32Array(2)) }])),
    ).rejects.toMatchObject({ code: "BadRule" });
  });
});

test("what nothing depends on is not counted, and not run", async () => {
  const idle = compose({
    nodes: [
      node("MatMulInteger", ["x", "w"]),
      node("Cast", ["x"], ["wide"], { to: int(1) }),
      node("MatMul", ["wide", "big"], ["unused"]),
    ],
    inputs: { x: { dtype: "uint8", dims: ["n", 3] } },
    initialisers: { w: weights, big: tensor("float32", [3, 4096], new Float32Array(3 * 4096)) },
  });
  const task = await openTask(store, await stored(idle, units), cache());
  expect(task.graph.flop).toBe(24n);
});

describe("a hostile graph ends in its own process", () => {
  /** A loop without an end that anybody will see. */
  const endless = (): Uint8Array => {
    const inner: NodeInit = node("MatMul", ["now", "now"], ["next"]);
    const body = {
      name: "body",
      type: attributeKind.graph,
      g: toBinary(
        GraphProtoSchema,
        create(GraphProtoSchema, {
          node: [inner],
          input: ["i", "goes", "now"].map((name) => ({ name })),
          output: ["goes", "next"].map((name) => ({ name })),
        }),
      ),
    };
    return writeModel({
      name: "endless",
      node: [{ opType: "Loop", input: ["rounds", "", "x"], output: ["y"], attribute: [body] }],
      initializer: [tensorInit("rounds", tensor("int64", [], BigInt64Array.of(1_000_000n)))],
      input: [valueInit("x", "float32", [60, 60])],
      output: [valueInit("y", "float32", [60, 60])],
    });
  };

  test("endless work is stopped by the clock", async () => {
    const task = await openTask(
      store,
      await stored(endless(), [{ x: tensor("float32", [60, 60], new Float32Array(3600)) }], {
        type: "Labels",
      }),
      cache(),
    );
    await expect(unitResult(device, task, 0, { timeoutMs: 1_500 })).rejects.toMatchObject({
      name: "DeviceError",
      code: "TimedOut",
    });
    // The next one runs again.
    const good = await openTask(store, await stored(product, units), cache());
    await expect(unitResult(device, good, 0)).resolves.toBeInstanceOf(Uint8Array);
  });

  test("greed is stopped by the limit of memory", async () => {
    const greedy = compose({
      nodes: [
        node("Expand", ["x", "to"], ["big"]),
        node("Exp", ["big"], ["more"]),
        node("ReduceSum", ["more"]),
      ],
      inputs: { x: { dims: [1] } },
      initialisers: { to: tensor("int64", [2], BigInt64Array.of(2n ** 14n, 2n ** 14n)) },
    });
    const small = await openDevice({ threads: 1, memoryBytes: 400 * 2 ** 20 });
    try {
      const files = await stored(greedy, [{ x: tensor("float32", [1], Float32Array.of(1)) }], {
        type: "Quantised",
        value: { quantum: 1n },
      });
      const task = await openTask(store, files, cache());
      await expect(unitResult(small, task, 0)).rejects.toMatchObject({
        name: "DeviceError",
        code: "OutOfMemory",
      });
    } finally {
      small.close();
    }
  });

  test("what brings its process down is the task's fault, and the next unit runs", async () => {
    const model = compose({
      nodes: [node("Div", ["x", "z"])],
      inputs: { x: { dtype: "int32", dims: [1] }, z: { dtype: "int32", dims: [1] } },
    });
    const whole = (value: number) => tensor("int32", [1], Int32Array.of(value));
    const files = await stored(model, [
      { x: whole(-(2 ** 31)), z: whole(-1) },
      { x: whole(7), z: whole(-2) },
    ]);
    const task = await openTask(store, files, cache());
    await expect(unitResult(device, task, 0)).rejects.toMatchObject({
      name: "DrillingError",
      code: "NoResult",
    });
    const { tensors } = decodeSafetensors("result", await unitResult(device, task, 1));
    expect(tensors.y!.data[0]).toBe(-3n);
  });

  test("what is no number is the task's fault", async () => {
    const model = compose({ nodes: [node("Sqrt", ["x"])], inputs: { x: { dims: [2] } } });
    const files = await stored(model, [{ x: tensor("float32", [2], Float32Array.of(4, -1)) }], {
      type: "Labels",
    });
    const task = await openTask(store, files, cache());
    await expect(unitResult(device, task, 0)).rejects.toMatchObject({
      name: "DrillingError",
      code: "NoResult",
    });
  });
});

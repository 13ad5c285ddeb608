import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env, InferenceSession, Tensor as WebTensor } from "onnxruntime-web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runUnit } from "../../trainer/drilling/run-unit.ts";
import { feedName, fetchName, type UnitGraph, unitGraph } from "../../trainer/drilling/unit-graph.ts";
import { blake2b256 } from "../../trainer/engine/data/blake2b.ts";
import { digits } from "../../trainer/engine/data/digits.ts";
import { type Device, openDevice } from "../../trainer/engine/device/device.ts";
import { readModel } from "../../trainer/engine/onnx/read.ts";
import { type Tensors, tensor } from "../../trainer/engine/tensor.ts";
import { samplePoints, sampleSearch } from "./search-data.ts";
import { searchGraph } from "./search-graph.ts";
import { plainSearch } from "./testing/plain-search.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice({ threads: 2 });
});
afterAll(() => device.close());

/** The same graph in WebAssembly: other kernels, and no fused multiply-adds. */
async function inWeb({ bytes, inputs, outputs }: UnitGraph, units: readonly Tensors[]): Promise<Tensors[]> {
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "disabled",
  });
  const results: Tensors[] = [];
  for (const unit of units) {
    const feeds = inputs.map(({ name }) => {
      const { dtype, data, dims } = unit[name]!;
      return [feedName(name), new WebTensor(dtype, data as never, dims)] as const;
    });
    const found = await session.run(Object.fromEntries(feeds));
    const named = outputs.map(({ name, dtype, dims }) => [
      name,
      tensor(dtype, dims, found[fetchName(name)]!.data as never),
    ]);
    results.push(Object.fromEntries(named));
  }
  await session.release();
  return results;
}

describe("image labels", () => {
  const file = join(import.meta.dirname, "../../docs/examples/projects/image-labels/classifier.onnx");
  const count = 1_000;
  const { images, labels } = digits(blake2b256(Buffer.from("sample classifier, test")), count);
  const unit = { image: tensor("uint8", [count, 1, 28, 28], images.data) };

  test("labels digits that it has not seen as its page says, and the same in other kernels", async () => {
    const graph = unitGraph(readModel(readFileSync(file)), unit);
    const found = await runUnit(device, graph, unit);
    const right = labels.data.reduce(
      (sum, digit, i) => sum + Number(Number(found.label!.data[i]) === digit),
      0,
    );
    expect(right).toBeGreaterThan(955);
    expect((await inWeb(graph, [unit]))[0]).toEqual(found);
  });

  test("has no floats in it, and is counted by the formulas", () => {
    const model = readModel(readFileSync(file));
    const one = { image: tensor("uint8", [1, 1, 28, 28], new Uint8Array(784)) };
    const { flop } = unitGraph(model, one);
    const layers = [14 * 14 * 8 * 25, 7 * 7 * 16 * 8 * 9, 784 * 10];
    expect(flop).toBe(BigInt(2 * layers.reduce((sum, n) => sum + n)));
    for (const [, { dtype }] of model.initialisers) expect(dtype).toMatch(/^u?int/);
  });
});

describe("hyper-parameters", () => {
  test("every training is the same in other kernels, those that diverge too", async () => {
    const points = samplePoints(1).filter((_, i) => i % 6 === 5);
    const graph = unitGraph(readModel(sampleSearch(), { loops: true }), points[0]!);
    // Two products forward and three back in each of 160 steps of 32, and one pass over 1,400.
    expect(graph.flop).toBe(
      BigInt(160 * 2 * 32 * (2 * 49 * 32 + 3 * 32 * 10) + 2 * 1400 * (49 * 32 + 32 * 10)),
    );
    const found: Tensors[] = [];
    for (const point of points) found.push(await runUnit(device, graph, point));
    expect(await inWeb(graph, points)).toEqual(found);
    const right = found.map(({ right }) => Number(right!.data[0]));
    expect(Math.max(...right) - Math.min(...right)).toBeGreaterThan(200);
  });

  test("and in plain JavaScript", async () => {
    const { images, labels } = digits(new Uint8Array(32).fill(5), 96);
    const part = (from: number, to: number) => ({
      images: tensor("uint8", [to - from, 784], images.data.slice(from * 784, to * 784)),
      labels: tensor("int64", [to - from], BigInt64Array.from(labels.data.slice(from, to), BigInt)),
    });
    const [training, validation] = [part(0, 64), part(64, 96)];
    const size = { hidden: 6, batch: 16, steps: 9 };
    const point = {
      learning_rate: tensor("float64", [], Float64Array.of(0.3)),
      momentum: tensor("float64", [], Float64Array.of(0.9)),
      seed: tensor("int64", [], BigInt64Array.of(77n)),
    };
    const graph = unitGraph(readModel(searchGraph(training, validation, size), { loops: true }), point);
    const { right, loss } = await runUnit(device, graph, point);
    const own = plainSearch(training, validation, size, { rate: 0.3, momentum: 0.9, seed: 77n });
    expect([Number(right!.data[0]), Number(loss!.data[0])]).toEqual([own.right, own.loss]);
  });
});

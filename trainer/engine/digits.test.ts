/** How hard the sample data is: too hard for a linear model, easy for a convolutional one. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryColumn } from "./data/column.ts";
import { type Dataset, dataset } from "./data/dataset.ts";
import { digits } from "./data/digits.ts";
import { prepared } from "./data/prepared.ts";
import { childSeed, permutation } from "./data/seeded.ts";
import { type Device, openDevice } from "./device/device.ts";
import { evaluateProgram } from "./evaluate.ts";
import { evaluation } from "./evaluation.ts";
import { softmaxCrossEntropy } from "./loss.ts";
import type { Model } from "./onnx/model.ts";
import { sgd } from "./optimiser.ts";
import { learningRates } from "./schedule.ts";
import type { Tensors } from "./tensor.ts";
import { lenet, mlp } from "./testing/small-models.ts";
import { initialState, trainProgram } from "./train.ts";
import { trainLoop } from "./train-loop.ts";

const count = 6000;
const batch = 50;
const perEpoch = count / batch;
const made = {
  train: digits(new Uint8Array(32).fill(1), count),
  test: digits(new Uint8Array(32).fill(2), 2000),
};
let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.close());

function samples(part: "train" | "test", shape: readonly number[]): Dataset {
  const { images, labels } = made[part];
  return dataset({
    x: prepared(memoryColumn(images), "images", { dtype: "float32", shape, divide: 255 }),
    target: prepared(memoryColumn(labels), "labels", { dtype: "int64" }),
  });
}

/** Share of the 2,000 test digits recognised after so many epochs. */
async function accuracyOf(
  model: Model,
  shape: readonly number[],
  epochs: number,
  lr: number,
): Promise<number> {
  const loss = softmaxCrossEntropy();
  const program = trainProgram(model, { loss, optimiser: sgd({ momentum: 0.9 }), batch, steps: 100 });
  const total = epochs * perEpoch;
  const orders = Array.from({ length: epochs }, (_, e) =>
    permutation(childSeed(new Uint8Array(32), "epoch", e), count),
  );
  const all = BigInt64Array.from(
    orders.flatMap((order) => [...order]),
    BigInt,
  );
  let state: Tensors = {};
  for await (const part of trainLoop(device, {
    program,
    data: samples("train", shape),
    state: initialState(program, model),
    until: total,
    order: (from, to) => all.slice(from * batch, to * batch),
    rates: (from, to) => learningRates({ type: "cosine", lr }, { total }, from, to - from),
  }))
    ({ state } = part);
  const evaluate = evaluateProgram(model, { loss, batch: 100, steps: 20 });
  return (await evaluation(device, evaluate, samples("test", shape), state)).classes?.accuracy ?? 0;
}

test("a linear model recognises fewer than 93 % of the digits, LeNet more than 97 %", async () => {
  const linear = await accuracyOf(mlp([784, 10]), [784], 6, 0.1);
  const convolutional = await accuracyOf(lenet(), [1, 28, 28], 4, 0.05);
  expect(linear).toBeLessThan(0.93);
  expect(linear).toBeGreaterThan(0.6);
  expect(convolutional).toBeGreaterThan(0.97);
});

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { EngineError } from "./error.ts";
import { evaluateProgram, inferProgram } from "./evaluate.ts";
import { exportModel } from "./export.ts";
import { int } from "./graph/attribute.ts";
import { loadModel } from "./load.ts";
import type { Loss } from "./loss.ts";
import { binaryCrossEntropy, meanSquaredError, softmaxCrossEntropy } from "./loss.ts";
import { readModel } from "./onnx/read.ts";
import type { Optimiser } from "./optimiser.ts";
import { adam, adamW, sgd } from "./optimiser.ts";
import { warningsOf } from "./plan.ts";
import type { Program, RunInput, RunOutput } from "./program.ts";
import { learningRates } from "./schedule.ts";
import type { Tensor, Tensors } from "./tensor.ts";
import { elements, tensor, tensorBytes } from "./tensor.ts";
import { benchmark } from "./testing/benchmark-models.ts";
import { compose, node, withExternalData } from "./testing/compose.ts";
import { exported, inputOf } from "./testing/exported.ts";
import { fromOrt, openLocal, sessionOptions, toOrt } from "./testing/local-session.ts";
import type { TrainOptions } from "./train.ts";
import { initialState, trainProgram } from "./train.ts";

const f32 = (dims: readonly number[], ...values: number[]) =>
  tensor("float32", dims, Float32Array.from(values));
const i64 = (dims: readonly number[], ...values: number[]) =>
  tensor("int64", dims, BigInt64Array.from(values, BigInt));
const wave = (dims: readonly number[], seed = 0) =>
  f32(dims, ...Array.from({ length: elements(dims) }, (_, i) => Math.sin(1.7 * i + seed) * 0.8));
const numbers = (value: Tensor | undefined) => Array.from(value?.data ?? [], Number);

const perceptron = (...widths: number[]) =>
  readModel(
    compose({
      nodes: widths
        .slice(1)
        .flatMap((_, i) => [
          node(
            "Gemm",
            [i === 0 ? "x" : `h${i}`, `w${i}`, `b${i}`],
            [i === widths.length - 2 ? "y" : `z${i}`],
            { transB: int(1) },
          ),
          ...(i === widths.length - 2 ? [] : [node("Relu", [`z${i}`], [`h${i + 1}`])]),
        ]),
      inputs: { x: { dims: ["batch", widths[0]!] } },
      initialisers: Object.fromEntries(
        widths.slice(1).flatMap((out, i) => [
          [`w${i}`, wave([out, widths[i]!], i)],
          [`b${i}`, wave([out], i + 9)],
        ]),
      ),
    }),
  );

/** Runs `steps` steps on the rows in order, and closes. */
async function run(program: Program, state: Tensors, data: Tensors, steps: number, lr = 0.1, first = 0) {
  const session = await openLocal(program);
  const rows = Object.values(data)[0]!.dims[0]!;
  const order = i64(
    [steps, program.batch],
    ...Array.from({ length: steps * program.batch }, (_, i) => (i + first * program.batch) % rows),
  );
  const input: RunInput = { state, data, order, lr: f32([steps], ...Array(steps).fill(lr)) };
  try {
    return await session.run(input);
  } finally {
    await session.close();
  }
}

function failure(make: () => unknown): EngineError {
  try {
    make();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("floating-point operations", () => {
  test("are those counted by hand", () => {
    expect(inferProgram(perceptron(32, 128, 128, 10), { batch: 1, steps: 1 }).flop).toBe(43_520n);
    expect(benchmark("mlp").program.flopPerStep).toBe(64_454_656n);
    expect(benchmark("mlp").program.flop).toBe(50n * 64_454_656n);
    expect(benchmark("cnn").program.flopPerStep).toBe(399_212_544n);
    // 2 layers of 12 D² weights on 512 tokens, the head, and two products of attention, which have no weights:
    // three times all of it, as the embedding stands before the first.
    const [tokens, width, length] = [512n, 64n, 32n];
    const forward =
      2n * tokens * (2n * 12n * width * width + width * 64n) + 2n * 2n * 2n * tokens * length * width;
    expect(benchmark("transformer").program.flopPerStep).toBe(3n * forward);
  });

  test("do not depend on accumulation, and count the first layer's missing gradient", () => {
    const options = { loss: softmaxCrossEntropy(), optimiser: sgd(), batch: 8, steps: 3 };
    const [first, second] = [2n * 8n * 5n * 7n, 2n * 8n * 7n * 3n];
    for (const accumulate of [1, 4]) {
      expect(trainProgram(perceptron(5, 7, 3), { ...options, accumulate }).flopPerStep).toBe(
        2n * first + 3n * second,
      );
    }
  });
});

describe("optimisers follow PyTorch's formulas", () => {
  /** One weight vector, loss mean((x w - t)²): the gradient is 2 x (x w - t) / n, written out. */
  const model = readModel(
    compose({
      nodes: [node("Mul", ["x", "w"])],
      inputs: { x: { dims: ["batch", 3] } },
      initialisers: { w: f32([3], 0.5, -1, 2) },
    }),
  );
  const [x, t] = [wave([4, 3], 1), wave([4, 3], 2)];
  const gradient = (w: readonly number[]) =>
    w.map((_, j) =>
      [0, 1, 2, 3].reduce(
        (sum, i) => sum + (2 * x.data[i * 3 + j]! * (x.data[i * 3 + j]! * w[j]! - t.data[i * 3 + j]!)) / 12,
        0,
      ),
    );
  type Rule = (w: number, g: number, memory: number[], step: number) => number;
  const lr = 0.05;
  const sgdRule =
    (mu: number, decay: number, nesterov: boolean): Rule =>
    (w, gradientOfLoss, memory, step) => {
      const g = gradientOfLoss + decay * w;
      memory[0] = step === 1 ? g : mu * memory[0]! + g;
      return w - lr * (nesterov ? g + mu * memory[0]! : memory[0]!);
    };
  const adamRule =
    (decay: number, decoupled: boolean): Rule =>
    (w, gradientOfLoss, memory, step) => {
      const start = decoupled ? w * (1 - lr * decay) : w;
      const g = decoupled ? gradientOfLoss : gradientOfLoss + decay * w;
      memory[0] = 0.9 * (memory[0] ?? 0) + 0.1 * g;
      memory[1] = 0.999 * (memory[1] ?? 0) + 0.001 * g * g;
      return (
        start -
        ((lr / (1 - 0.9 ** step)) * memory[0]!) /
          (Math.sqrt(memory[1]!) / Math.sqrt(1 - 0.999 ** step) + 1e-8)
      );
    };
  const pairs: readonly (readonly [string, Optimiser, Rule])[] = [
    ["plain", sgd(), sgdRule(0, 0, false)],
    ["momentum", sgd({ momentum: 0.9 }), sgdRule(0.9, 0, false)],
    ["weight decay", sgd({ momentum: 0.8, weightDecay: 0.1 }), sgdRule(0.8, 0.1, false)],
    ["Nesterov", sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }), sgdRule(0.9, 0.1, true)],
    ["Adam", adam(), adamRule(0, false)],
    ["Adam with decay", adam({ weightDecay: 0.1 }), adamRule(0.1, false)],
    ["AdamW", adamW({ weightDecay: 0.1 }), adamRule(0.1, true)],
    ["AdamW by default", adamW(), adamRule(0.01, true)],
  ];

  test.each(pairs)("%s", async (_, optimiser, rule) => {
    const program = trainProgram(model, { loss: meanSquaredError(), optimiser, batch: 4, steps: 5 });
    const { state } = await run(program, initialState(program, model), { x, target: t }, 5, lr);
    let w = [0.5, -1, 2];
    const memories: number[][] = [[], [], []];
    for (let step = 1; step <= 5; step++) {
      const g = gradient(w);
      w = w.map((value, j) => rule(value, g[j]!, memories[j]!, step));
    }
    numbers(state.w).forEach((value, j) => {
      expect(value).toBeCloseTo(w[j]!, 5);
    });
  });

  test("clipping makes the step as long as the norm allows, and leaves short ones alone", async () => {
    const distance = async (clipNorm: number) => {
      const program = trainProgram(model, {
        loss: meanSquaredError(),
        optimiser: sgd(),
        batch: 4,
        steps: 1,
        clipNorm,
      });
      const { state } = await run(program, initialState(program, model), { x, target: t }, 1, 1);
      return Math.hypot(...numbers(state.w).map((value, j) => value - [0.5, -1, 2][j]!));
    };
    const free = Math.hypot(...gradient([0.5, -1, 2]));
    expect(await distance(free / 3)).toBeCloseTo(free / 3, 5);
    expect(await distance(free * 3)).toBeCloseTo(free, 5);
  });

  test("hyper-parameters out of range are refused", () => {
    expect(failure(() => sgd({ momentum: 1 })).message).toMatch(/momentum is 1/);
    expect(failure(() => sgd({ nesterov: true })).message).toMatch(/Nesterov/);
    expect(failure(() => adamW({ beta2: Number.NaN })).message).toMatch(/beta2 is NaN/);
    const options = { loss: meanSquaredError(), optimiser: sgd(), batch: 4, steps: 1 };
    for (const wrong of [{ batch: 0 }, { steps: 0 }, { accumulate: 3 }, { clipNorm: 0 }, { batch: 2.5 }]) {
      expect(failure(() => trainProgram(model, { ...options, ...wrong })).code).toBe("BadJob");
    }
  });
});

describe("gradient accumulation", () => {
  test("gives the step of the whole batch", async () => {
    const model = perceptron(6, 8, 3);
    const options: TrainOptions = {
      loss: softmaxCrossEntropy(),
      optimiser: sgd({ momentum: 0.9 }),
      batch: 8,
      steps: 3,
    };
    const data = { x: wave([24, 6]), target: i64([24], ...Array.from({ length: 24 }, (_, i) => i % 3)) };
    const results: RunOutput[] = [];
    for (const accumulate of [1, 2, 8]) {
      const program = trainProgram(model, { ...options, accumulate });
      results.push(await run(program, initialState(program, model), data, 3));
    }
    for (const { state, results: reported } of results.slice(1)) {
      for (const [name, value] of Object.entries(state)) {
        const whole = numbers(results[0]!.state[name]);
        numbers(value).forEach((v, i) => {
          expect(v, name).toBeCloseTo(whole[i]!, 5);
        });
      }
      numbers(reported.losses).forEach((v, i) => {
        expect(v).toBeCloseTo(numbers(results[0]!.results.losses)[i]!, 5);
      });
    }
  });

  test("carries running statistics through the pieces, like as many small batches", async () => {
    const { model, reference, loss } = exported("resnet");
    const data = { x: reference.x!, target: reference.target! };
    const momentumless = { loss, optimiser: sgd(), batch: 8, steps: 1 };
    const program = trainProgram(model, { ...momentumless, accumulate: 2 });
    const pieces = trainProgram(model, { ...momentumless, batch: 4 });
    const together = await run(program, initialState(program, model), data, 1, 0);
    const apart = await run(pieces, initialState(pieces, model), data, 2, 0);
    for (const { name } of program.state.filter(({ role }) => role === "statistic")) {
      expect(numbers(together.state[name])).toEqual(numbers(apart.state[name]));
    }
  });
});

describe("losses", () => {
  /** The loss of the input itself, by evaluation: per sample. */
  async function lossesOf(loss: Loss, output: Tensor, target: Tensor) {
    const model = readModel(
      compose({
        nodes: [node("Add", ["x", "w"])],
        inputs: { x: { dims: ["batch", ...output.dims.slice(1)] } },
        initialisers: { w: f32([1], 0) },
      }),
    );
    const batch = output.dims[0]!;
    const order = i64([1, batch], ...Array(batch).keys());
    const evaluation = evaluateProgram(model, { loss, batch, steps: 1 });
    const session = await openLocal(evaluation);
    const { results } = await session.run({
      state: initialState(evaluation, model),
      data: { x: output, target },
      order,
    });
    await session.close();
    const training = trainProgram(model, { loss, optimiser: sgd(), batch, steps: 1 });
    const trained = await run(training, initialState(training, model), { x: output, target }, 1, 0);
    return {
      perSample: numbers(results.losses),
      mean: numbers(trained.results.losses)[0]!,
      predictions: results.predictions!,
    };
  }
  const z = wave([2, 3, 4]);
  const at = (sample: number, place: number, label: number) => {
    const logits = [0, 1, 2, 3].map((c) => z.data[sample * 12 + place * 4 + c]!);
    return -(logits[label]! - Math.log(logits.reduce((sum, v) => sum + Math.exp(v), 0)));
  };

  test("cross-entropy averages over the labels that count", async () => {
    const { perSample, mean, predictions } = await lossesOf(
      softmaxCrossEntropy(),
      z,
      i64([2, 3], 1, -100, 3, -100, 0, -100),
    );
    const [a, b, c] = [at(0, 0, 1), at(0, 2, 3), at(1, 1, 0)];
    expect(perSample[0]).toBeCloseTo((a + b) / 2, 5);
    expect(perSample[1]).toBeCloseTo(c, 5);
    expect(mean).toBeCloseTo((a + b + c) / 3, 5);
    expect(predictions.dims).toEqual([1, 2, 3]);
    const best = Array.from({ length: 6 }, (_, i) =>
      [0, 1, 2, 3].reduce((m, k) => (z.data[i * 4 + k]! > z.data[i * 4 + m]! ? k : m), 0),
    );
    expect(numbers(predictions)).toEqual(best);
  });

  test("nothing that counts is no loss, and no division by zero", async () => {
    const { perSample, mean } = await lossesOf(
      softmaxCrossEntropy({ ignoreIndex: 7 }),
      z,
      i64([2, 3], 7, 7, 7, 7, 7, 7),
    );
    expect([...perSample, mean]).toEqual([0, 0, 0]);
  });

  test("classes may be on another axis", async () => {
    const turned = f32(
      [2, 4, 3],
      ...Array.from(
        { length: 24 },
        (_, i) => z.data[Math.floor(i / 12) * 12 + (i % 3) * 4 + Math.floor((i % 12) / 3)]!,
      ),
    );
    const labels = i64([2, 3], 1, 2, 3, 0, 0, 1);
    const [straight, other] = [
      await lossesOf(softmaxCrossEntropy(), z, labels),
      await lossesOf(softmaxCrossEntropy({ axis: 1 }), turned, labels),
    ];
    expect(other.mean).toBeCloseTo(straight.mean, 6);
    expect(numbers(other.predictions)).toEqual(numbers(straight.predictions));
  });

  test("squares and binary cross-entropy", async () => {
    const target = f32([2, 3, 4], ...Array.from({ length: 24 }, (_, i) => (i % 3) / 2));
    const squared = await lossesOf(meanSquaredError(), z, target);
    const binary = await lossesOf(binaryCrossEntropy(), z, target);
    const mean = (f: (v: number, t: number) => number) =>
      z.data.reduce((sum, v, i) => sum + f(v, target.data[i]!), 0) / 24;
    expect(squared.mean).toBeCloseTo(
      mean((v, t) => (v - t) ** 2),
      5,
    );
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    expect(binary.mean).toBeCloseTo(
      mean((v, t) => -t * Math.log(sigmoid(v)) - (1 - t) * Math.log(1 - sigmoid(v))),
      5,
    );
    expect((binary.perSample[0]! + binary.perSample[1]!) / 2).toBeCloseTo(binary.mean, 5);
  });

  test("binary cross-entropy holds for huge outputs", async () => {
    const { mean } = await lossesOf(
      binaryCrossEntropy(),
      f32([2, 2], 200, -200, 200, -200),
      f32([2, 2], 1, 0, 0, 1),
    );
    expect(mean).toBeCloseTo(100, 4);
  });
});

describe("dropout", () => {
  const model = readModel(
    compose({
      nodes: [
        node("Mul", ["x", "w"], ["z"]),
        node("Dropout", ["z", "ratio"], ["a"]),
        node("Dropout", ["a", "ratio"]),
      ],
      inputs: { x: { dims: ["batch", 200] } },
      initialisers: { w: f32([200], ...Array(200).fill(1)), ratio: f32([], 0.3) },
    }),
  );
  const data = { x: f32([20, 200], ...Array(4000).fill(1)), target: f32([20, 200], ...Array(4000).fill(0)) };
  const program = trainProgram(model, { loss: meanSquaredError(), optimiser: sgd(), batch: 20, steps: 4 });

  test("keeps as many as it should, others in every step, and the same again", async () => {
    const first = await run(program, initialState(program, model), data, 4, 0);
    // Two masks of 0.7, enlarged by 1 / 0.49 where both keep: mean square = 1 / 0.49.
    const losses = numbers(first.results.losses);
    for (const loss of losses)
      expect(Math.abs(loss * 0.49 ** 2 - 0.49)).toBeLessThan(4 * Math.sqrt((0.49 * 0.51) / 4000));
    expect(new Set(losses).size).toBeGreaterThan(1);
    expect(numbers((await run(program, initialState(program, model), data, 4, 0)).results.losses)).toEqual(
      losses,
    );
    const half = await run(program, initialState(program, model), data, 2, 0);
    const rest = await run(program, half.state, data, 2, 0, 2);
    expect([...numbers(half.results.losses), ...numbers(rest.results.losses)]).toEqual(losses);
  });

  test("does nothing in use", async () => {
    const use = inferProgram(model, { batch: 20, steps: 1 });
    const { results } = await run(use, initialState(use, model), { x: data.x }, 1);
    expect(new Set(numbers(results.outputs))).toEqual(new Set([1]));
  });
});

describe("what is trained", () => {
  const model = readModel(
    compose({
      nodes: [
        node("MatMul", ["x", "base"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("Gemm", ["r", "head", "bias"]),
      ],
      inputs: { x: { dims: ["batch", 40] } },
      initialisers: { base: wave([40, 30]), head: wave([30, 3]), bias: wave([3]) },
    }),
  );
  const options: TrainOptions = { loss: softmaxCrossEntropy(), optimiser: adamW(), batch: 4, steps: 2 };
  const data = { x: wave([8, 40], 3), target: i64([8], 0, 1, 2, 0, 1, 2, 0, 1) };

  test("is everything unless the job says otherwise; large weights that stay are part of the state", async () => {
    const all = trainProgram(model, options);
    expect(all.state.filter(({ role }) => role === "parameter").map(({ name }) => name)).toEqual([
      "base",
      "head",
      "bias",
    ]);
    const head = trainProgram(model, { ...options, trainable: ["head", "bias"] });
    expect(head.state.map(({ name, role }) => [name, role])).toEqual([
      ["head", "parameter"],
      ["bias", "parameter"],
      ...["head", "bias"].map((name) => [`moment1/${name}`, "optimiser"]),
      ...["head", "bias"].map((name) => [`moment2/${name}`, "optimiser"]),
      ["correction1", "optimiser"],
      ["correction2", "optimiser"],
      ["step", "counter"],
      ["base", "frozen"],
    ]);
    const { state } = await run(head, initialState(head, model), data, 2);
    expect(numbers(state.base)).toEqual(numbers(model.initialisers.get("base")));
    expect(numbers(state.head)).not.toEqual(numbers(model.initialisers.get("head")));
    expect(head.flopPerStep).toBe(2n * 4n * 40n * 30n + 2n * 2n * 4n * 30n * 3n);
  });

  test("must exist and matter", () => {
    expect(failure(() => trainProgram(model, { ...options, trainable: ["tail"] })).message).toMatch(
      /no initialiser "tail"/,
    );
    expect(failure(() => trainProgram(model, { ...options, output: "z" })).message).toMatch(
      /no output z, it has y/,
    );
    expect(failure(() => trainProgram(model, { ...options, target: "x" })).message).toMatch(/input called x/);
    const infinite = readModel(
      compose({
        nodes: [node("Mul", ["x", "w"])],
        inputs: { x: { dims: ["batch", 1] } },
        initialisers: { w: f32([1], Infinity) },
      }),
    );
    expect(failure(() => trainProgram(infinite, options)).code).toBe("NonFinite");
    const nothing = readModel(
      compose({ nodes: [node("Relu", ["x"])], inputs: { x: { dims: ["batch", 3] } } }),
    );
    expect(failure(() => trainProgram(nothing, options)).message).toMatch(/nothing to train/);
  });

  test("two equal weights draw a warning", () => {
    const tied = readModel(
      compose({
        nodes: [node("MatMul", ["x", "a"], ["h"]), node("MatMul", ["h", "b"])],
        inputs: { x: { dims: ["batch", 5] } },
        initialisers: { a: wave([5, 5]), b: wave([5, 5]) },
      }),
    );
    expect(warningsOf(tied)).toEqual(["initialisers a and b are equal: tied weights would be trained apart"]);
    expect(warningsOf(model)).toEqual([]);
  });

  test("normalisation may keep its running statistics", async () => {
    const { model: resnet, loss, reference } = exported("resnet");
    const program = trainProgram(resnet, {
      loss,
      optimiser: sgd(),
      batch: 8,
      steps: 1,
      normalisation: "running",
    });
    const statistics = [...resnet.initialisers.keys()].filter((name) => name.includes("running_mean"));
    expect(statistics.length).toBeGreaterThan(3);
    expect(program.state.some(({ name, role }) => statistics.includes(name) && role === "parameter")).toBe(
      false,
    );
    const { results } = await run(
      program,
      initialState(program, resnet),
      { x: reference.x!, target: reference.target! },
      1,
    );
    expect(numbers(results.losses)[0]).toBeGreaterThan(0);
  });
});

describe("programs", () => {
  const options: TrainOptions = { loss: softmaxCrossEntropy(), optimiser: adamW(), batch: 4, steps: 2 };

  test("of equal models are equal bytes, whatever their values are called and weigh", () => {
    const nodes = (h: string) => [node("Gemm", ["x", "w"], [h]), node("Relu", [h])];
    const make = (h: string, seed: number) =>
      trainProgram(
        readModel(
          compose({
            nodes: nodes(h),
            inputs: { x: { dims: ["batch", 3] } },
            initialisers: { w: wave([3, 2], seed) },
          }),
        ),
        options,
      );
    const [a, b] = [make("h", 1), make("something else", 2)];
    expect(a.id).toBe(b.id);
    expect(Buffer.from(a.bytes).equals(b.bytes)).toBe(true);
    expect(make("h", 1).id).not.toBe(trainProgram(perceptron(3, 2), options).id);
  });

  test("refuse inputs that do not fit, by name", async () => {
    const { model, reference, loss } = exported("mlp");
    const program = trainProgram(model, { ...options, loss, batch: 8 });
    const session = await openLocal(program);
    const good = inputOf({ model, reference, loss }, program, 0.1, 0, 1);
    const refused = (change: Partial<RunInput>) => expect(session.run({ ...good, ...change })).rejects;
    await refused({ order: i64([1, 8], 0, 1, 2, 3, 4, 5, 6, 32) }).toThrow(
      /order names row 32, the data has 32 rows/,
    );
    await refused({ order: i64([1, 4], 0, 1, 2, 3) }).toThrow(
      /order is int64 \[1,4\], expected int64 \[1,8\]/,
    );
    await refused({ order: i64([0, 8]) }).toThrow(/no steps/);
    await refused({ data: { x: good.data.x! } }).toThrow(/target is missing/);
    await refused({ state: {} }).toThrow(/layers.0.weight is missing/);
    await refused({ lr: f32([2], 0, 0) }).toThrow(/lr is float32 \[2\], expected float32 \[1\]/);
    const labels = i64([32], ...Array(32).fill(0).with(5, 10));
    await refused({ data: { ...good.data, target: labels } }).toThrow(
      /target has label 10 in row 5, expected 0 to 9/,
    );
    await session.close();
  });

  test("give back a model that any ONNX runtime opens", async () => {
    const { model, reference, loss } = exported("unet");
    const program = trainProgram(model, { ...options, loss, batch: 8 });
    const { state } = await run(
      program,
      initialState(program, model),
      { x: reference.x!, target: reference.target! },
      2,
    );
    const bytes = exportModel(model, state);
    const use = inferProgram(model, { batch: 8, steps: 1 });
    const { results } = await run(use, state, { x: reference.x! }, 1);
    const session = await InferenceSession.create(bytes, sessionOptions(1));
    const x = tensor(
      "float32",
      [8, 3, 12, 12],
      (reference.x as Tensor<"float32">).data.slice(0, 8 * 3 * 144),
    );
    const direct = fromOrt((await session.run({ x: toOrt(x) })).y!);
    numbers(direct).forEach((v, i) => {
      expect(Math.abs(v - numbers(results.outputs)[i]!)).toBeLessThan(1e-5);
    });
    await session.release();
    expect(numbers(readModel(bytes).initialisers.get("head.weight"))).toEqual(numbers(state["head.weight"]));
    expect(failure(() => exportModel(model, { "head.weight": f32([1], 0) })).code).toBe("BadShape");
  });
});

describe("schedules", () => {
  const options = { total: 10, warmup: 4 };
  test.each([
    ["constant", { type: "constant", lr: 1 }, [0.25, 0.5, 0.75, 1, 1, 1]],
    ["step", { type: "step", lr: 1, every: 2, factor: 0.5 }, [0.25, 0.5, 0.375, 0.5, 0.25, 0.25]],
    ["cosine", { type: "cosine", lr: 1, final: 0.2 }, [0.25, 0.4902, 0.6927, 0.8351, 0.7236, 0.6]],
  ] as const)("%s", (_, schedule, expected) => {
    const rates = numbers(learningRates(schedule, options, 0, 6));
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i]!, 4);
    });
    expect(numbers(learningRates(schedule, options, 3, 2))).toEqual(rates.slice(3, 5));
  });
});

describe("data beside a model", () => {
  const weights = wave([40]);
  const file = (location: string, offset: string, length: string) => {
    const bytes = compose({
      nodes: [node("Mul", ["x", "w"])],
      inputs: { x: { dims: ["batch", 40] } },
      initialisers: { w: weights },
    });
    return withExternalData(bytes, location, offset, length);
  };
  const folder = mkdtempSync(join(tmpdir(), "matrixai-model-"));
  const inside = join(folder, "model");
  mkdirSync(inside);
  for (const place of [folder, inside])
    writeFileSync(join(place, "weights.bin"), Buffer.concat([Buffer.alloc(8), tensorBytes(weights)]));
  symlinkSync(join(folder, "weights.bin"), join(inside, "link.bin"));
  const load = (location: string, offset = "8", length = "160") => {
    const path = join(inside, "model.onnx");
    writeFileSync(path, file(location, offset, length));
    return loadModel(path);
  };

  test("is read from the folder of the model", () => {
    expect(numbers(load("weights.bin").initialisers.get("w"))).toEqual(numbers(weights));
  });

  test.each([
    ["above the folder", "../weights.bin", "8", "160", /outside of the model's folder/],
    ["by an absolute path", join(folder, "weights.bin"), "8", "160", /outside of the model's folder/],
    ["through a link out of the folder", "link.bin", "8", "160", /outside of the model's folder/],
    ["the folder itself", ".", "8", "160", /outside of the model's folder/],
    ["beyond the end", "weights.bin", "100", "160", /ends before byte 260/],
    ["of the wrong length", "weights.bin", "8", "156", /needs 160 bytes, got 156/],
    ["that is not there", "nothing.bin", "8", "160", /nothing.bin cannot be read: ENOENT/],
    ["with a negative offset", "weights.bin", "-8", "160", /its external offset is "-8"/],
  ])("is refused %s", (_, location, offset, length, message) => {
    const error = failure(() => load(location, offset, length));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/initialiser "w"/);
  });
});

import { mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  checkpointSteps,
  loadCheckpoint,
  loadLatest,
  pruneCheckpoints,
  saveCheckpoint,
} from "./checkpoints.ts";
import { memoryColumn } from "./data/column.ts";
import { type Dataset, dataset, range } from "./data/dataset.ts";
import { encodeNpy, openNpy } from "./data/npy.ts";
import { encodeSafetensors } from "./data/safetensors.ts";
import { permutation, seededGenerator } from "./data/seeded.ts";
import { type Device, openDevice } from "./device/device.ts";
import { evaluateProgram, inferProgram } from "./evaluate.ts";
import { evaluation, resultsOf } from "./evaluation.ts";
import { softmaxCrossEntropy } from "./loss.ts";
import { adamW } from "./optimiser.ts";
import { learningRates } from "./schedule.ts";
import { type Tensors, tensor } from "./tensor.ts";
import { mlp } from "./testing/small-models.ts";
import { initialState, trainProgram } from "./train.ts";
import { DivergedError, stepOf, type TrainJob, type TrainOptions, trainLoop } from "./train-loop.ts";

const samples = 96;
const batch = 8;
const model = mlp([6, 16, 3]);
const program = trainProgram(model, { loss: softmaxCrossEntropy(), optimiser: adamW(), batch, steps: 10 });

/** Three clouds around different corners. */
function clouds(): Dataset {
  const random = seededGenerator(new Uint8Array(32));
  const labels = Array.from({ length: samples }, () => random.below(3));
  const x = labels.flatMap((label) =>
    range(0, 6).map((i) => (i % 3 === label ? 1 : 0) + random.float() - 0.5),
  );
  return dataset({
    x: memoryColumn(tensor("float32", [samples, 6], Float32Array.from(x))),
    target: memoryColumn(tensor("int64", [samples], BigInt64Array.from(labels, BigInt))),
  });
}

const data = clouds();
const order = (from: number, to: number): BigInt64Array => {
  const perEpoch = samples / batch;
  const rows = range(from, to).flatMap((step) => {
    const epoch = permutation(new Uint8Array(32).fill(Math.floor(step / perEpoch)), samples);
    return [...epoch.subarray((step % perEpoch) * batch, ((step % perEpoch) + 1) * batch)];
  });
  return BigInt64Array.from(rows, BigInt);
};
const job: TrainJob = {
  program,
  data,
  state: initialState(program, model),
  until: 57,
  order,
  rates: (from, to) => learningRates({ type: "cosine", lr: 0.02 }, { total: 57, warmup: 5 }, from, to - from),
};

let device: Device;
let folder: string;
beforeAll(async () => {
  device = await openDevice({ threads: 2 });
  folder = mkdtempSync(join(tmpdir(), "matrixai-train-"));
});
afterAll(() => {
  device.close();
  rmSync(folder, { recursive: true });
});

async function trained(over: Partial<TrainJob> = {}, options: TrainOptions = {}) {
  let state: Tensors = {};
  const losses: number[] = [];
  const stops: number[] = [];
  for await (const part of trainLoop(device, { ...job, ...over }, options)) {
    ({ state } = part);
    losses.push(...part.losses);
    stops.push(part.to);
  }
  return { bytes: Buffer.from(encodeSafetensors(state)), state, losses, stops };
}

describe("training", () => {
  test("gives the same bits whole, in memory or from disk, with any stops, threads, or after a resume", async () => {
    const whole = await trained();
    expect(whole.stops).toEqual([10, 20, 30, 40, 50, 57]);
    expect(stepOf(program, whole.state)).toBe(57);
    expect(whole.losses.at(-1)).toBeLessThan((whole.losses[0] as number) / 2);

    const streamed = await trained({}, { residentBytes: 0 });
    const other = await trained({ nextStop: (step) => step + (step % 2 === 0 ? 7 : 4) });
    const first = await trained({ until: 23 });
    const rest = await trained({ state: first.state });
    for (const run of [streamed, other, rest]) expect(run.bytes.equals(whole.bytes)).toBe(true);
    expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
    expect(streamed.losses).toEqual(whole.losses);

    const single = await openDevice({ threads: 1 });
    const states: Tensors[] = [];
    for await (const part of trainLoop(single, job)) states.push(part.state);
    single.close();
    expect(whole.bytes.equals(encodeSafetensors(states.at(-1) as Tensors))).toBe(true);
  });

  test.runIf(process.platform === "linux")("takes data larger than memory", async () => {
    // A sparse file: 64 GiB of zeros that take no room on the disk. Labels need 8 bytes a row and lie in memory.
    const rows = 2 ** 36 / (6 * 4);
    const path = join(folder, "large.npy");
    const header = Buffer.from(encodeNpy(tensor("float32", [1, 6], new Float32Array(6)))).subarray(0, 128);
    const shape = header.toString("latin1").replace("(1, 6), }", `(${Math.floor(rows)}, 6), }`);
    writeFileSync(path, Buffer.from(shape.replace(/ *\n$/, "").padEnd(127).concat("\n"), "latin1"));
    truncateSync(path, 128 + Math.floor(rows) * 24);
    const x = openNpy(path);
    const label = { dtype: "int64", dims: [], rows: x.rows, close() {} } as const;
    const target = {
      ...label,
      read: async (at: ArrayLike<number>) => tensor("int64", [at.length], new BigInt64Array(at.length)),
    };
    const random = seededGenerator(new Uint8Array(32));
    const anywhere = (from: number, to: number) =>
      BigInt64Array.from({ length: (to - from) * batch }, () => BigInt(random.below(x.rows)));
    const before = process.memoryUsage().rss;
    const { losses } = await trained({ data: dataset({ x, target }), order: anywhere, until: 30 });
    x.close();
    expect(losses.length).toBe(30);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  test("reports progress and ends at once when it is already there", async () => {
    const seen: number[] = [];
    const { state } = await trained(
      { until: 20 },
      { onProgress: ({ step, until }) => seen.push(step, until) },
    );
    expect(seen).toEqual([10, 20, 20, 20]);
    expect((await trained({ state, until: 20 })).stops).toEqual([]);
  });

  test("stops at the step whose loss is no number, and what it gave before stands", async () => {
    const states: Tensors[] = [];
    const rates = (from: number, to: number) =>
      tensor(
        "float32",
        [to - from],
        Float32Array.from(range(from, to), (step) => (step === 23 ? 1e38 : 0.01)),
      );
    const run = async () => {
      for await (const part of trainLoop(device, { ...job, rates })) states.push(part.state);
    };
    const error = await run().catch((e) => e);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.step).toBeGreaterThanOrEqual(23);
    expect(error.step).toBeLessThan(30);
    expect(states.map((state) => stepOf(program, state))).toEqual([10, 20]);
  });

  test("stops when the signal is given", async () => {
    const stop = new AbortController();
    const run = trained({ until: 1_000_000 }, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(run).rejects.toThrow("stopped");
  });

  test("goes on with the same bits after its process was killed", async () => {
    const whole = await trained();
    const saved: Tensors[] = [job.state];
    const run = trained(
      {},
      { onProgress: ({ step }) => step === 20 && process.kill(device.pid as number, "SIGKILL") },
    );
    await expect(run).rejects.toThrow("was ended by SIGKILL");
    for await (const { state, to } of trainLoop(device, job)) {
      saved.push(state);
      if (to === 20) break;
    }
    expect((await trained({ state: saved.at(-1) as Tensors })).bytes.equals(whole.bytes)).toBe(true);
  });

  test("names data that does not fit, and labels that are no class", async () => {
    const wide = dataset({
      ...columns([1, 2, 0]),
      x: memoryColumn(tensor("float32", [3, 7], new Float32Array(21))),
    });
    await expect(trained({ data: wide })).rejects.toThrow("takes x as float32 [6], the data has float32 [7]");
    const rows = () => BigInt64Array.from({ length: 80 }, (_, i) => BigInt(i % 3));
    const run = trained({ data: dataset(columns([1, 3, 0])), order: rows, until: 10 });
    await expect(run).rejects.toThrow("label 3");
    const missing = dataset({ x: memoryColumn(tensor("float32", [3, 6], new Float32Array(18))) });
    await expect(trained({ data: missing })).rejects.toThrow("target as int64 [], the data has nothing");
  });

  const columns = (labels: number[]) => ({
    x: memoryColumn(tensor("float32", [labels.length, 6], new Float32Array(6 * labels.length))),
    target: memoryColumn(tensor("int64", [labels.length], BigInt64Array.from(labels, BigInt))),
  });
});

describe("checkpoints", () => {
  test("resume training with identical results", async () => {
    const at = join(folder, "resume");
    expect(await loadLatest(at, program)).toBeUndefined();
    const whole = await trained();
    for await (const { state, to } of trainLoop(device, { ...job, until: 30 })) {
      await saveCheckpoint(at, program, state);
      if (to === 30) break;
    }
    expect(await checkpointSteps(at)).toEqual([10, 20, 30]);
    const state = (await loadLatest(at, program)) as Tensors;
    expect((await trained({ state })).bytes.equals(whole.bytes)).toBe(true);
    await pruneCheckpoints(at, 1);
    expect(await checkpointSteps(at)).toEqual([30]);
  });

  test.runIf(process.platform === "linux")("on a full disk leave what was saved before", async () => {
    const at = join(folder, "full");
    const { state } = await trained({ until: 10 });
    const first = await saveCheckpoint(at, program, job.state);
    symlinkSync("/dev/full", join(at, "step-00000010.safetensors.partial"));
    await expect(saveCheckpoint(at, program, state)).rejects.toThrow(
      "could not be written: the disk is full",
    );
    expect(readdirSync(at)).toEqual(["step-00000000.safetensors"]);
    expect(await loadCheckpoint(first, program)).toEqual(Object.assign(Object.create(null), job.state));
  });

  test("torn files are not taken, half-written ones not seen", async () => {
    const at = join(folder, "torn");
    const path = await saveCheckpoint(at, program, job.state);
    writeFileSync(join(at, "step-00000010.safetensors.partial"), "half");
    expect(await checkpointSteps(at)).toEqual([0]);
    writeFileSync(path, encodeSafetensors({ w0: tensor("float32", [1], Float32Array.of(1)) }));
    await expect(loadLatest(at, program)).rejects.toThrow("w0 is float32 [1], expected float32 [16,6]");
    await expect(loadCheckpoint(join(at, "none"), program)).rejects.toThrow("does not exist");
  });
});

describe("evaluation", () => {
  const options = { loss: softmaxCrossEntropy(), batch: 7, steps: 3 };

  test("counts every sample once, whatever the batch", async () => {
    const { state } = await trained();
    const found = await evaluation(device, evaluateProgram(model, options), data, state);
    expect(found.samples).toBe(samples);
    expect(found.classes?.confusion.flat().reduce((a, b) => a + b, 0)).toBe(samples);
    expect(found.classes?.accuracy).toBeGreaterThan(0.9);
    const other = await evaluation(
      device,
      evaluateProgram(model, { ...options, batch: 96, steps: 1 }),
      data,
      state,
    );
    expect(other.classes).toEqual(found.classes);
    expect(other.loss).toBeCloseTo(found.loss, 6);
  });

  test("an untrained model's results are those of its own arithmetic", async () => {
    const [w0, b0, w1, b1] = ["w0", "b0", "w1", "b1"].map((name) =>
      [...(job.state[name]?.data ?? [])].map(Number),
    );
    const { x } = await data.read([5, 3]);
    const expected = range(0, 2).map((s) => {
      const input = range(0, 6).map((i) => Number(x?.data[s * 6 + i]));
      const dense = (v: number[], w: number[], b: number[]) =>
        b.map((bias, o) => v.reduce((sum, vi, i) => sum + vi * (w[o * v.length + i] as number), bias));
      const hidden = dense(input, w0 as number[], b0 as number[]).map((v) => Math.max(0, v));
      return dense(hidden, w1 as number[], b1 as number[]);
    });
    const infer = inferProgram(model, { batch: 2, steps: 1 });
    for await (const { results, count } of resultsOf(device, infer, data, job.state, [5, 3])) {
      expect(count).toBe(2);
      expect(results.outputs?.dims).toEqual([2, 3]);
      expected.flat().forEach((value, i) => {
        expect(Number(results.outputs?.data[i])).toBeCloseTo(value, 5);
      });
    }
  });

  test("samples that are held give the same bits, are read once, and are held no longer than they fit", async () => {
    const { state } = await trained();
    const program = evaluateProgram(model, options);
    const rows = range(0, 50).map((i) => (i * 7) % samples);
    let reads = 0;
    const read: Dataset["read"] = (of) => {
      reads++;
      return data.read(of);
    };
    const counted: Dataset = { ...data, read };
    const bitsOf = async (of: Tensors, heldBytes: number) => {
      const parts = [];
      for await (const part of resultsOf(device, program, counted, of, rows, { heldBytes })) parts.push(part);
      return parts;
    };
    const rowBytes = 4 * 6 + 8;
    for (const of of [state, job.state]) {
      const anew = await bitsOf(of, 0);
      expect(reads).toBe(3);
      expect(await bitsOf(of, rows.length * rowBytes - 1)).toEqual(anew);
      expect(reads).toBe(6);
      reads = 0;
      expect(await bitsOf(of, rows.length * rowBytes)).toEqual(anew);
      expect(reads).toBe(of === state ? 1 : 0);
      reads = 0;
    }
  });
});

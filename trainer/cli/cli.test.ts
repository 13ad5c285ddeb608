/** The commands as a person meets them: processes, files, exit codes. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digits, writeDigits } from "../engine/data/digits.ts";
import { decodeNpy } from "../engine/data/npy.ts";
import { mlp } from "../engine/testing/small-models.ts";
import { exitCode } from "./run-command.ts";

const main = join(import.meta.dirname, "main.ts");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-cli-"));
  writeDigits(folder, "train", digits(new Uint8Array(32).fill(1), 600));
  writeDigits(folder, "test", digits(new Uint8Array(32).fill(2), 200));
  writeFileSync(join(folder, "mlp.onnx"), mlp([784, 24, 10]).bytes);
  writeFileSync(join(folder, "job.json"), JSON.stringify(job));
});
afterAll(() => rmSync(folder, { recursive: true }));

const data = (name: string) => ({
  format: "idx",
  uri: `${name}-images.idx`,
  targetsUri: `${name}-labels.idx`,
  divide: 255,
});
const job = {
  version: 1,
  model: { uri: "mlp.onnx" },
  loss: { type: "softmaxCrossEntropy" },
  optimiser: { type: "sgd", learningRate: 0.1, momentum: 0.9 },
  batch: 20,
  length: { epochs: 6 },
  checkpointEvery: 15,
  segment: 5,
  training: data("train"),
  validation: { access: "public", ...data("test") },
  target: 0.3,
};

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  return new Promise((resolve) => {
    const flags = ["--disable-warning=ExperimentalWarning", main, ...args];
    const child = spawn(process.execPath, flags, {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: folder },
    });
    let [out, err] = ["", ""];
    let interrupted = false;
    child.stdout.on("data", (part) => {
      out += part;
    });
    child.stderr.on("data", (part) => {
      err += part;
      if (!interrupted && interruptAt?.test(err)) interrupted = child.kill("SIGINT");
    });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

describe("train and verify", () => {
  test("train fills in hashes, records a proof, and verify accepts it", async () => {
    const trained = await run(["train", "job.json", "--threads", "1"]);
    expect(trained).toMatchObject({ code: exitCode.ok });
    expect(trained.err).toContain("training: 600 samples, root 0x");
    expect(trained.err).toContain("device: cpu");
    const again = JSON.parse((await run(["train", "job.json", "--threads", "2", "--json"])).out);
    expect(again).toMatchObject({ steps: 180, checkpoints: 12, folder: "job.run", target: 0.3 });
    expect(again.accuracy).toBeGreaterThan(0.3);

    const verified = await run(["verify", "job.run", "--json", "--plot", "chain.svg"]);
    expect(verified).toMatchObject({ code: exitCode.ok, err: "" });
    expect(JSON.parse(verified.out)).toMatchObject({ passed: true, comparison: "exact" });
    expect(readFileSync(join(folder, "chain.svg"), "utf8")).toMatch(/^<svg/);
  });

  test("an interrupted training goes on to the same result", async () => {
    const whole = JSON.parse((await run(["train", "job.json", "--json"])).out);
    const long = { ...job, length: { epochs: 600 }, checkpointEvery: 1500, segment: 50 };
    writeFileSync(join(folder, "long.json"), JSON.stringify(long));
    const stopped = await run(["train", "long.json"], /device: cpu/);
    expect(stopped.code).toBe(exitCode.interrupted);
    expect(stopped.err).toMatch(/error: stopped; what was saved stays\n$/);

    const other = await run(["train", "job.json", "--out", "other.run"], /device: cpu/);
    expect(other.code).toBe(exitCode.interrupted);
    const resumed = JSON.parse((await run(["train", "job.json", "--out", "other.run", "--json"])).out);
    expect(resumed.link).toBe(whole.link);
  });

  test("a changed checkpoint is rejected", async () => {
    const file = join(
      folder,
      "job.run",
      readdirSync(join(folder, "job.run")).find((f) => f.startsWith("checkpoint-000007")) as string,
    );
    const good = readFileSync(file);
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(bad.length - 1) ^ 1, bad.length - 1);
    writeFileSync(file, bad);
    const verified = await run(["verify", "job.run"]);
    writeFileSync(file, good);
    expect(verified.code).toBe(exitCode.rejected);
    expect(verified.out).toContain("REJECTED");
  });
});

describe("bad input ends with one line that says what is wrong", () => {
  const changed = (change: object) => {
    writeFileSync(join(folder, "bad.json"), JSON.stringify({ ...job, ...change }));
    return ["train", "bad.json"];
  };
  test.each<[string, () => string[], string]>([
    ["a missing job", () => ["train", "none.json"], "none.json does not exist"],
    [
      "a field that is wrong",
      () => changed({ batch: 0, optimiser: { type: "sgd" } }),
      "optimiser.learningRate",
    ],
    ["a missing model", () => changed({ model: { uri: "none.onnx" } }), "none.onnx does not exist"],
    ["a model that is none", () => changed({ model: { uri: "train-labels.idx" } }), "error: "],
    [
      "another model than was ordered",
      () => changed({ model: { uri: "mlp.onnx", hash: `0x${"1".repeat(64)}` } }),
      "expected 0x1111",
    ],
    [
      "data of another shape",
      () => changed({ training: { ...data("train"), uri: "train-labels.idx" } }),
      "samples of shape [] cannot take the shape [784]",
    ],
    [
      "labels for images",
      () => changed({ training: { ...data("train"), targetsUri: "test-labels.idx" } }),
      "targets: has 200 rows, inputs has 600",
    ],
    [
      "another root than the data's",
      () => changed({ training: { ...data("train"), root: `0x${"2".repeat(64)}`, samples: 600 } }),
      "training.root is 0x2222",
    ],
    ["no package", () => ["verify", "nowhere"], "manifest.json: is missing"],
    [
      "a device that is not here",
      () => ["train", "job.json", "--device", "webgpu"],
      "no device is usable. webgpu:",
    ],
    ["a device that is none", () => ["doctor", "--quick", "--device", "tpu"], "unknown option"],
    ["data of no known format", () => ["infer", "mlp.onnx", "job.json"], "say what it is with --format"],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await run(args());
    expect(err).toContain(message);
    expect(code).not.toBe(exitCode.ok);
    expect(out).toBe("");
    expect(err).not.toMatch(/\n\s+at .*\.ts:\d+/); // no stack trace
  });

  test("with --json the error is a document too", async () => {
    const { code, out } = await run(["infer", "none.onnx", "test-images.idx", "--json"]);
    expect(code).toBe(exitCode.badInput);
    expect(JSON.parse(out)).toEqual({ error: { name: "InputError", message: "none.onnx does not exist" } });
  });
});

test("infer writes every output, flops counts, doctor describes", async () => {
  const inferred = await run([
    "infer",
    "mlp.onnx",
    "test-images.idx",
    "--divide",
    "255",
    "--out",
    "y.npy",
    "--json",
  ]);
  expect(JSON.parse(inferred.out)).toMatchObject({ samples: 200, dims: [200, 10] });
  expect(decodeNpy("y.npy", readFileSync(join(folder, "y.npy"))).dims).toEqual([200, 10]);

  const flops = JSON.parse((await run(["flops", "mlp.onnx", "--json"])).out);
  expect(flops.forward).toBe(String(2 * (784 * 24 + 24 * 10)));
  // Weight gradients of both layers, input gradient of the second only.
  expect(flops.training).toBe(String(2 * (2 * 784 * 24 + 3 * 24 * 10)));

  const doctor = JSON.parse((await run(["doctor", "--quick", "--json"])).out);
  expect(doctor.devices.map((d: { kind: string }) => d.kind)).toEqual(["cuda", "webgpu", "cpu"]);
});

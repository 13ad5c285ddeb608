/** The commands as a person meets them: processes, files, exit codes. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, type CommanderError } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { digits } from "../engine/data/digits.ts";
import { decodeNpy } from "../engine/data/npy.ts";
import { type Tensor, tensor } from "../engine/tensor.ts";
import { compose, node, withExternalData } from "../engine/testing/compose.ts";
import { digitsData as data, digitsJob as job, writeDigitsJob } from "../engine/testing/digits-job.ts";
import { register as digitsCommand } from "./digits.ts";
import { register as doctor } from "./doctor/doctor.ts";
import { register as evaluate } from "./evaluate.ts";
import { register as flops } from "./flops.ts";
import { register as infer } from "./infer.ts";
import { exitCode } from "./run-command.ts";
import { register as train } from "./train.ts";
import { register as verify } from "./verify.ts";

const main = join(import.meta.dirname, "../../node/main.ts");
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-cli-"));
  await writeDigitsJob(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command, and presses Ctrl-C once the file is there. */
function run(args: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const flags = ["--disable-warning=ExperimentalWarning", main, ...args];
    const child = spawn(process.execPath, flags, {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: folder },
    });
    let [out, err] = ["", ""];
    const watch = setInterval(() => {
      if (interruptAt === undefined || !existsSync(join(folder, interruptAt))) return;
      child.kill("SIGINT");
      clearInterval(watch);
    }, 5);
    child.stdout.on("data", (part) => {
      out += part;
    });
    child.stderr.on("data", (part) => {
      err += part;
    });
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code, out, err });
    });
  });
}

/** The same in this process, where one start after another would take long. */
async function runHere(args: readonly string[]): Promise<Ended> {
  const [out, err] = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  const said = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join("");
  for (const spy of [out, err]) spy.mockReturnValue(true);
  const [before, exit] = [process.cwd(), process.exitCode];
  process.chdir(folder);
  const program = new Command().exitOverride();
  for (const register of [train, verify, infer, evaluate, flops, digitsCommand, doctor]) register(program);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(args, { from: "user" }).catch((error: CommanderError) => {
      process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.badInput; // as the program itself ends
    });
    return { code: Number(process.exitCode), out: said(out), err: said(err) };
  } finally {
    process.exitCode = exit;
    process.chdir(before);
    vi.restoreAllMocks();
  }
}

describe("train and verify", () => {
  test("train fills in hashes, records a proof, and verify accepts it", async () => {
    const trained = await run(["train", "job.json", "--threads", "1"]);
    expect(trained).toMatchObject({ code: exitCode.ok });
    expect(trained.err).toContain("training: 600 samples, root 0x");
    expect(trained.err).toContain("device: cpu");
    const again = JSON.parse((await runHere(["train", "job.json", "--threads", "2", "--json"])).out);
    expect(again).toMatchObject({ steps: 180, checkpoints: 12, folder: "job.run", target: 0.3 });
    expect(again.accuracy).toBeGreaterThan(0.3);

    const verified = await runHere(["verify", "job.run", "--json", "--plot", "chain.svg"]);
    expect(verified).toMatchObject({ code: exitCode.ok, err: "" });
    expect(JSON.parse(verified.out)).toMatchObject({ passed: true, comparison: "exact" });
    expect(readFileSync(join(folder, "chain.svg"), "utf8")).toMatch(/^<svg/);

    // The target is reached at the end alone, and nothing behind the checkpoint is looked at.
    const part = await runHere(["verify", "job.run", "--until", "2"]);
    expect(part.code).toBe(exitCode.ok);
    expect(part.out).toMatch(/final accuracy: \S+ >= 0\n/);
    expect(part.out).toMatch(/left unfinished at checkpoint 2\naccepted\n$/);
    const beyond = await runHere(["verify", "job.run", "--until", "13"]);
    expect(beyond.code).toBe(exitCode.badInput);
    expect(beyond.err).toMatch(/error: the job ends with checkpoint 12; --until 13 lies beyond\n$/);
  });

  test("an interrupted training goes on to the same result", async () => {
    const whole = JSON.parse((await runHere(["train", "job.json", "--json"])).out);
    const checkpoint = join("other.run", "checkpoint-000003.safetensors");
    let stopped = await run(["train", "job.json", "--out", "other.run"], checkpoint);
    // On a busy machine it may have ended before Ctrl-C comes.
    while (stopped.code === exitCode.ok) {
      rmSync(join(folder, "other.run"), { recursive: true });
      stopped = await run(["train", "job.json", "--out", "other.run"], checkpoint);
    }
    expect(stopped.code).toBe(exitCode.interrupted);
    expect(stopped.err).toMatch(/error: stopped; what was saved stays; go on with: the same command\n$/);
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
    const verified = await runHere(["verify", "job.run"]);
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
    ["no package", () => ["verify", "nowhere"], "nowhere is no folder of a proof"],
    [
      "a device that is not here",
      () => ["train", "job.json", "--device", "webgpu"],
      "no device is usable. webgpu:",
    ],
    ["a device that is none", () => ["doctor", "--quick", "--device", "tpu"], "unknown option"],
    [
      "a class of machines that this is not",
      () => changed({ determinism: "cuda-sm90" }),
      "asks for a device of class cuda-sm90",
    ],
    [
      "a label that is no class",
      () => {
        const labels = readFileSync(join(folder, "test-labels.idx"));
        labels.writeUInt8(77, 8 + 12);
        writeFileSync(join(folder, "bad-labels.idx"), labels);
        return ["evaluate", "mlp.onnx", "test-images.idx", "--targets", "bad-labels.idx"];
      },
      "target has label 77 in row 12, expected 0 to 9",
    ],
    [
      "weights in a file beside the model",
      () => {
        const bytes = readFileSync(join(folder, "mlp.onnx"));
        writeFileSync(join(folder, "beside.bin"), new Uint8Array(784 * 24 * 4));
        const model = withExternalData(bytes, "beside.bin", "0", String(784 * 24 * 4));
        writeFileSync(join(folder, "beside.onnx"), model);
        return changed({ model: { uri: "beside.onnx" } });
      },
      "export it with external_data=False",
    ],
    [
      "results where no file can be",
      () => ["infer", "mlp.onnx", "test-images.idx", "--out", "."],
      ". could not be written",
    ],
    ["targets left out", () => ["evaluate", "mlp.onnx", "test-images.idx"], "idx data needs a second file"],
    ["data of no known format", () => ["infer", "mlp.onnx", "job.json"], "say what it is with --format"],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await runHere(args());
    expect(err).toContain(message);
    expect([exitCode.badInput, exitCode.unavailable]).toContain(code);
    expect(out).toBe("");
    expect(err).not.toMatch(/\n\s+at .*\.ts:\d+/); // no stack trace
  });

  test("with --json the error is a document too", async () => {
    const { code, out } = await runHere(["infer", "none.onnx", "test-images.idx", "--json"]);
    expect(code).toBe(exitCode.badInput);
    expect(JSON.parse(out)).toEqual({ error: { name: "InputError", message: "none.onnx does not exist" } });
  });
});

test("what was fetched long ago goes when it is more than may stay, however the command ends", async () => {
  const kept = join(folder, "matrixai");
  mkdirSync(kept, { recursive: true });
  const fetched = (digit: string, seconds: number) => {
    const path = join(kept, digit.repeat(64));
    writeFileSync(path, Buffer.alloc(2 ** 20));
    utimesSync(path, seconds, seconds);
    return path;
  };
  const [older, newer] = [fetched("a", 1e9), fetched("b", 1.2e9)];
  const cache = ["--cache", kept, "--cache-gib"];
  const bad = await runHere(["train", "none.json", ...cache, "plenty"]);
  expect(bad.err).toContain("A number of GiB is needed, such as 20 or 0.5.");
  expect(existsSync(older)).toBe(true);
  expect((await runHere(["train", "none.json", ...cache, "0.0015"])).code).toBe(exitCode.badInput);
  expect([existsSync(older), existsSync(newer)]).toEqual([false, true]);
});

test("train warns of weights that were tied and would be trained apart", async () => {
  const [w, tied] = [784, 10].map((side) =>
    tensor(
      "float32",
      [side, 10],
      Float32Array.from({ length: 10 * side }, (_, i) => Math.sin(i)),
    ),
  ) as [Tensor, Tensor];
  const bytes = compose({
    nodes: [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "a"], ["g"]), node("MatMul", ["g", "b"])],
    inputs: { x: { dims: ["batch", 784] } },
    initialisers: { w, a: tied, b: tied },
  });
  writeFileSync(join(folder, "tied.onnx"), bytes);
  // A class that no machine here has ends it before the training.
  const order = { ...job, model: { uri: "tied.onnx" }, determinism: "cuda-sm90" };
  writeFileSync(join(folder, "tied.json"), JSON.stringify(order));
  const { err } = await runHere(["train", "tied.json"]);
  expect(err).toContain("warning: initialisers a and b are equal");
});

test("the trained model is as good as train said, by its written outputs", async () => {
  const { accuracy } = JSON.parse((await runHere(["train", "job.json", "--json"])).out);
  await runHere([
    "infer",
    "job.run/model.onnx",
    "test-images.idx",
    "--divide",
    "255",
    "--out",
    "trained.npy",
  ]);
  const outputs = decodeNpy("trained.npy", readFileSync(join(folder, "trained.npy"))).data as Float32Array;
  const labels = digits(new Uint8Array(32).fill(2), 200).labels.data;
  const right = labels.filter((label, i) => {
    const scores = outputs.subarray(10 * i, 10 * i + 10);
    return scores.indexOf(Math.max(...scores)) === label;
  });
  expect(right.length / 200).toBe(accuracy);
  const evaluated = [
    "evaluate",
    "job.run/model.onnx",
    "test-images.idx",
    "--targets",
    "test-labels.idx",
    "--divide",
    "255",
  ];
  const { classes, samples } = JSON.parse((await runHere([...evaluated, "--json"])).out);
  expect([samples, classes.accuracy]).toEqual([200, accuracy]);
  expect((await runHere(evaluated)).out).toContain(`accuracy ${(100 * accuracy).toFixed(2)} %`);
});

test("digits writes the same files for the same seed", async () => {
  const first = JSON.parse(
    (await runHere(["digits", "made", "--train", "30", "--test", "10", "--json"])).out,
  );
  const bytes = () => first.files.map((file: string) => readFileSync(join(folder, file)));
  const before = bytes();
  expect(before.map((file: Buffer) => file.length)).toEqual([16 + 30 * 784, 8 + 30, 16 + 10 * 784, 8 + 10]);
  await runHere(["digits", "made", "--train", "30", "--test", "10"]);
  expect(bytes()).toEqual(before);
  await runHere(["digits", "made", "--train", "30", "--test", "10", "--seed", "2"]);
  expect(bytes()).not.toEqual(before);
});

test("infer writes every output, flops counts, doctor describes", async () => {
  const inferred = await runHere([
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

  const flops = JSON.parse((await runHere(["flops", "mlp.onnx", "--json"])).out);
  expect(flops.forward).toBe(String(2 * (784 * 24 + 24 * 10)));
  // Weight gradients of both layers, input gradient of the second only.
  expect(flops.training).toBe(String(2 * (2 * 784 * 24 + 3 * 24 * 10)));

  const doctor = JSON.parse((await runHere(["doctor", "--quick", "--json"])).out);
  expect(doctor.devices.map((d: { kind: string }) => d.kind)).toEqual(["cuda", "webgpu", "cpu"]);
});

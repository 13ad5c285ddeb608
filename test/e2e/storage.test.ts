/**
 * Whole orders through real storage: a buyer at the command line publishes models that PyTorch exported to an S3 server and
 * into IPFS nodes, trainers train them and store their packages there, inspectors and buyer fetch them. What comes out is
 * opened by runtimes that share nothing with the one that trained it. And a project whose files and results lie there.
 */
import { spawn } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { writeSampleImages } from "../../scripts/samples/images.ts";
import { runAgent } from "../../trainer/agent/agent.ts";
import { readConfig } from "../../trainer/agent/config.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { blake2b256 } from "../../trainer/engine/data/blake2b.ts";
import { digits, writeDigits } from "../../trainer/engine/data/digits.ts";
import { toHex } from "../../trainer/proof/canonical.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { accuracyByWasm, accuracyIn64, type Labelled } from "./storage/independent.ts";
import { type S3Server, s3Server } from "./storage/s3-server.ts";

const names = ["Alice", "Bob", "Charlie", "Dave"] as const;
const tested = 300;
const loopback = "/ip4/127.0.0.1/tcp/0";

let world: AgentsChain;
let s3: S3Server;
let place: string;
/** The agents, each with what ends it. */
const agents = new Map<string, { readonly stop: AbortController; readonly running: Promise<void> }>();
const lines: string[] = [];
const at = (...parts: string[]): string => join(place, ...parts);

beforeAll(async () => {
  world = await AgentsChain.open(names.length, {
    commitWindow: 2_000,
    releaseWindow: 1_000,
    voteWindow: 150,
  });
  place = join(world.folder, "buyer");
  mkdirSync(place);
  s3 = await s3Server(join(world.folder, "s3"), ["jobs", "packages"]);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) process.env[name] = s3.env[name];
  await writeDigits(place, "train", digits(new Uint8Array(32).fill(1), 8_000));
  await writeDigits(place, "test", digits(new Uint8Array(32).fill(2), tested));
  for (const name of names) await start(name);
  for (const machine of machines)
    await world.until(() => world.chain.read(marketplace.Offers, [Buffer.from(machine.slice(2), "hex")]));
});
afterAll(async () => {
  await Promise.all(names.map(end));
  await s3?.close();
  await world?.close();
});

/** Of the trainer whose packages lie in S3, and of the one whose packages lie in its IPFS node. */
const machines = [`0x${"01".repeat(16)}`, `0x${"02".repeat(16)}`] as const;

/** What operators write: two with machines, all in one network, nobody with rights in a bucket that is not its own. */
function configOf(name: (typeof names)[number]): object {
  // Nobody is alone with a unit for such bonds: an audit would need two others.
  const drilling = { units: 4, maxBond: 10 };
  const common = { innerNetwork: true, ipfs: { listen: [loopback] }, claimFrom: 1e6, drilling };
  const offer = { pricePerUt: 1_000, longest: 20_000, disk: 256 };
  const machine = (id: string) => ({ machines: [{ id, declared: 1, offer, threads: 1 }] });
  const bucket = { endpoint: s3.url, buckets: ["packages"], publicUrl: `${s3.url}/{bucket}` };
  if (name === "Alice")
    return { ...common, ...machine(machines[0]), s3: bucket, packages: "s3://packages/alice" };
  return name === "Bob" ? { ...common, ...machine(machines[1]), packages: "ipfs:" } : common;
}

async function start(name: (typeof names)[number]): Promise<void> {
  const signer = await signerOf(`//${name}`);
  const say = (message: string, fields?: Record<string, unknown>) => {
    const text = JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? value.toString() : value));
    lines.push(`${name} ${message} ${text}`);
    if (process.env.MATRIXAI_TEST_SHOW) console.log(lines.at(-1));
  };
  const options = {
    ...readConfig(configOf(name), signer.account),
    url: world.url,
    signer,
    folder: join(world.folder, name),
    log: { info: say, warn: say },
  };
  const stop = new AbortController();
  agents.set(name, { stop, running: runAgent(options, { stop: stop.signal }) });
}

async function end(name: string): Promise<void> {
  const agent = agents.get(name);
  agent?.stop.abort();
  await agent?.running;
}

const program = join(import.meta.dirname, "../../scripts/matrixai");

/** Runs a command of the buyer's as a process of its own; what it prints as JSON. */
function matrixai(...args: readonly string[]): Promise<Record<string, unknown>> {
  const env = {
    ...process.env,
    ...s3.env,
    MATRIXAI_URL: world.url,
    MATRIXAI_SECRET: "//Ferdie",
    MATRIXAI_INNER_NETWORK: "1",
    XDG_CACHE_HOME: at("cache"),
    XDG_DATA_HOME: at("data"),
  };
  const child = spawn(program, [...args, "--json"], { cwd: place, env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (part) => {
    out += part;
  });
  child.stderr.on("data", (part) => {
    err += part;
  });
  return new Promise((resolve, reject) =>
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(out.trim().split("\n").at(-1)!));
      else reject(new Error(`${args.join(" ")} ended with ${code}:\n${out}${err}`));
    }),
  );
}

/** A job for a model of `test/models`, as its buyer writes it. */
function writeJob(model: string, learningRate: number): void {
  copyFileSync(join(import.meta.dirname, "../models", `${model}.onnx`), at(`${model}.onnx`));
  const data = (name: string) => ({
    format: "idx",
    uri: `${name}-images.idx`,
    targetsUri: `${name}-labels.idx`,
    divide: 255,
  });
  const job = {
    version: 1,
    model: { uri: `${model}.onnx` },
    loss: { type: "softmaxCrossEntropy" },
    optimiser: { type: "sgd", learningRate, momentum: 0.9 },
    batch: 20,
    length: { steps: 180 },
    checkpointEvery: 15,
    segment: 15,
    training: data("train"),
    validation: { access: "public", ...data("test") },
    target: 0.5,
  };
  writeFileSync(at(`${model}.json`), JSON.stringify(job));
}

/** The validation data as the models take it. */
function labelled(dims: readonly number[]): Labelled {
  const [images, labels] = ["images", "labels"].map((of) => readFileSync(at(`test-${of}.idx`)));
  const inputs = Float32Array.from(images!.subarray(16), (value) => value / 255);
  return { dims: [tested, ...dims], inputs, labels: labels!.subarray(8) };
}

/** The accuracy of each verdict on an order, as the chain has recorded it. */
async function recorded(order: number): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = [];
  const head = Number((await world.chain.request<{ number: string }>("chain_getHeader")).number);
  for (let number = 1; number <= head; number++) {
    const hash = await world.chain.request<string>("chain_getBlockHash", number);
    for (const { event } of await world.chain.read(system.Events, [], hash)) {
      if (event.type !== "ProofOfTraining" || event.value.type !== "VerdictRevealed") continue;
      const value = event.value.value as { order: number; verdict: { accuracy: number | undefined } };
      if (value.order === order) found.push(value.verdict.accuracy);
    }
  }
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const terms = ["--price-limit", "1000", "--accept-within", "1000", "--train-within", "8000"];

/** Places an order and follows it to its end, then fetches what was trained. */
async function buy(model: string, machine: string, publish: string, ...options: readonly string[]) {
  const placing = ["--publish", publish, "--machine", machine, ...terms, ...options];
  const { order } = (await matrixai("order", "place", `${model}.json`, ...placing)) as { order: number };
  const { state } = await matrixai("order", "watch", `${order}`, ...options);
  expect(state).toBe("Completed");
  const fetched = await matrixai("order", "fetch", `${order}`, "--out", `${model}-bought`);
  return { order, uri: String(fetched.uri), model: readFileSync(at(`${model}-bought`, "model.onnx")) };
}

describe("a job and its package in an S3 server", () => {
  test("a network exported from PyTorch comes back better, by the accuracy that the chain recorded", async () => {
    writeJob("bench-cnn", 0.01);
    const { order, uri, model } = await buy("bench-cnn", machines[0], "s3://jobs/cnn");
    expect(uri).toMatch(new RegExp(`^${s3.url}/packages/alice/.*index.json$`));
    const data = labelled([1, 28, 28]);
    const accuracy = await accuracyByWasm(model, data);
    expect(await recorded(order)).toEqual(Array(3).fill(Math.round(accuracy * 1e9)));
    expect(accuracy).toBeGreaterThan((await accuracyByWasm(readFileSync(at("bench-cnn.onnx")), data)) + 0.3);
  });
});

describe("a job and its package in IPFS nodes", () => {
  test("files of several blocks go between buyer, trainer and inspectors, and what comes out is better", async () => {
    writeJob("bench-mlp", 0.1);
    const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`;
    const { order, uri, model } = await buy("bench-mlp", machines[1], "ipfs:", "--ipfs-listen", listen);
    expect(uri).toMatch(/^ipfs:\/\/baf\w+\?peer=\/ip4\/127\.0\.0\.1/);
    // The training images alone are larger than any block: several parties have parts of them.
    for (const name of ["Bob", "Charlie", "Dave"])
      expect(globSync(join(world.folder, name, "ipfs", "fetched", "**", "*.data")).length).toBeGreaterThan(6);
    const data = labelled([784]);
    const accuracy = await accuracyByWasm(model, data);
    expect(accuracyIn64(model, data)).toBe(accuracy);
    expect(await recorded(order)).toEqual(Array(3).fill(Math.round(accuracy * 1e9)));
    expect(accuracy).toBeGreaterThan((await accuracyByWasm(readFileSync(at("bench-mlp.onnx")), data)) + 0.3);
  });
});

describe("a project's files and results in both", () => {
  const classifier = join(import.meta.dirname, "../../docs/examples/projects/image-labels/classifier.onnx");
  const units = 4;

  /** Publishes the task, with all that it is made of at an address, and follows it to its end; gives its number. */
  async function drilled(address: string, ...options: readonly string[]): Promise<string> {
    const windows = ["--commit-window", "600", "--reveal-window", "300"];
    const task = ["--project", "0", "--unit-size", "4", "--reward", "1", "--threads", "1", ...windows];
    const given = ["--publish", address, "--records", at("records"), "--watch", ...task, ...options];
    const ended = await matrixai("project", "publish", classifier, at("images"), ...given);
    expect(ended).toMatchObject({ state: "Closed", units, agreed: units, failed: 0 });
    return `${ended.task}`;
  }

  /** Collects the results of a task into a folder of its own; what each unit's line says. */
  async function collected(task: string, name: string): Promise<Line[]> {
    const told = await matrixai("project", "results", task, "--out", at(name), "--records", at("records"));
    expect(told).toMatchObject({ state: "Closed", units, collected: units, failed: [] });
    return readFileSync(at(name, "results.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  test("units come from either, results lie with their members in both, and are found though the server has lost them", async () => {
    mkdirSync(at("images"));
    const truth = await writeSampleImages(at("images"), 4 * units, 3);
    await matrixai("project", "register", "--name", "labels", "--uri", "https://labels.example");
    const listen = ["--ipfs-listen", `/ip4/127.0.0.1/tcp/${await freePort()}`];
    const [inS3, inIpfs] = await Promise.all([drilled("s3://jobs/labels"), drilled("ipfs:", ...listen)]);

    const [one, other] = [await collected(inS3, "from-s3"), await collected(inIpfs, "from-ipfs")];
    expect(other.map(({ result }) => result)).toEqual(one.map(({ result }) => result));
    const labels = readFileSync(at("from-s3", "labels.csv"), "utf8");
    expect(readFileSync(at("from-ipfs", "labels.csv"), "utf8")).toBe(labels);
    const right = truth.filter(({ file, label }) => labels.includes(`${file},${label}\n`)).length;
    // 96.7 % of digits that it has not seen are right.
    expect(right / truth.length).toBeGreaterThan(0.8);

    const members = await Promise.all(
      ["Alice", "Bob"].map(async (name) => (await signerOf(`//${name}`)).address),
    );
    for (const { trainers } of [...one, ...other]) expect(trainers.toSorted()).toEqual(members.toSorted());
    // Anybody reads Alice's results where she says that they lie.
    for (const { result } of one) {
      const found = await fetch(`${s3.url}/packages/alice/${result.slice(2)}.safetensors`);
      expect(found.status).toBe(200);
      expect(toHex(blake2b256(Buffer.from(await found.arrayBuffer())))).toBe(result);
    }
    await end("Alice");
    rmSync(join(world.folder, "s3", "packages", "alice"), { recursive: true });
    const left = await collected(inS3, "from-bob");
    expect(left.map(({ result }) => result)).toEqual(one.map(({ result }) => result));
    expect(new Set(left.map(({ from }) => from))).toEqual(new Set([members[1]]));
  });
});

interface Line {
  readonly result: string;
  readonly trainers: readonly string[];
  /** The member that it was fetched from. */
  readonly from: string;
}

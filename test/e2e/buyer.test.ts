/** A buyer at the command line, from quote to model, while a trainer trains for it on a chain. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runProgram } from "../../node/cli/commands.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { digits, writeDigits } from "../../trainer/engine/data/digits.ts";
import { mlp } from "../../trainer/engine/testing/small-models.ts";
import { type MarketNode, openMarketNode } from "./buyer/market-node.ts";
import { Seller } from "./buyer/seller.ts";

const bob = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
const charlie = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
const eve = "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw";
const ferdie = "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL";

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

const before = { folder: process.cwd(), env: { ...process.env } };
let node: MarketNode;
let seller: Seller;
const at = (...names: string[]): string => join(node.folder, ...names);

beforeAll(async () => {
  node = await openMarketNode();
  await writeDigits(node.folder, "train", digits(new Uint8Array(32).fill(1), 600));
  await writeDigits(node.folder, "test", digits(new Uint8Array(32).fill(2), 200));
  writeFileSync(at("mlp.onnx"), mlp([784, 24, 10]).bytes);
  writeFileSync(at("job.json"), JSON.stringify(job));
  writeFileSync(at("ferdie"), "//Ferdie\n");
  writeFileSync(at("eve"), "//Eve");
  process.chdir(node.folder);
  Object.assign(process.env, { MATRIXAI_URL: node.url, XDG_CACHE_HOME: at("cache"), NO_COLOR: "1" });
  const [trainer, ...inspectors] = await Promise.all(
    ["//Bob", "//Alice", "//Charlie", "//Dave"].map(signerOf),
  );
  seller = new Seller(node.chain, trainer!, inspectors, node.folder);
}, 120_000);
afterAll(async () => {
  process.chdir(before.folder);
  process.env = before.env;
  await node?.close();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const program = join(import.meta.dirname, "../../scripts/matrixai");

/** Runs a command as a process of its own. */
function start(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: node.folder, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (part) => {
      out += part;
    });
    child.stderr.on("data", (part) => {
      err += part;
    });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** Runs a command in this process, where one start after another would take long. */
async function run(...args: readonly string[]): Promise<Ended> {
  const [out, err] = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  for (const spy of [out, err]) spy.mockReturnValue(true);
  const said = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join("");
  const exit = process.exitCode;
  try {
    const code = await runProgram(["node", "matrixai", ...args]);
    return { code, out: said(out), err: said(err) };
  } finally {
    process.exitCode = exit;
    for (const spy of [out, err]) spy.mockRestore();
  }
}

/** The same, and the document that it prints. */
async function ask(...args: readonly string[]) {
  const ended = await run(...args, "--json");
  try {
    return { ...ended, json: JSON.parse(ended.out) };
  } catch {
    throw new Error(`${args.join(" ")} ended with ${ended.code}:\n${ended.out}${ended.err}`);
  }
}

const published = () => pathToFileURL(at("published")).href;
const place = (...more: string[]) =>
  ask(
    "order",
    "place",
    "job.json",
    "--publish",
    published(),
    "--secret-file",
    "ferdie",
    "--train-within",
    "10000",
    ...more,
  );

describe("before anything is for hire", () => {
  test("a quote says the work, and why it cannot be placed", async () => {
    const { code, json } = await ask("order", "quote", "job.json");
    expect(code).toBe(2);
    expect(json).toMatchObject({ steps: 180, checkpoints: 12, candidates: [] });
    expect(json.obstacles).toEqual([expect.stringContaining("no machine is for hire")]);
    const { json: counted } = await ask("flops", "mlp.onnx");
    expect(BigInt(json.flop)).toBe(BigInt(counted.training) * 20n * 180n);
  });

  test("a trainer reads why it gets no work, and a stranger that it is none", async () => {
    const why = await run("trainer", "why", bob);
    expect(why).toMatchObject({ code: 0, err: "" });
    expect(why.out).toContain("It has no machine");
    const status = await run("trainer", "status", ferdie);
    expect(status.out).toContain("not a trainer");
    expect((await ask("trainer", "why", ferdie)).json).toMatchObject({
      account: ferdie,
      obstacles: ["NotRegistered"],
    });
  });

  test("an account becomes a trainer with keys of the node, once", async () => {
    const register = (value: string) => ask("trainer", "register", "--value", value, "--secret-file", "eve");
    expect((await register("0.1")).json.error.message).toContain("TrainerStaking.register failed with");
    const { json } = await register("500");
    expect(json).toMatchObject({ trainer: eve, bond: String(500n * 10n ** 12n) });
    expect(await node.chain.request("author_hasKey", json.gran, "gran")).toBe(true);
    expect((await register("500")).json.error.message).toContain("is a trainer already");
    const status = await run("trainer", "status", "--secret-file", "eve");
    expect(status.out).toContain("bond: 500 MAI");
    writeFileSync(at("none"), "no secret");
    expect(await ask("trainer", "why", "--secret-file", "none")).toMatchObject({
      code: 2,
      json: { error: { name: "SecretError" } },
    });
  });

  test("scores are told of all, the strongest first, and of one", async () => {
    const { json } = await ask("score");
    expect(json.map(({ trainer }: { trainer: string }) => trainer)).toContain(charlie);
    expect((await ask("score", charlie)).json).toMatchObject({ trainer: charlie });
    const wrong = await start("score", "nobody");
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("An SS58 address is needed") });
  });
});

describe("with a machine for hire", () => {
  beforeAll(() => seller.open(), 120_000);

  test("the market and a quote tell of it", async () => {
    const market = await ask("market");
    expect(market.json.offers).toMatchObject([{ machine: toHex(seller.machine), offer: { trainer: bob } }]);
    expect((await run("market")).out).toContain("1 machines for hire");
    const { code, json } = await ask("order", "quote", "job.json", "--train-within", "10000");
    expect(json).toMatchObject({ obstacles: [], machine: toHex(seller.machine) });
    expect(code).toBe(0);
    expect(BigInt(json.at_most)).toBe(BigInt(json.candidates[0].price) + BigInt(json.inspection_fee));
  });

  test("what cannot be ordered is refused in words, and nothing is published", async () => {
    expect((await place()).json.error.message).toContain("--price-limit");
    const cheap = await place("--price-limit", "0.02");
    expect(cheap.code).toBe(2);
    expect(cheap.json.error.message).toContain("The price on offer is higher than the limit.");
    const poor = await place("--open", "--price-limit", "100000000");
    expect(poor.json.error.message).toContain("free");
    expect((await ask("order", "watch", "77")).json.error.message).toContain("there is no order 77");
    expect(existsSync(at("published"))).toBe(false);
  });

  test("an order is placed, taken back, and its money is free again", async () => {
    const { json } = await place("--price-limit", "50");
    const order = String(json.order);
    expect((await ask("order", "watch", order, "--once")).json).toMatchObject({
      state: "Placed",
      over: false,
    });
    const other = await ask("order", "cancel", order, "--secret-file", "eve");
    expect(other.json.error.message).toContain(`order ${order} is ${ferdie}'s`);
    expect((await ask("order", "cancel", order, "--secret-file", "ferdie")).json).toMatchObject({
      state: "Cancelled",
    });
    expect(await ask("order", "watch", order)).toMatchObject({ code: 6, json: { state: "Cancelled" } });
    expect((await ask("order", "fetch", order)).json.error.message).toContain("has no model");
  });

  test("a model is ordered, followed, sealed, fetched, better than before, and stands up to inspection", async () => {
    const { json } = await place("--price-limit", "50", "--recipient-key", "recipient.key");
    const order = String(json.order);
    const watched = start("order", "watch", order);
    await seller.train(json.order);
    expect((await ask("order", "watch", order, "--once")).json.anchors).toHaveLength(13);
    await seller.judge(json.order, true);

    const { code, out, err } = await watched;
    expect(out).toContain("completed: the proof stands");
    expect(err).toContain("checkpoint 12 at step 180, loss");
    expect(err).toContain("the proof is accepted by 3 of 3");
    expect(code).toBe(0);

    const files = ["--files", ".", "--out", "bought"];
    expect((await ask("order", "fetch", order, ...files)).json.error.message).toContain("no key was given");
    const fetched = await ask(
      "order",
      "fetch",
      order,
      ...files,
      "--recipient-key",
      "recipient.key",
      "--whole",
    );
    expect(fetched.json).toMatchObject({ checkpoint: { index: 12, step: 180 }, model: "bought/model.onnx" });
    const measure = ["test-images.idx", "--targets", "test-labels.idx", "--divide", "255"];
    const [old, trained] = [
      await ask("evaluate", "mlp.onnx", ...measure),
      await ask("evaluate", "bought/model.onnx", ...measure),
    ];
    expect(trained.json.classes.accuracy).toBeGreaterThan(old.json.classes.accuracy + 0.2);
    expect(await ask("verify", "bought")).toMatchObject({ code: 0, json: { passed: true } });
    expect(existsSync(at(`package-${order}`, "proof.json"))).toBe(true);
    expect(readFileSync(at(`package-${order}`, "proof.json"), "latin1")).toMatch(/^MAIS/);
  }, 180_000);
});

/** A buyer that keeps its data to itself, at the command line, among real agents: from an order to a model, whatever is interrupted. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { writeDigitsJob } from "../../trainer/engine/testing/digits-job.ts";
import { ask, run, start } from "../support/commands.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";

const before = { folder: process.cwd(), env: { ...process.env } };
const machine = hireable(1);
let world: AgentsChain;
const agents: Honest[] = [];
const at = (...names: string[]): string => join(world.folder, "buyer", ...names);

beforeAll(async () => {
  world = await AgentsChain.open(4);
  mkdirSync(at());
  await writeDigitsJob(at());
  writeFileSync(at("ferdie"), "//Ferdie\n");
  process.chdir(at());
  Object.assign(process.env, {
    MATRIXAI_URL: world.url,
    XDG_CACHE_HOME: at("cache"),
    XDG_DATA_HOME: at("data"),
    NO_COLOR: "1",
  });
  agents.push(await honest(world, "Alice", { machine }));
  for (const name of ["Bob", "Charlie", "Dave"]) agents.push(await honest(world, name));
  await world.until(() => world.chain.read(marketplace.Offers, [machine.id]));
  await world.until(
    async () => (await world.chain.read(machines.Machines, [machine.id]))?.state === "Available" || undefined,
  );
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  process.chdir(before.folder);
  process.env = before.env;
  await world?.close();
});

const secret = ["--secret-file", "ferdie"];
const place = (...more: string[]) =>
  ask(
    ...[
      "order",
      "place",
      "job.json",
      "--publish",
      pathToFileURL(join(world.storage, "jobs")).href,
      ...secret,
    ],
    ...["--price-limit", "1000", "--train-within", "2000", ...more],
  );
const measure = ["test-images.idx", "--targets", "test-labels.idx", "--divide", "255"];
const fetch = (order: number, out: string, ...more: string[]) =>
  ask("order", "fetch", String(order), "--files", world.storage, "--out", out, ...more);

test("a sealed order is watched by one that crashes and one that goes on, and its model is as good as the chain says", async () => {
  const placed = (await place()).json;
  expect(statSync(placed.keys).mode & 0o777).toBe(0o600);
  const args = ["order", "watch", String(placed.order), ...secret] as const;
  const first = start(at(), ...args);
  await world.until(async () => first.said().includes("is given the key of the training data") || undefined);
  await first.kill();
  const { code, out, err } = await start(at(), ...args).ended;
  expect(out).toContain("completed: the proof stands");
  expect(err).toContain("is given the key of the validation data");
  expect(err).toContain("the inspectors are told where the validation data lies");
  expect(err).not.toContain("could not be handed out");
  expect(code).toBe(0);

  const fetched = await fetch(placed.order, "bought", "--whole");
  expect(fetched.json).toMatchObject({ checkpoint: { index: 12, step: 180 } });
  const evaluated = await ask("evaluate", "bought/model.onnx", ...measure);
  expect(evaluated.json.classes.accuracy).toBeGreaterThan(0.3);
  expect(fetched.json.accuracy).toBeCloseTo(evaluated.json.classes.accuracy, 8);
  const told = await run(
    "infer",
    "bought/model.onnx",
    "test-images.idx",
    "--divide",
    "255",
    "--out",
    "y.npy",
  );
  expect([told.code, existsSync(at("y.npy"))]).toEqual([0, true]);
  expect((await ask("verify", "bought")).json.error.message).toContain("sealed");
  expect(await ask("verify", "bought", "--order-keys", placed.keys)).toMatchObject({
    code: 0,
    json: { passed: true },
  });
  const stranger = await fetch(placed.order, "stolen", "--keys", at("nowhere"));
  expect(stranger.json.error.message).toContain("sealed");
});

test("a training that was cancelled goes on from its last checkpoint in another order, with the steps that were left", async () => {
  const placed = (await place()).json;
  const release = () => ask("order", "release", String(placed.order), ...secret);
  const given = await world.until(async () => {
    const { json } = await release();
    return json.given.length > 0 ? json.given : undefined;
  });
  expect(given).toMatchObject([{ what: "the key of the training data" }]);
  expect((await release()).json.given).toEqual([]);
  const watched = start(at(), "order", "watch", String(placed.order), ...secret);
  await world.until(
    async () =>
      ((await world.chain.read(marketplace.Anchors, [placed.order])).at(-1)?.index ?? 0) >= 2 || undefined,
  );
  const cancelled = await run("order", "cancel", String(placed.order), ...secret);
  expect(cancelled.err).toMatch(/costs at most .* steps that are anchored/);
  const ended = await watched.ended;
  expect(ended.code).toBe(6);
  const { last } = (await ask("order", "watch", String(placed.order))).json.ended;

  const rest = (await place("--continues", String(placed.order), "--files", world.storage, "--watch")).json;
  const why = (await run("trainer", "why", String(rest.order))).out;
  expect(rest, why).toMatchObject({ state: "Completed" });
  expect(rest.anchors.length === 0 && rest.ended.last.step).toBe(180 - last.step);
  const fetched = await fetch(rest.order, "rest");
  const [half, whole] = [
    (await fetch(placed.order, "half")).json.accuracy ?? 0,
    (await ask("evaluate", "rest/model.onnx", ...measure)).json.classes.accuracy,
  ];
  expect(whole).toBeGreaterThanOrEqual(half - 0.1);
  expect(fetched.json.accuracy).toBeCloseTo(whole, 8);
});

test("a program of one's own buys a model with the library", async () => {
  const example = join(import.meta.dirname, "../../docs/examples/buy.ts");
  const base = pathToFileURL(join(world.storage, "jobs")).href;
  const args = [
    "--disable-warning=ExperimentalWarning",
    example,
    "job.json",
    "//Ferdie",
    base,
    world.url,
    world.storage,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: at() });
  expect(stdout).toMatch(/handed out the key of the training data/);
  expect(stdout).toMatch(/order-\d+\/model\.onnx: accuracy 0\.\d+/);
});

test("an order whose training never began has nothing to go on with", async () => {
  const placed = (await place("--public", "--open")).json;
  await ask("order", "cancel", String(placed.order), ...secret);
  const { code, json } = await place("--continues", String(placed.order));
  expect(json.error.message).toContain("no checkpoint was trained");
  expect(code).toBe(2);
});

/** A trainer that is gone for good in the middle of a training, and a buyer at the command line that loses neither money nor work. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { digitsJob, writeDigitsJob } from "../../trainer/engine/testing/digits-job.ts";
import { mlp } from "../../trainer/engine/testing/small-models.ts";
import { checkpointFile } from "../../trainer/proof/package.ts";
import { ask, run, start } from "../support/commands.ts";
import { AgentProcess } from "./agents/agent-process.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { newTrainer } from "./agents/new-trainer.ts";

const before = { folder: process.cwd(), env: { ...process.env } };
const eves = `0x${"05".repeat(16)}`;
const bobs = hireable(2);
const steps = 4_800;
let world: AgentsChain;
let eve: AgentProcess;
const agents: Honest[] = [];
const at = (...names: string[]): string => join(world.folder, "buyer", ...names);

/** Eve's order, and how far it came when she was killed. */
let order: number;
let last: { readonly index: number; readonly step: number };
/** What she had stored then. */
let stored: number[];

beforeAll(async () => {
  world = await AgentsChain.open(4, { minSilence: 120 });
  mkdirSync(at());
  await writeDigitsJob(at());
  // So long that it is not over before somebody sees it going on.
  writeFileSync(at("mlp.onnx"), mlp([784, 256, 10]).bytes);
  const optimiser = { type: "sgd", learningRate: 0.01 };
  const job = { ...digitsJob, optimiser, length: { steps }, checkpointEvery: steps / 12, segment: 50 };
  writeFileSync(at("job.json"), JSON.stringify(job));
  writeFileSync(at("ferdie"), "//Ferdie\n");
  process.chdir(at());
  Object.assign(process.env, {
    MATRIXAI_URL: world.url,
    XDG_CACHE_HOME: at("cache"),
    XDG_DATA_HOME: at("data"),
    NO_COLOR: "1",
  });
  for (const name of ["Alice", "Charlie", "Dave"]) agents.push(await honest(world, name));
  agents.push(await honest(world, "Bob", { machine: bobs }));
  // She has no score, so that no panel waits for her when she is gone.
  await newTrainer(world.chain, "//Eve", 10_000n * 10n ** 12n);
  const offer = { pricePerUt: 900, longest: 5_000, disk: 256 };
  eve = new AgentProcess(world, "Eve", true, {
    machines: [{ id: eves, declared: 20, offer, threads: 1 }],
    policy: { haste: 1 },
  });
  eve.start();
  for (const id of [Buffer.from(eves.slice(2), "hex"), bobs.id]) {
    await world.until(() => world.chain.read(marketplace.Offers, [id]));
    const isReady = async () => (await world.chain.read(machines.Machines, [id]))?.state === "Available";
    await world.until(async () => (await isReady()) || undefined);
  }
});
afterAll(async () => {
  await eve?.kill();
  await Promise.all(agents.map((agent) => agent.close()));
  process.chdir(before.folder);
  process.env = before.env;
  await world?.close();
});

const secret = ["--secret-file", "ferdie"];
const place = (machine: string, within: number, ...more: string[]) => [
  ...["order", "place", "job.json", "--publish", pathToFileURL(join(world.storage, "jobs")).href, ...secret],
  ...["--price-limit", "1000", "--machine", machine, "--train-within", String(within), ...more],
];
const fetch = (out: string, ...more: string[]) =>
  ask("order", "fetch", String(order), "--files", world.storage, "--out", out, ...more);
const storedOf = (output: string) =>
  [...output.matchAll(/checkpoint stored .*?"?checkpoint"?[:=]\s*(\d+)/g)].map(([, index]) => Number(index));

test("a trainer that is gone for good leaves an order that expires, and a buyer that is told what there is", async () => {
  const placed = (await ask(...place(eves, 600))).json;
  expect(placed).not.toHaveProperty("error");
  ({ order } = placed);
  const watch = start(at(), "order", "watch", String(order), ...secret);
  let isOver = false;
  void watch.ended.then(() => {
    isOver = true;
  });
  await eve.killWhen(() => isOver || storedOf(eve.output).length >= 3);
  stored = storedOf(eve.output);
  expect(stored.length).toBeGreaterThanOrEqual(3);
  const { code, out } = await watch.ended;
  expect(code).toBe(6);
  expect(out).toContain("expired: a deadline passed; you have your money back");
  expect(out).toContain(`matrixai order place JOB --continues ${order}`);
  ({ last } = (await ask("order", "watch", String(order))).json.ended);
  expect(last.index).toBeGreaterThanOrEqual(stored.at(-1)!);
  expect(last.step).toBeLessThan(steps);
  const why = await run("trainer", "why", String(order));
  expect(why.out).toContain(`has anchored checkpoint ${last.index} of step ${last.step}`);
  const { code: refused, json } = await fetch("nothing");
  expect(refused).toBe(2);
  expect(json.error.message).toMatch(
    /no proof was submitted .* says to have stored checkpoint \d+ of step \d+/,
  );
});

test("the last checkpoint that is stored is had by its buyer, and by nobody else", async () => {
  const { json } = await fetch("so-far", "--checkpoint");
  expect(json.checkpoint).toMatchObject({ index: stored.at(-1), step: (stored.at(-1)! * steps) / 12 });
  const told = await ask(
    ...[
      "evaluate",
      "so-far/model.onnx",
      "test-images.idx",
      "--targets",
      "test-labels.idx",
      "--divide",
      "255",
    ],
  );
  expect(told.json.classes.accuracy).toBeGreaterThan(0.2);
  const stranger = await fetch("stolen", "--checkpoint", "--keys", at("nowhere"));
  expect(stranger.json.error.message).toContain("sealed");
});

test("of what does not lead to an anchored link nothing is taken, but what was stored before", async () => {
  const genesis = await world.chain.request<string>("chain_getBlockHash", 0);
  const path = join(
    world.storage,
    `packages/${genesis.slice(2, 10)}-order-${order}`,
    checkpointFile(stored.at(-1)!),
  );
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(1_000, bytes[1_000]! ^ 1));
  const { json } = await fetch("spoilt", "--checkpoint");
  expect(json.checkpoint).toMatchObject({ index: stored.at(-2) });
  writeFileSync(path, bytes);
});

test("the training goes on with another trainer, and no step is done again", async () => {
  const bob = `0x${Buffer.from(bobs.id).toString("hex")}`;
  const args = place(bob, 2_000, "--continues", String(order), "--files", world.storage, "--watch");
  const ended = await run(...args);
  const done = (stored.at(-1)! * steps) / 12;
  expect(ended.err).toContain(`after step ${done}: ${steps - done} of ${steps} steps are left`);
  expect(ended.code).toBe(0);
  const rest = (await ask("order", "watch", String(order + 1))).json;
  expect(rest).toMatchObject({ state: "Completed", ended: { last: { step: steps - done } } });
  const fetched = await ask("order", "fetch", String(rest.order), "--files", world.storage, "--out", "rest");
  const measure = ["test-images.idx", "--targets", "test-labels.idx", "--divide", "255"];
  const accuracyOf = async (out: string): Promise<number> =>
    (await ask("evaluate", `${out}/model.onnx`, ...measure)).json.classes.accuracy;
  const [half, whole] = [await accuracyOf("so-far"), await accuracyOf("rest")];
  expect(whole).toBeGreaterThanOrEqual(half - 0.05);
  expect(fetched.json.accuracy).toBeCloseTo(whole, 8);
});

/** A buyer at the command line, from quote to model, while a trainer trains for it on a chain. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { digitsData, digitsJob, writeDigitsJob } from "../../trainer/engine/testing/digits-job.ts";
import { ask, run, start } from "../support/commands.ts";
import { type MarketNode, openMarketNode } from "./buyer/market-node.ts";
import { Seller } from "./buyer/seller.ts";

const bob = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
const charlie = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
const eve = "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw";
const ferdie = "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL";

const before = { folder: process.cwd(), env: { ...process.env } };
let node: MarketNode;
let seller: Seller;
const at = (...names: string[]): string => join(node.folder, ...names);

beforeAll(async () => {
  node = await openMarketNode();
  await writeDigitsJob(node.folder);
  writeFileSync(at("ferdie"), "//Ferdie\n");
  writeFileSync(at("eve"), "//Eve");
  process.chdir(node.folder);
  Object.assign(process.env, {
    MATRIXAI_URL: node.url,
    XDG_CACHE_HOME: at("cache"),
    XDG_DATA_HOME: at("data"),
    NO_COLOR: "1",
  });
  const [trainer, ...inspectors] = await Promise.all(
    ["//Bob", "//Alice", "//Charlie", "//Dave"].map(signerOf),
  );
  seller = new Seller(node.chain, trainer!, inspectors, node.folder);
});
afterAll(async () => {
  process.chdir(before.folder);
  process.env = before.env;
  await node?.close();
});

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
    const wrong = await start(node.folder, "score", "nobody").ended;
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

  test.each<[string, () => object, RegExp]>([
    ["a model that is none", () => ({ model: { uri: "train-labels.idx" } }), /no ONNX|ONNX|model/i],
    [
      "data that is not there",
      () => ({ training: digitsData("none") }),
      /none-images\.idx.*(not exist|no such)/i,
    ],
    [
      "data at a dead link",
      () => ({
        training: {
          ...digitsData("train"),
          uri: "https://127.0.0.1:9/x.idx",
          root: `0x${"1".repeat(64)}`,
          samples: 600,
        },
      }),
      /127\.0\.0\.1.*only public ones/,
    ],
    ["labels for images", () => ({ training: { ...digitsData("train"), uri: "train-labels.idx" } }), /shape/],
    [
      "validation data that could never be released",
      () => ({ validation: { access: "released", root: `0x${"1".repeat(64)}`, samples: 200 } }),
      /say where the data lies/,
    ],
    ["too few checkpoints", () => ({ checkpointEvery: 90 }), /at least 12/],
  ])("%s is refused in one line before anything is published", async (_, change, message) => {
    writeFileSync(at("bad.json"), JSON.stringify({ ...digitsJob, ...change() }));
    const { code, json } = await ask(
      "order",
      "place",
      "bad.json",
      ...["--publish", published(), "--secret-file", "ferdie", "--price-limit", "50"],
    );
    expect(json.error.message).toMatch(message);
    expect([2, 4]).toContain(code);
    expect(existsSync(at("published"))).toBe(false);
  });

  test("an order open to bids shows them, takes one, and binds both", async () => {
    const { json } = await place("--open", "--price-limit", "50", "--public");
    const order = String(json.order);
    expect((await run("order", "bids", order)).out).toBe(`order ${order} has no bids\n`);
    const take = (who: string, secret: string) =>
      ask("order", "take-bid", order, who, "--secret-file", secret);
    expect((await take(bob, "ferdie")).json.error.message).toContain("nobody else has");
    const value = { order: json.order, price: 10n ** 12n, machine: seller.machine };
    await node.chain.submit(await signerOf("//Bob"), {
      type: "Marketplace",
      value: { type: "bid", value },
    });
    expect((await ask("order", "bids", order)).json).toMatchObject([
      { trainer: bob, price: String(10n ** 12n) },
    ]);
    expect((await run("order", "watch", order, "--once")).out).toContain(`${bob} bids 1 MAI`);
    expect((await take(charlie, "ferdie")).json.error.message).toContain(`these have: ${bob}`);
    expect((await take(bob, "eve")).json.error.message).toContain(`order ${order} is ${ferdie}'s`);
    expect((await take(bob, "ferdie")).json).toMatchObject({ trainer: bob });
    expect((await ask("order", "watch", order, "--once")).json).toMatchObject({ state: "Accepted" });
    const dry = await run("order", "cancel", order, "--dry-run");
    expect(dry.out).toContain(`cancelling order ${order} costs nothing: 4 MAI on hold return to you`);
    expect((await ask("order", "cancel", order, "--secret-file", "ferdie")).json.state).toBe("Cancelled");
    const late = await ask("order", "cancel", order, "--dry-run");
    expect(late.json.error.message).toContain(`order ${order} is over`);
  });

  test("an order is placed, taken back, and its money is free again", async () => {
    const { json } = await place("--price-limit", "50");
    const order = String(json.order);
    expect(statSync(json.keys).mode & 0o777).toBe(0o600);
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
    const { json } = await place("--price-limit", "50", "--public", "--recipient-key", "recipient.key");
    const order = String(json.order);
    const watching = start(node.folder, "order", "watch", order);
    await expect.poll(watching.said).toContain("Placed");
    await seller.train(json.order);
    expect((await ask("order", "watch", order, "--once")).json.anchors).toHaveLength(13);
    await seller.judge(json.order, true);

    const { code, out, err } = await watching.ended;
    expect(out).toContain("completed: the proof stands");
    expect(err).toContain("checkpoint 12 at step 180, loss");
    expect(err).toContain("the proof is accepted by 3 of 3");
    expect(code).toBe(0);

    const files = ["--files", ".", "--out", "bought"];
    const keyless = await ask("order", "fetch", order, ...files, "--keys", "nowhere");
    expect(keyless.json.error.message).toContain("no key was given");
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
    const again = await ask("order", "fetch", order, "--files", ".", "--out", "again");
    expect(again.json).toMatchObject({ checkpoint: fetched.json.checkpoint });
    const measure = ["test-images.idx", "--targets", "test-labels.idx", "--divide", "255"];
    const [old, trained] = [
      await ask("evaluate", "mlp.onnx", ...measure),
      await ask("evaluate", "bought/model.onnx", ...measure),
    ];
    expect(trained.json.classes.accuracy).toBeGreaterThan(old.json.classes.accuracy + 0.2);
    expect(await ask("verify", "bought")).toMatchObject({ code: 0, json: { passed: true } });
    expect(existsSync(at(`package-${order}`, "proof.json"))).toBe(true);
    expect(readFileSync(at(`package-${order}`, "proof.json"), "latin1")).toMatch(/^MAIS/);
  });
});

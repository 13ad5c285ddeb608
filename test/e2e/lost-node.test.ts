/** A node that is killed under its clients: what can go on does, and the rest ends with a clear error. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { known } from "../../trainer/buyer/known.ts";
import { readSecrets } from "../../trainer/buyer/order-secrets.ts";
import { usualTerms } from "../../trainer/buyer/order-spec.ts";
import { placeOrder } from "../../trainer/buyer/place-order.ts";
import { readyJob } from "../../trainer/buyer/ready-job.ts";
import { secretsHere } from "../../trainer/buyer/take-model.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import type { ChainError } from "../../trainer/client/errors.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { writeDigitsJob } from "../../trainer/engine/testing/digits-job.ts";
import { readBuyersJob } from "../../trainer/job/job-file.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { start } from "../support/commands.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { digitsOrder } from "./agents/digits-order.ts";

let world: AgentsChain;
let chain: ChainClient;
let buyer: Signer;

beforeAll(async () => {
  world = await AgentsChain.open(4);
  // A machine that is busy starts a node slowly.
  chain = await ChainClient.connect(world.url, { answerMs: 600_000 });
  buyer = await signerOf("//Ferdie");
});
afterAll(async () => {
  chain?.close();
  await world?.close();
});

const call = (type: string, value: object): RuntimeCall =>
  ({ type: "Marketplace", value: { type, value } }) as unknown as RuntimeCall;

/** Of the genesis block, whose state an archive has. */
const lineage = () => chain.request<string>("chain_getBlockHash", 0);

test("an order is watched on, and blocks are followed without a gap", async () => {
  const spec = { ...(await digitsOrder(world.storage, new Uint8Array(16), 1)), machine: undefined };
  const order = await chain.read(marketplace.NextOrder, []);
  await chain.submit(buyer, call("place_order", { spec }), { until: "finalized" });

  const watch = start(world.folder, "order", "watch", String(order), "--url", world.url);
  const seen: number[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const { number } of chain.blocks(1, stop.signal)) seen.push(number);
  })();
  await world.until(
    async () => (seen.length > 3 && watch.said().includes("Placed: waits for a trainer")) || undefined,
  );

  const asked = world.crash(1_500);
  await pause(200); // the node is down now
  expect(await lineage()).toMatch(/^0x/);
  await asked;
  const before = seen.length;
  await world.until(async () => seen.length > before + 3 || undefined);
  await chain.submit(buyer, call("cancel_order", { order }));
  const { code, out } = await watch.ended;
  expect([code, out]).toEqual([6, expect.stringContaining("is cancelled")]);
  stop.abort();
  await following;
  expect(seen).toEqual(seen.map((_, i) => i + 1));
});

test("a transaction that was under way fails, and says to look before it is sent again", async () => {
  const sent = chain.submit(buyer, call("cancel_order", { order: 4_000_000 }), { until: "finalized" });
  const failed = expect(sent).rejects.toMatchObject({
    code: "Unreachable",
    message: expect.stringContaining("Marketplace.cancel_order"),
  });
  await pause(20);
  await world.crash(100);
  await failed;
  await expect(chain.submit(buyer, call("cancel_order", { order: 4_000_000 }))).rejects.toMatchObject({
    code: "Dispatch",
  });
});

/** When the node is killed: at once, or as soon as what is waited for is there. */
type Moment = (at: { readonly keys: string; readonly next: number }) => Promise<boolean>;
const isDraft = (name: string) => name.includes("-manifest-") && name.endsWith(".json");
const moments: readonly [string, Moment][] = [
  ["before anything is said", async () => true],
  ["when its keys are on the disk", async ({ keys }) => readdirSync(keys).some(isDraft)],
  [
    "when it waits for a block",
    async () => {
      world.hold();
      return (await chain.request<string[]>("author_pendingExtrinsics")).length > 0;
    },
  ],
  ["when it is in a block", async ({ next }) => (await chain.read(marketplace.NextOrder, [])) > next],
];

test.each(moments)(
  "an order that is placed while the node dies, %s, is placed once",
  async (name, isNow) => {
    const folder = join(world.folder, name.replaceAll(" ", "-"));
    const keys = join(folder, "keys");
    mkdirSync(keys, { recursive: true });
    await writeDigitsJob(folder);
    const signal = new AbortController().signal;
    const store = openStore({ files: { root: folder, outside: true } });
    const place = { store, cache: join(folder, "cache"), inPlace: true, signal, note: () => undefined };
    const job = await readyJob(await readBuyersJob(join(folder, "job.json"), place), place);
    const terms = { ...usualTerms, open: true, priceLimit: 10n ** 15n };
    const base = pathToFileURL(join(world.storage, "jobs")).href;
    const next = await chain.read(marketplace.NextOrder, []);
    const placing = () => placeOrder(chain, buyer, job, { store, base, terms, secrets: keys, signal });

    const first = placing().catch((error: ChainError) => error);
    await world.until(async () => (await isNow({ keys, next })) || undefined);
    const crashed = world.crash(300);
    world.goOn();
    await crashed;
    const outcome = await first;
    if (outcome instanceof Error) {
      // It says that nothing is done, or to look; and there is nothing.
      expect(outcome).toMatchObject({ name: "ChainError", code: "Unreachable" });
      expect(await chain.read(marketplace.NextOrder, [])).toBe(next);
    }
    const { order, keys: file } = outcome instanceof Error ? await placing() : outcome;
    await store.close();
    expect([order, await chain.read(marketplace.NextOrder, [])]).toEqual([next, next + 1]);
    expect(await secretsHere(chain, await known(chain, order), keys)).toEqual(readSecrets(file!));
    await chain.submit(buyer, call("cancel_order", { order }));
  },
  300_000,
);

test("a node that says no is believed at once, in its own words", async () => {
  await expect(chain.request("no_such_method")).rejects.toMatchObject({ code: "Refused" });
  const nowhere = `0x${"5".repeat(64)}`;
  await expect(chain.read(marketplace.NextOrder, [], nowhere)).rejects.toMatchObject({ code: "Refused" });
});

test("a question to a node that stays away ends in time", async () => {
  const hasty = await ChainClient.connect(world.url, { answerMs: 500 });
  const down = world.crash(2_000);
  await pause(100);
  await expect(hasty.request("system_chain")).rejects.toMatchObject({
    code: "Unreachable",
    message: expect.stringContaining("system_chain within 0.5 s"),
  });
  await down;
  hasty.close();
  await expect(hasty.request("system_chain")).rejects.toMatchObject({
    message: expect.stringContaining("closed"),
  });
});

/** A node that is killed under its clients: what can go on does, and the rest ends with a clear error. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
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
}, 300_000);
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
}, 300_000);

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
}, 300_000);

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
}, 300_000);

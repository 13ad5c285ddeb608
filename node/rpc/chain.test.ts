import { afterEach, beforeEach, expect, test } from "vitest";
import type { Hash } from "../chain/hash.ts";
import type { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
let client: TestClient;
let genesis: Hash;
let one: Hash;
let two: Hash;

beforeEach(async () => {
  node = await startToyNode();
  genesis = node.chain.genesisHash;
  one = await node.extend(genesis, 1, "a");
  two = await node.extend(one, 2, "b");
  client = await node.connect();
});
afterEach(() => node.stop());

test("a hash is asked for by number, hex, several, or nothing", async () => {
  const ask = (...params: unknown[]) => client.get("chain_getBlockHash", ...params);
  expect(await ask()).toBe(two);
  expect(await ask(null)).toBe(two);
  expect(await ask(0)).toBe(genesis);
  expect(await ask("0x00000001")).toBe(one);
  expect(await ask([0, "0x2", 99])).toEqual([genesis, two, null]);
  expect(await ask(3)).toBeNull();
  expect(await client.get("chain_getHead")).toBe(two);
  for (const bad of [-1, 1.5, "two", {}, "0x"])
    expect(await client.ask("chain_getBlockHash", bad)).toMatchObject({ error: { code: -32602 } });
});

test("headers and blocks are written as Substrate writes them", async () => {
  const header = await client.get("chain_getHeader");
  expect(header).toMatchObject({ parentHash: one, number: "0x2", digest: { logs: ["0x00080000"] } });
  expect(await client.get("chain_getHeader", `0x${"00".repeat(32)}`)).toBeNull();
  expect(await client.get("chain_getBlock", two)).toEqual({
    block: { header, extrinsics: ["0x080262"] },
    justifications: null,
  });
  expect(await client.get("chain_getBlock", genesis)).toMatchObject({
    block: { header: { number: "0x0" }, extrinsics: [] },
  });
  expect(await client.get("chain_getBlock", `0x${"00".repeat(32)}`)).toBeNull();
  expect(await client.ask("chain_getHeader", "0x1234")).toMatchObject({
    error: { code: -32602, data: "at must be 32 bytes, got 2" },
  });
});

test("a justification is arrays of numbers", async () => {
  await node.chain.finalize(one, ["FRNK", Uint8Array.of(1, 2)]);
  expect(await client.get("chain_getBlock", one)).toMatchObject({
    justifications: [
      [
        [70, 82, 78, 75],
        [1, 2],
      ],
    ],
  });
});

test("best, all and final heads are told apart under all spellings", async () => {
  const [all, final] = [await node.connect(), await node.connect()];
  await client.get("chain_subscribeNewHead");
  await all.get("chain_subscribeAllHeads");
  const id = await final.get("chain_subscribeFinalisedHeads");
  expect(await client.next()).toMatchObject({ number: "0x2" });
  expect(await all.next()).toMatchObject({ number: "0x2" });
  expect(await final.next()).toMatchObject({ number: "0x0" });

  const fork = await node.extend(one, 3, "fork");
  expect(await all.next()).toMatchObject({ number: "0x2", parentHash: one });
  const three = await node.extend(fork, 4, "d");
  expect(await all.next()).toMatchObject({ number: "0x3", parentHash: fork });
  expect(await client.next()).toMatchObject({ number: "0x3", parentHash: fork });
  await node.chain.finalize(three);
  expect(await final.next()).toMatchObject({ number: "0x3" });
  expect(await client.get("chain_getFinalizedHead")).toBe(three);

  expect(await final.get("chain_unsubscribeFinalizedHeads", id)).toBe(true);
  expect(client.unread()).toEqual([]);
  expect(final.unread()).toEqual([]);
});

test("what is announced can be asked for", async () => {
  await client.get("chain_subscribeNewHeads");
  await client.next();
  for (let i = 0; i < 5; i++) {
    const hash = await node.extend(node.chain.best.hash, 1, String(i));
    await client.next();
    expect(await client.get("chain_getHeader", hash)).not.toBeNull();
    expect(await client.get("state_getStorage", "0x01", hash)).toBe(`0x3${i}`);
  }
});

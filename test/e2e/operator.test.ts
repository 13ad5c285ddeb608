/** What an operator does over RPC, on a chain whose blocks are made on request. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestClient } from "../../node/rpc/server/testing/client.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

let node: NodeProcess;
let client: TestClient;
beforeAll(async () => {
  node = await startNode(["--sealing", "manual"]);
  client = await TestClient.open(node.url);
});
afterAll(() => node?.stop());

const http = () => node.url.replace("ws://", "http://");

test("nothing happens until a block is asked for", async () => {
  await client.get("chain_subscribeNewHeads");
  expect(await client.next()).toMatchObject({ number: "0x0" });
  const { hash } = (await client.get("engine_createBlock", true, false)) as { hash: string };
  expect(await client.next()).toMatchObject({ number: "0x1" });
  expect(await client.get("chain_getBlockHash", 1)).toBe(hash);
  expect(await client.get("chain_getFinalizedHead")).toBe(await client.get("chain_getBlockHash", 0));
  expect(await client.get("engine_finalizeBlock", hash)).toBe(true);
  expect(await client.get("chain_getFinalizedHead")).toBe(hash);
  expect(await client.ask("engine_createBlock", false, false)).toHaveProperty("error.message");
});

test("a block is executed again for its figures", async () => {
  const { hash } = (await client.get("engine_createBlock", true, true)) as { hash: string };
  const stats = (await client.get("dev_getBlockStats", hash)) as Record<string, number>;
  expect(stats.numExtrinsics).toBe(1);
  expect(stats.blockLen).toBeGreaterThan(100);
  expect(stats.witnessLen).toBeGreaterThan(stats.witnessCompactLen as number);
});

test("keys are inserted, checked against their public key, and found", async () => {
  const eve = "0xe659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e";
  expect(await client.get("author_hasKey", eve, "poh_")).toBe(false);
  expect(await client.ask("author_insertKey", "poh_", "//Charlie", eve)).toHaveProperty("error.message");
  expect(await client.get("author_insertKey", "poh_", "//Eve", eve)).toBeNull();
  expect(await client.get("author_hasKey", eve, "poh_")).toBe(true);
});

test("values outside the chain are kept", async () => {
  await client.get("offchain_localStorageSet", "PERSISTENT", "0x0102", "0x03");
  expect(await client.get("offchain_localStorageGet", "PERSISTENT", "0x0102")).toBe("0x03");
});

test("HTTP on the same port answers requests, batches and monitors", async () => {
  const call = (id: number, method: string) => ({ jsonrpc: "2.0", id, method });
  const answer = await fetch(http(), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([call(0, "system_chain"), call(1, "system_nope")]),
  });
  expect(await answer.json()).toEqual([
    { jsonrpc: "2.0", id: 0, result: "Development" },
    { jsonrpc: "2.0", id: 1, error: { code: -32601, message: "Method not found" } },
  ]);
  expect(await (await fetch(`${http()}/health`)).json()).toMatchObject({ isSyncing: false });
  expect((await fetch(`${http()}/readyz`)).status).toBe(200);
});

test("the log's filter is changed while the node runs", async () => {
  expect(await client.get("system_addLogFilter", "chain=debug")).toBeNull();
  expect(await client.ask("system_addLogFilter", "chain=shouting")).toHaveProperty("error.message");
  expect(await client.get("system_resetLogFilter")).toBeNull();
});

test("another program on the port is named", async () => {
  const port = new URL(http()).port;
  const second = startNode(["--rpc-port", port]);
  await expect(second).rejects.toThrow(
    `RPC cannot listen on 127.0.0.1:${port}: another program uses that port`,
  );
});

test("a node that stops says goodbye", async () => {
  const closed = once(client.socket, "close");
  await node.stop();
  expect((await closed)[0]).toBe(1001);
  expect(node.output()).toContain("stopped");
});

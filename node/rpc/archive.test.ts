import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { decodeHeader, hashHeader } from "../../runtime/primitives/header.ts";
import type { Hash } from "../chain/hash.ts";
import { put } from "../chain/testing/toy-runtime.ts";
import type { Answer, TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
let client: TestClient;
let genesis: Hash;
let one: Hash;
let two: Hash;
const unknown = `0x${"00".repeat(32)}`;
const hexOf = (text: string) => `0x${Buffer.from(text).toString("hex")}`;

beforeEach(async () => {
  node = await startToyNode({ pruning: 2 });
  genesis = node.chain.genesisHash;
  one = await node.extend(genesis, 1, "a");
  two = await node.include(put(1, "b"), put(0, ""), put(0x10, "x"));
  client = await node.connect();
});
afterEach(() => node.stop());

/** The events of a long answer, up to its end. */
async function stream(method: string, ...params: unknown[]): Promise<Record<string, unknown>[]> {
  await client.get(method, ...params);
  const events: Record<string, unknown>[] = [];
  do events.push((await client.next()) as Record<string, unknown>);
  while (!/Done|Error/.test(String(events.at(-1)?.event)));
  return events;
}

test("blocks are found by height, all of them above the final one", async () => {
  const fork = await node.extend(genesis, 9, "fork");
  const byHeight = (height: unknown) => client.get("archive_v1_hashByHeight", height);
  expect(await byHeight(1)).toEqual([one, fork]);
  await node.chain.finalize(one);
  expect(await byHeight(0)).toEqual([genesis]);
  expect(await byHeight(1)).toEqual([one]);
  expect(await byHeight(2)).toEqual([two]);
  expect(await byHeight(77)).toEqual([]);
  expect(await client.get("archive_v1_finalizedHeight")).toBe(1);
  expect(await client.get("archive_v1_genesisHash")).toBe(genesis);
  expect(await client.ask("archive_v1_hashByHeight", -1)).toMatchObject({ error: { code: -32602 } });
});

test("headers, bodies and calls are of any block, null for unknown ones", async () => {
  const header = (await client.get("archive_v1_header", two)) as string;
  expect(toHex(hashHeader(decodeHeader(fromHex(header)!)))).toBe(two);
  expect(await client.get("archive_v1_body", one)).toEqual(["0x080161"]);
  expect(await client.get("archive_v1_call", one, "Toy_read", "0x01")).toEqual({
    success: true,
    value: hexOf("a"),
  });
  expect(await client.get("archive_v1_call", one, "Nope", "")).toEqual({
    success: false,
    error: "Exported method Nope is not found",
  });
  for (const [method, ...rest] of [["header"], ["body"], ["call", "Toy_read", "0x"]])
    expect(await client.get(`archive_v1_${method}`, unknown, ...rest)).toBeNull();
});

test("a pruned state is told as such", async () => {
  let head = two;
  for (let i = 0; i < 5; i++) head = await node.extend(head, 1, String(i));
  await node.chain.finalize(head);
  const error = `State already discarded for ${one}`;
  expect(await client.get("archive_v1_call", one, "Toy_read", "0x")).toEqual({ success: false, error });
  const [event] = await stream("archive_v1_storage", one, [{ key: "0x01", type: "value" }], null);
  expect(event).toMatchObject({ event: "storageError", error: expect.stringContaining(error) });
  expect(await client.get("archive_v1_body", one)).toEqual(["0x080161"]);
});

test("storage comes item by item, and ends", async () => {
  const items = [
    { key: "0x01", type: "value" },
    { key: "0x77", type: "value" },
    { key: "0x", type: "descendantsValues", paginationStartKey: "0x01" },
  ];
  expect(await stream("archive_v1_storage", two, items, null)).toEqual([
    { event: "storage", key: "0x01", value: hexOf("b") },
    { event: "storage", key: "0x10", value: hexOf("x") },
    { event: "storageDone" },
  ]);
  expect(await stream("archive_v1_storage", two, items, "0x1234")).toEqual([{ event: "storageDone" }]);
  expect(await stream("archive_v1_storage", unknown, items, null)).toMatchObject([{ event: "storageError" }]);
  const bad = [{ key: "0x01", type: "value", paginationStartKey: "0x00" }];
  expect(await client.ask("archive_v1_storage", two, bad, null)).toMatchObject({ error: { code: -32602 } });
});

test("a difference names what was added, changed and deleted", async () => {
  const done = { event: "storageDiffDone" };
  expect(await stream("archive_v1_storageDiff", two)).toEqual([
    { event: "storageDiff", key: "0x00", type: "deleted" },
    { event: "storageDiff", key: "0x01", value: hexOf("b"), type: "modified" },
    { event: "storageDiff", key: "0x10", value: hexOf("x"), type: "added" },
    done,
  ]);
  const hashes = await stream(
    "archive_v1_storageDiff",
    two,
    [{ key: "0x1", returnType: "hash" }].map((item) => ({ ...item, key: "0x10" })),
    genesis,
  );
  expect(hashes).toMatchObject([
    { key: "0x10", type: "added", hash: expect.stringMatching(/^0x.{64}$/) },
    done,
  ]);
  expect(await stream("archive_v1_storageDiff", one, null, one)).toEqual([done]);
});

test("a long answer can be stopped", async () => {
  const three = await node.include(...Array.from({ length: 256 }, (_, i) => put(i, "v".repeat(4000))));
  const id = await client.get("archive_v1_storage", three, [{ key: "0x", type: "descendantsValues" }], null);
  expect(await client.get("archive_v1_stopStorage", id)).toBeNull();
  await client.get("archive_v1_finalizedHeight");
  const seen = client.unread().length;
  expect(seen).toBeLessThan(256);
  await client.get("archive_v1_finalizedHeight");
  expect(client.unread()).toEqual([]);
  expect(await client.get("archive_v1_stopStorage", id)).toBeNull();
});

test("so many long answers are on the way at a time, asked for together or not", async () => {
  const params = [two, [{ key: "0x", type: "descendantsValues" }], null];
  const batch = Array.from({ length: 20 }, (_, id) => ({
    jsonrpc: "2.0",
    id,
    method: "archive_v1_storage",
    params,
  }));
  client.socket.send(JSON.stringify(batch));
  const [data] = await once(client.socket, "message");
  const codes = (JSON.parse(String(data)) as Answer[]).map(({ error }) => error?.code);
  expect(codes).toEqual([...Array(16).fill(undefined), ...Array(4).fill(-32006)]);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { verifyProof } from "../../runtime/primitives/trie/proof.ts";
import type { Hash } from "../chain/hash.ts";
import { put } from "../chain/testing/toy-runtime.ts";
import type { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
let client: TestClient;
let genesis: Hash;
let one: Hash;
let two: Hash;
const unknown = `0x${"00".repeat(32)}`;
const hexOf = (text: string) => `0x${Buffer.from(text).toString("hex")}`;

beforeEach(async () => {
  node = await startToyNode({ pruning: 1 });
  genesis = node.chain.genesisHash;
  one = await node.extend(genesis, 1, "a");
  two = await node.include(put(1, "A"), put(2, "b"), put(0x10, "x".repeat(100)));
  client = await node.connect();
});
afterEach(() => node.stop());

test("values, hashes and sizes are of the block that is asked about", async () => {
  expect(await client.get("state_getStorage", "0x01")).toBe(hexOf("A"));
  expect(await client.get("state_getStorageAt", "0x01", one)).toBe(hexOf("a"));
  expect(await client.get("state_getStorage", "0x01", genesis)).toBeNull();
  const hash = Buffer.from(blake2_256(Buffer.from("A"))).toString("hex");
  expect(await client.get("state_getStorageHash", "0x01")).toBe(`0x${hash}`);
  expect(await client.get("state_getStorageHash", "0x07")).toBeNull();
  expect(await client.get("state_getStorageSize", "0x10")).toBe(100);
  expect(await client.get("state_getStorageSize", "0x07")).toBeNull();
});

test("an unknown block and a pruned one are told apart from an empty value", async () => {
  await node.chain.finalize(two);
  const methods = ["state_getStorage", "state_getStorageHash", "state_getStorageSize"];
  for (const method of methods) {
    expect(await client.ask(method, "0x01", unknown)).toMatchObject({
      error: {
        code: 4003,
        message: `Client error: UnknownBlock: Header was not found in the database: ${unknown}`,
      },
    });
    expect(await client.ask(method, "0x01", genesis)).toMatchObject({
      error: { code: 4003, message: `Client error: UnknownBlock: State already discarded for ${genesis}` },
    });
  }
  expect(await client.ask("state_getMetadata", unknown)).toMatchObject({ error: { code: 4003 } });
  expect(await client.get("state_getMetadata", two)).toBe("0x6d6574610e");
});

test("keys come in pages, by prefix", async () => {
  const paged = (...params: unknown[]) => client.get("state_getKeysPaged", ...params);
  expect(await paged(null, 10)).toEqual(["0x00", "0x01", "0x02", "0x10"]);
  expect(await paged("0x", 2)).toEqual(["0x00", "0x01"]);
  expect(await paged("", 2, "0x01")).toEqual(["0x02", "0x10"]);
  expect(await paged("0x10", 10, null, two)).toEqual(["0x10"]);
  expect(await paged("0x11", 10)).toEqual([]);
  expect(await paged("0x", 10, null, genesis)).toEqual(["0x00"]);
  expect(await client.ask("state_getKeysPaged", "0x", 1001)).toMatchObject({
    error: { code: 4002, message: "count exceeds maximum value. value: 1001, max: 1000" },
  });
  expect(await client.get("state_getKeys", "0x")).toEqual(["0x00", "0x01", "0x02", "0x10"]);
  expect(await client.get("state_getPairs", "0x01")).toEqual([["0x01", hexOf("A")]]);
});

test("several values at one block, and changes over many", async () => {
  expect(await client.get("state_queryStorageAt", ["0x01", "0x07"], one)).toEqual([
    {
      block: one,
      changes: [
        ["0x01", hexOf("a")],
        ["0x07", null],
      ],
    },
  ]);
  expect(await client.get("state_queryStorage", ["0x01", "0x00"], genesis)).toEqual([
    {
      block: genesis,
      changes: [
        ["0x01", null],
        ["0x00", hexOf("genesis")],
      ],
    },
    { block: one, changes: [["0x01", hexOf("a")]] },
    { block: two, changes: [["0x01", hexOf("A")]] },
  ]);
  expect(await client.ask("state_queryStorage", ["0x01"], two, one)).toMatchObject({ error: { code: 4001 } });
});

test("a read proof proves values and absence", async () => {
  const { at, proof } = (await client.get("state_getReadProof", ["0x10", "0x07"])) as {
    at: string;
    proof: string[];
  };
  expect(at).toBe(two);
  const root = node.chain.header(two)!.stateRoot;
  const nodes = proof.map((each) => fromHex(each)!);
  const result = verifyProof(root, nodes, [Uint8Array.of(0x10), Uint8Array.of(7)]);
  expect(result).toEqual({ ok: true, values: [new Uint8Array(Buffer.from("x".repeat(100))), undefined] });
});

test("runtime calls answer, fail in Substrate's words, and leave the state alone", async () => {
  expect(await client.get("state_call", "Toy_read", "0x01")).toBe(hexOf("A"));
  expect(await client.get("state_callAt", "Toy_read", "0x01", one)).toBe(hexOf("a"));
  expect(await client.ask("state_call", "Toy_nope", "")).toMatchObject({
    error: { code: 4003, message: "Client error: Execution failed: Exported method Toy_nope is not found" },
  });
});

test("the runtime version has every field under its old and new name", async () => {
  const version = await client.get("state_getRuntimeVersion");
  expect(version).toEqual({
    specName: "toy",
    implName: "toy-node",
    authoringVersion: 1,
    specVersion: 7,
    implVersion: 2,
    apis: [["0x0102030405060708", 3]],
    transactionVersion: 4,
    systemVersion: 1,
    stateVersion: 1,
  });
  await client.get("state_subscribeRuntimeVersion");
  expect(await client.next()).toEqual(version);
});

test("a storage subscription tells what is, then only what changed", async () => {
  await client.get("state_subscribeStorage", ["0x01", "0x05"]);
  expect(await client.next()).toEqual({
    block: two,
    changes: [
      ["0x01", hexOf("A")],
      ["0x05", null],
    ],
  });
  await node.include(put(2, "elsewhere"));
  const four = await node.include(put(5, "new"));
  expect(await client.next()).toEqual({ block: four, changes: [["0x05", hexOf("new")]] });
  const five = await node.include(put(5, ""), put(1, "B"));
  expect(await client.next()).toEqual({
    block: five,
    changes: [
      ["0x01", hexOf("B")],
      ["0x05", null],
    ],
  });
  expect(client.unread()).toEqual([]);
});

test("a change of branch is a change of storage", async () => {
  await client.get("state_subscribeStorage", ["0x01"]);
  await client.next();
  const fork = await node.extend(one, 3, "c");
  const best = await node.extend(fork, 4, "d");
  expect(await client.next()).toEqual({ block: best, changes: [["0x01", hexOf("a")]] });
});

test("a client watches so many keys and no more, and has them back when it stops", async () => {
  const keys = Array.from({ length: 6000 }, (_, i) => `0x${i.toString(16).padStart(4, "0")}`);
  const id = await client.get("state_subscribeStorage", keys);
  expect(await client.ask("state_subscribeStorage", keys)).toMatchObject({
    error: { code: -32602, data: "one connection may watch 10000 keys, and watches 6000 already" },
  });
  await client.get("state_unsubscribeStorage", id);
  expect(await client.ask("state_subscribeStorage", keys)).toHaveProperty("result");
});

test("with very many subscribers everybody is told of the newest block in the end", async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => node.connect()));
  const keys = ["0x01", ...Array.from({ length: 9999 }, (_, i) => `0x07${i.toString(16).padStart(6, "0")}`)];
  for (const each of clients) {
    await each.get("state_subscribeStorage", keys);
    await each.next();
  }
  let block: Hash | undefined;
  for (const value of ["x", "y", "z"]) block = await node.include(put(1, value));
  const isNewest = (told: unknown) => (told as { block: Hash }).block === block;
  for (const each of clients) {
    let told = await each.next();
    while (!isNewest(told)) told = await each.next();
    expect(told).toEqual({ block, changes: [["0x01", hexOf("z")]] });
  }
});

test("child tries are empty", async () => {
  const child = hexOf(":child_storage:default:x");
  expect(await client.get("childstate_getStorage", child, "0x01")).toBeNull();
  expect(await client.get("childstate_getKeysPaged", child, "0x", 10)).toEqual([]);
  expect(await client.get("childstate_getStorageEntries", child, ["0x01", "0x02"])).toEqual([null, null]);
  expect(await client.get("state_getChildReadProof", child, ["0x01"])).toEqual({ at: two, proof: [] });
  expect(await client.ask("childstate_getKeys", child, "0x", unknown)).toMatchObject({
    error: { code: 4003 },
  });
});

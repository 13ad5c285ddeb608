import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import { decodeHeader, hashHeader } from "../../../runtime/primitives/header.ts";
import type { Hash } from "../../chain/hash.ts";
import { put } from "../../chain/testing/toy-runtime.ts";
import type { Answer, TestClient } from "../server/testing/client.ts";
import { startToyNode, type ToyNode } from "../testing/toy-node.ts";
import { maxPinnedDepth } from "./follow.ts";
import { maxOperations } from "./operations.ts";

let node: ToyNode;
let client: TestClient;
let genesis: Hash;
let one: Hash;
const hexOf = (text: string) => `0x${Buffer.from(text).toString("hex")}`;

beforeEach(async () => {
  node = await startToyNode({ pruning: 4 });
  genesis = node.chain.genesisHash;
  one = await node.extend(genesis, 1, "a");
  client = await node.connect();
});
afterEach(() => node.stop());

/** Subscribes and reads what is told at first. */
async function follow(withRuntime = true): Promise<string> {
  const id = (await client.get("chainHead_v1_follow", withRuntime)) as string;
  while (((await client.next()) as { event: string }).event !== "bestBlockChanged");
  return id;
}

/** The events of one operation, up to its end. */
async function operation(...[method, ...params]: [string, ...unknown[]]): Promise<Record<string, unknown>[]> {
  const started = (await client.get(method, ...params)) as { result: string; operationId: string };
  expect(started.result).toBe("started");
  const events: Record<string, unknown>[] = [];
  while (true) {
    const { operationId, ...event } = (await client.next()) as Record<string, unknown>;
    expect(operationId).toBe(started.operationId);
    events.push(event);
    if (event.event === "operationWaitingForContinue")
      expect(await client.get("chainHead_v1_continue", params[0], operationId)).toBeNull();
    else if (event.event !== "operationStorageItems") return events;
  }
}

/** A line of blocks on `parent`. */
async function extendFrom(parent: Hash, count: number): Promise<Hash[]> {
  const line: Hash[] = [];
  for (let i = 0; i < count; i++) line.push(await node.extend(line.at(-1) ?? parent, 1, String(i)));
  return line;
}

describe("follow", () => {
  test("begins with final blocks from old to new, then the others from parents to children, then the best", async () => {
    const fork = await node.extend(genesis, 1, "fork");
    const two = await node.extend(one, 2, "b");
    await client.get("chainHead_v1_follow", true);
    const runtime = {
      type: "valid",
      spec: {
        specName: "toy",
        implName: "toy-node",
        specVersion: 7,
        implVersion: 2,
        transactionVersion: 4,
        apis: { "0x0102030405060708": 3 },
      },
    };
    expect(await client.next()).toEqual({
      event: "initialized",
      finalizedBlockHashes: [genesis],
      finalizedBlockRuntime: runtime,
    });
    const blocks = [await client.next(), await client.next(), await client.next()];
    expect(blocks).toContainEqual({
      event: "newBlock",
      blockHash: fork,
      parentBlockHash: genesis,
      newRuntime: null,
    });
    expect(blocks.filter((block) => (block as { blockHash: Hash }).blockHash !== fork)).toEqual([
      { event: "newBlock", blockHash: one, parentBlockHash: genesis, newRuntime: null },
      { event: "newBlock", blockHash: two, parentBlockHash: one, newRuntime: null },
    ]);
    expect(await client.next()).toEqual({ event: "bestBlockChanged", bestBlockHash: two });
    expect(client.unread()).toEqual([]);
  });

  test("says nothing of the runtime unless asked", async () => {
    await client.get("chainHead_v1_follow", false);
    expect(await client.next()).toEqual({ event: "initialized", finalizedBlockHashes: [genesis] });
    expect(await client.next()).toEqual({ event: "newBlock", blockHash: one, parentBlockHash: genesis });
  });

  test("tells new blocks, the best, and what is final or ruled out", async () => {
    await follow();
    const fork = await node.extend(genesis, 1, "fork");
    const two = await node.extend(one, 2, "b");
    await node.chain.finalize(two);
    expect([await client.next(), await client.next(), await client.next(), await client.next()]).toEqual([
      { event: "newBlock", blockHash: fork, parentBlockHash: genesis, newRuntime: null },
      { event: "newBlock", blockHash: two, parentBlockHash: one, newRuntime: null },
      { event: "bestBlockChanged", bestBlockHash: two },
      { event: "finalized", finalizedBlockHashes: [one, two], prunedBlockHashes: [fork] },
    ]);
  });

  test("is limited, and ends without a word when the client says so", async () => {
    const ids: unknown[] = [];
    for (let i = 0; i < 4; i++) ids.push(await client.get("chainHead_v1_follow", false));
    expect(await client.ask("chainHead_v1_follow", false)).toMatchObject({ error: { code: -32800 } });
    for (const id of ids) expect(await client.get("chainHead_v1_unfollow", id)).toBeNull();
    client.unread();
    await node.extend(one, 2, "b");
    expect(await client.get("chainHead_v1_unfollow", ids[0])).toBeNull();
    expect(client.unread()).toEqual([]);
    expect(await client.ask("chainHead_v1_follow", "yes")).toMatchObject({ error: { code: -32602 } });
  });

  test("is limited in a batch too", async () => {
    const request = { jsonrpc: "2.0", id: 1, method: "chainHead_v1_follow", params: [false] };
    client.socket.send(JSON.stringify(Array(6).fill(request)));
    const [data] = await once(client.socket, "message");
    const codes = (JSON.parse(String(data)) as Answer[]).map(({ error }) => error?.code);
    expect(codes).toEqual([undefined, undefined, undefined, undefined, -32800, -32800]);
  });

  test("is stopped when a pinned block falls too far behind", async () => {
    const id = await follow();
    let head = one;
    for (let i = 0; i <= maxPinnedDepth; i++) head = await node.extend(head, 1, String(i));
    await node.chain.finalize(head);
    let event: unknown;
    do event = ((await client.next()) as { event: string }).event;
    while (event !== "stop");
    expect(await client.get("chainHead_v1_header", id, head)).toBeNull();
    await node.extend(head, 1, "x");
    expect(await client.get("chainHead_v1_unpin", id, head)).toBeNull();
    expect(client.unread()).toEqual([]);
  });
});

describe("pinned blocks", () => {
  test("have a header, which hashes to their name", async () => {
    const id = await follow();
    const header = (await client.get("chainHead_v1_header", id, one)) as string;
    expect(toHex(hashHeader(decodeHeader(fromHex(header)!)))).toBe(one);
  });

  test("are unpinned all or none, each once", async () => {
    const id = await follow();
    const unpin = (hashes: unknown) => client.ask("chainHead_v1_unpin", id, hashes);
    expect(await unpin([one, `0x${"00".repeat(32)}`])).toMatchObject({ error: { code: -32801 } });
    expect(await unpin([one, one])).toMatchObject({ error: { code: -32804 } });
    expect(await unpin(5)).toMatchObject({ error: { code: -32602 } });
    expect(await unpin([one, genesis])).toMatchObject({ result: null });
    expect(await unpin(one)).toMatchObject({ error: { code: -32801 } });
    for (const [method, ...rest] of [
      ["header"],
      ["body"],
      ["call", "Toy_read", "0x01"],
      ["storage", [{ key: "0x01", type: "value" }], null],
    ])
      expect(await client.ask(`chainHead_v1_${method}`, id, one, ...rest)).toMatchObject({
        error: { code: -32801 },
      });
  });

  test("belong to one subscription of one client", async () => {
    const [first, second] = [await follow(), await follow()];
    await client.get("chainHead_v1_unpin", first, one);
    expect(await client.get("chainHead_v1_header", second, one)).not.toBeNull();
    const other = await node.connect();
    expect(await other.get("chainHead_v1_header", second, one)).toBeNull();
    expect(await other.get("chainHead_v1_body", second, one)).toEqual({ result: "limitReached" });
  });
});

describe("operations", () => {
  test("give bodies and runtime calls", async () => {
    const id = await follow();
    expect(await operation("chainHead_v1_body", id, one)).toEqual([
      { event: "operationBodyDone", value: ["0x080161"] },
    ]);
    expect(await operation("chainHead_v1_call", id, one, "Toy_read", "0x01")).toEqual([
      { event: "operationCallDone", output: hexOf("a") },
    ]);
    expect(await operation("chainHead_v1_call", id, one, "Toy_read", "")).toEqual([
      { event: "operationCallDone", output: "0x" },
    ]);
    expect(await operation("chainHead_v1_call", id, one, "Nope", "0x")).toEqual([
      { event: "operationError", error: "Exported method Nope is not found" },
    ]);
    const plain = await follow(false);
    expect(await client.ask("chainHead_v1_call", plain, one, "Toy_read", "0x")).toMatchObject({
      error: { code: -32802 },
    });
  });

  test("give storage by value, by hash, and below a prefix", async () => {
    const two = await node.include(put(0x10, "x"), put(0x11, "y"));
    const id = await follow();
    const storage = (...items: object[]) => operation("chainHead_v1_storage", id, two, items, null);
    expect(
      await storage(
        { key: "0x10", type: "value" },
        { key: "0x77", type: "value" },
        { key: "0x", type: "descendantsValues" },
      ),
    ).toEqual([
      { event: "operationStorageItems", items: [{ key: "0x10", value: hexOf("x") }] },
      {
        event: "operationStorageItems",
        items: [
          { key: "0x00", value: hexOf("genesis") },
          { key: "0x01", value: hexOf("a") },
          { key: "0x10", value: hexOf("x") },
          { key: "0x11", value: hexOf("y") },
        ],
      },
      { event: "operationStorageDone" },
    ]);
    const [hashes] = await storage({ key: "0x11", type: "hash" });
    expect(hashes).toHaveProperty("items.0.hash");
    expect(await storage({ key: "0x77", type: "descendantsHashes" })).toEqual([
      { event: "operationStorageDone" },
    ]);
    expect(
      await operation("chainHead_v1_storage", id, two, [{ key: "0x10", type: "value" }], "0x1234"),
    ).toEqual([{ event: "operationStorageDone" }]);
  });

  test("compare what lies below a prefix by one value", async () => {
    const two = await node.extend(one, 0x10, "x");
    const three = await node.extend(two, 1, "b");
    const id = await follow();
    const merkle = async (at: Hash, key: string) => {
      const [found] = await operation(
        "chainHead_v1_storage",
        id,
        at,
        [{ key, type: "closestDescendantMerkleValue" }],
        null,
      );
      return (found?.items as { closestDescendantMerkleValue: string }[] | undefined)?.[0]
        ?.closestDescendantMerkleValue;
    };
    expect(await merkle(two, "0x10")).toBe(await merkle(three, "0x10"));
    expect(await merkle(two, "0x01")).not.toBe(await merkle(three, "0x01"));
    expect(await merkle(two, "0x")).toBe(toHex(node.chain.header(two)!.stateRoot));
    expect(await merkle(two, "0x77")).toBeUndefined();
  });

  test("give long answers in pages that the client asks for", async () => {
    const puts = Array.from({ length: 250 }, (_, i) => put(i + 1, "v".repeat(8000)));
    const two = await node.include(...puts);
    const id = await follow();
    const events = await operation(
      "chainHead_v1_storage",
      id,
      two,
      [{ key: "0x", type: "descendantsValues" }],
      null,
    );
    const waits = events.filter(({ event }) => event === "operationWaitingForContinue").length;
    expect(waits).toBeGreaterThan(5);
    const keys = events
      .flatMap(({ items }) => (items as { key: string }[] | undefined) ?? [])
      .map(({ key }) => key);
    expect(keys).toHaveLength(251);
    expect(keys).toEqual(keys.toSorted());
  });

  test("are continued only when they wait, and end when stopped", async () => {
    const two = await node.include(...Array.from({ length: 100 }, (_, i) => put(i, "v".repeat(8000))));
    const id = await follow();
    const items = [{ key: "0x", type: "descendantsValues" }];
    const { operationId } = (await client.get("chainHead_v1_storage", id, two, items, null)) as {
      operationId: string;
    };
    await client.next();
    expect(await client.next()).toEqual({ event: "operationWaitingForContinue", operationId });
    expect(await client.get("chainHead_v1_stopOperation", id, operationId)).toBeNull();
    expect(await client.get("chainHead_v1_continue", id, operationId)).toBeNull();
    expect(await client.get("chainHead_v1_continue", "nobody", operationId)).toBeNull();
    expect(client.unread()).toEqual([]);
  });

  test("reach a pinned block when it is long final, and when it was ruled out", async () => {
    const fork = await node.extend(genesis, 1, "fork");
    const id = await follow();
    const later = await extendFrom(one, 10);
    await node.chain.finalize(later.at(-1)!);
    await client.get("system_health");
    client.unread();
    const value = async (hash: Hash) => {
      const [found] = await operation("chainHead_v1_call", id, hash, "Toy_read", "0x01");
      return found?.output;
    };
    expect(await value(one)).toBe(hexOf("a"));
    expect(await value(fork)).toBe(hexOf("fork"));
    await client.get("chainHead_v1_unpin", id, [genesis, one, fork, ...later]);
    await node.chain.finalize(await node.extend(later.at(-1)!, 1, "x"));
    for (const hash of [one, fork])
      expect(await client.ask("state_getStorage", "0x01", hash)).toMatchObject({ error: { code: 4003 } });
  });

  test("whose unpinned state goes while they wait are told as inaccessible", async () => {
    const two = await node.include(...Array.from({ length: 100 }, (_, i) => put(i, "v".repeat(8000))));
    const id = await follow();
    const items = [{ key: "0x", type: "descendantsValues" }];
    const started = await client.get("chainHead_v1_storage", id, two, items, null);
    const { operationId } = started as { operationId: string };
    await client.next();
    await client.next();
    const later = await extendFrom(two, 6);
    await client.get("chainHead_v1_unpin", id, [genesis, one, two, ...later]);
    await node.chain.finalize(later.at(-1)!);
    await client.get("chainHead_v1_continue", id, operationId);
    let last: { event: string };
    do last = (await client.next()) as { event: string };
    while (!last.event.startsWith("operation"));
    expect(last.event).toBe("operationInaccessible");
  });

  test("are limited, and what is over the limit is said", async () => {
    const id = await follow();
    const items = Array.from({ length: maxOperations + 5 }, () => ({ key: "0x01", type: "value" }));
    expect(await client.get("chainHead_v1_storage", id, one, items, null)).toMatchObject({
      discardedItems: 5,
    });
    for (const bad of [{ key: "0x01" }, { key: "zz", type: "value" }, { key: "0x01", type: "other" }, 5])
      expect(await client.ask("chainHead_v1_storage", id, one, [bad], null)).toMatchObject({
        error: { code: -32602 },
      });
  });

  test("go on when their block is unpinned", async () => {
    const id = await follow();
    const answer = client.get("chainHead_v1_body", id, one);
    await answer;
    await client.get("chainHead_v1_unpin", id, one);
    expect(await client.next()).toMatchObject({ event: "operationBodyDone" });
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { put } from "../chain/testing/toy-runtime.ts";
import type { RuntimeRefusal } from "../pool/runtime-validator.ts";
import type { Validate } from "../pool/types.ts";
import type { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

/** The value of the toy's extrinsic says what the runtime thinks of it. */
const validate: Validate<RuntimeRefusal> = async (bytes) => {
  const text = Buffer.from(bytes.subarray(2)).toString();
  const invalid = (reason: RuntimeRefusal) => ({ type: "invalid" as const, reason });
  if (text === "stale") return invalid({ type: "Stale", value: undefined });
  if (text === "proof") return invalid({ type: "BadProof", value: undefined });
  if (text === "custom") return invalid({ type: "Custom", value: 7 });
  if (text === "unknown") return { type: "unknown", reason: { type: "CannotLookup", value: undefined } };
  if (text === "garbage") throw new CodecError("EndOfInput", "the call is cut short");
  const value = { priority: BigInt(text.length), requires: [], longevity: 64n, propagate: text !== "own" };
  // One place for each key, so that a longer value replaces a shorter one.
  return { type: "valid", value: { ...value, provides: text === "no tags" ? [] : [bytes.subarray(1, 2)] } };
};

let node: ToyNode;
let client: TestClient;
beforeEach(async () => {
  node = await startToyNode({ validate });
  client = await node.connect();
});
afterEach(() => node.stop());

const hexOf = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const xt = (key: number, value: string) => hexOf(put(key, value));

describe("author", () => {
  test("refusals carry Substrate's code, message and data", async () => {
    const refused = async (hex: string) => (await client.ask("author_submitExtrinsic", hex)).error;
    const because = (data: string) => ({ code: 1010, message: "Invalid Transaction", data });
    expect(await refused(xt(1, "stale"))).toEqual(because("Transaction is outdated"));
    expect(await refused(xt(1, "proof"))).toEqual(because("Transaction has a bad signature"));
    expect(await refused(xt(1, "custom"))).toEqual(because("Custom error: 7"));
    expect(await refused(xt(1, "custom"))).toEqual({
      code: 1012,
      message: "Transaction is temporarily banned",
    });
    expect(await refused(xt(1, "unknown"))).toMatchObject({ code: 1011, data: "CannotLookup" });
    expect(await refused(xt(1, "no tags"))).toMatchObject({ code: 1019, message: "No tags provided" });
    expect(await refused(xt(1, "own"))).toMatchObject({ code: 1018, message: "Unactionable" });
    expect(await refused(xt(1, "garbage"))).toMatchObject({
      code: 1002,
      message: "Verification Error: the call is cut short",
    });
    for (const hex of ["0x", "0x04", "0x080161ff", "0x03"])
      expect(await refused(hex)).toMatchObject({
        code: 1001,
        message: expect.stringContaining("Extrinsic has invalid format: "),
      });
    expect(await refused("0xzz")).toMatchObject({ code: -32602 });
  });

  test("known and outbid ones are told apart", async () => {
    const hash = await client.get("author_submitExtrinsic", xt(1, "long"));
    expect(await client.ask("author_submitExtrinsic", xt(1, "long"))).toMatchObject({
      error: { code: 1013, message: "Transaction Already Imported", data: hash },
    });
    expect(await client.ask("author_submitExtrinsic", xt(1, "xy"))).toMatchObject({
      error: { code: 1014, message: "Priority is too low: (4 vs 2)" },
    });
  });

  test("what waits is listed, and removed with its ban", async () => {
    const hash = await client.get("author_submitExtrinsic", xt(1, "a"));
    await client.get("author_submitExtrinsic", xt(2, "b"));
    expect(await client.get("author_pendingExtrinsics")).toHaveLength(2);
    expect(await client.get("author_removeExtrinsic", [{ hash }, { extrinsic: xt(2, "b") }])).toHaveLength(2);
    expect(await client.get("author_pendingExtrinsics")).toEqual([]);
    expect(await client.ask("author_submitExtrinsic", xt(1, "a"))).toMatchObject({ error: { code: 1012 } });
  });

  test("a watched one is followed to finality, then the subscription is over", async () => {
    const id = await client.get("author_submitAndWatchExtrinsic", xt(1, "a"));
    const block = await node.include(put(1, "a"));
    await node.chain.finalize(block);
    expect([await client.next(), await client.next(), await client.next()]).toEqual([
      "ready",
      { inBlock: block },
      { finalized: block },
    ]);
    expect(await client.get("author_unwatchExtrinsic", id)).toBe(false);
  });

  test("a refused one is an error of the call, and no subscription", async () => {
    expect(await client.ask("author_submitAndWatchExtrinsic", xt(1, "stale"))).toMatchObject({
      error: { code: 1010 },
    });
    await node.include(put(1, "stale"));
    expect(client.unread()).toEqual([]);
  });

  test("being outbid and being forked out are told", async () => {
    const genesis = node.chain.genesisHash;
    const other = await node.connect();
    await client.get("author_submitAndWatchExtrinsic", xt(1, "a"));
    await other.get("author_submitAndWatchExtrinsic", xt(1, "longer"));
    const by = (await other.get("author_pendingExtrinsics")) as string[];
    expect(by).toEqual([xt(1, "longer")]);
    expect([await client.next(), await client.next()]).toEqual(["ready", { usurped: expect.any(String) }]);
    const block = await node.include(put(1, "longer"));
    const fork = await node.extend(genesis, 7, "z");
    await node.extend(fork, 7, "zz");
    expect([await other.next(), await other.next(), await other.next()]).toEqual([
      "ready",
      { inBlock: block },
      { retracted: block },
    ]);
  });

  test("unwatching ends the messages, not the transaction", async () => {
    const id = await client.get("author_submitAndWatchExtrinsic", xt(1, "a"));
    expect(await client.next()).toBe("ready");
    expect(await client.get("author_unwatchExtrinsic", id)).toBe(true);
    await node.include(put(1, "a"));
    await client.get("system_health");
    expect(client.unread()).toEqual([]);
  });

  test("keys are inserted, found and made by the key service", async () => {
    const key = `0x${"11".repeat(32)}`;
    expect(await client.get("author_insertKey", "gran", "//Alice", key)).toBeNull();
    expect(await client.ask("author_insertKey", "gran", "wrong", key)).toMatchObject({
      error: { code: 1040 },
    });
    expect(await client.ask("author_insertKey", "toolong", "//Alice", key)).toMatchObject({
      error: { code: -32602 },
    });
    expect(await client.get("author_hasKey", key, "gran")).toBe(true);
    expect(await client.get("author_hasSessionKeys", key)).toBe(true);
    expect(await client.ask("author_hasSessionKeys", "0x11")).toMatchObject({ error: { code: 1040 } });
    expect(await client.get("author_rotateKeys")).toBe(`0x${"00".repeat(32)}`);
    const made = { keys: `0x${"00".repeat(32)}`, proof: key };
    expect(await client.get("author_rotateKeysWithOwner", key)).toEqual(made);
    expect(await client.ask("author_rotateKeysWithOwner", "0x11")).toMatchObject({ error: { code: 1040 } });
  });
});

describe("transactionWatch_v1", () => {
  test("tells validated, included with its index, final", async () => {
    await client.get("transactionWatch_v1_submitAndWatch", xt(1, "a"));
    expect(await client.next()).toEqual({ event: "validated" });
    const hash = await node.include(put(3, "first"), put(1, "a"));
    expect(await client.next()).toEqual({ event: "bestChainBlockIncluded", block: { hash, index: 1 } });
    await node.chain.finalize(hash);
    expect(await client.next()).toEqual({ event: "finalized", block: { hash, index: 1 } });
  });

  test("tells a bad transaction as an event, never as an error of the call", async () => {
    for (const [value, event] of [
      ["stale", { event: "invalid", error: "Transaction is outdated" }],
      ["garbage", { event: "invalid", error: "the call is cut short" }],
    ] as const) {
      await client.get("transactionWatch_v1_submitAndWatch", xt(1, value));
      expect(await client.next()).toEqual(event);
    }
    expect(await client.ask("transactionWatch_v1_submitAndWatch", "zz")).toMatchObject({
      error: { code: -32602 },
    });
  });

  test("unwatching twice is an error", async () => {
    const id = await client.get("transactionWatch_v1_submitAndWatch", xt(1, "a"));
    await client.next();
    expect(await client.get("transactionWatch_v1_unwatch", id)).toBeNull();
    expect(await client.ask("transactionWatch_v1_unwatch", id)).toMatchObject({ error: { code: -32602 } });
    await node.include(put(1, "a"));
    await client.get("system_health");
    expect(client.unread()).toEqual([]);
  });
});

describe("transaction_v1", () => {
  const pending = () => client.get("author_pendingExtrinsics");
  const settled = () => client.get("system_health");

  test("a transaction is offered now and, while it is outside, at each block until its client stops it", async () => {
    const id = await client.get("transaction_v1_broadcast", xt(1, "a"));
    await settled();
    expect(await pending()).toEqual([xt(1, "a")]);
    // A better one takes its place, and goes with a block.
    await client.get("author_submitExtrinsic", xt(1, "better"));
    expect(await pending()).toEqual([xt(1, "better")]);
    await node.include(put(1, "better"));
    await settled();
    expect(await pending()).toEqual([xt(1, "a")]);
    expect(await client.get("transaction_v1_stop", id)).toBeNull();
    expect(await client.ask("transaction_v1_stop", id)).toMatchObject({ error: { code: -32602 } });
  });

  test("bad ones count and say nothing; the limit answers null", async () => {
    for (let i = 0; i < 16; i++)
      expect(await client.get("transaction_v1_broadcast", xt(i, "garbage"))).toEqual(expect.any(String));
    expect(await client.get("transaction_v1_broadcast", xt(99, "a"))).toBeNull();
    expect(client.unread()).toEqual([]);
  });

  test("a client that leaves takes its broadcasts along", async () => {
    const before = node.chain.events.listenerCount("best");
    const other = await node.connect();
    await other.get("transaction_v1_broadcast", xt(1, "a"));
    expect(node.chain.events.listenerCount("best")).toBe(before + 1);
    other.close();
    await expect.poll(() => node.chain.events.listenerCount("best")).toBe(before);
  });
});

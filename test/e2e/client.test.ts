/** The client library that trainers, buyers and projects use, against a node. */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as system from "../../pallets/system/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { hashExtrinsic } from "../../runtime/primitives/extrinsic.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import { finalInclusion } from "../../trainer/client/final-inclusion.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

const mai = 10n ** 12n;
let node: NodeProcess;
let chain: ChainClient;
let alice: Signer;
let ferdie: Signer;

beforeAll(async () => {
  node = await startNode();
  chain = await ChainClient.connect(node.url);
  [alice, ferdie] = await Promise.all([signerOf("//Alice"), signerOf("//Ferdie")]);
});
afterAll(async () => {
  chain?.close();
  await node?.stop();
});

const pay = (to: Signer, value: bigint): RuntimeCall => ({
  type: "Balances",
  value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: to.account }, value } },
});
const freeOf = async (who: Signer): Promise<bigint> =>
  (await chain.read(system.storage.Account, [who.account])).data.free;

test("several calls of one account may be under way, each with a nonce of its own", async () => {
  const before = await freeOf(ferdie);
  expect(await chain.fee(alice, pay(ferdie, mai))).toBeGreaterThan(0n);
  const included = await Promise.all([1n, 2n, 3n].map((n) => chain.submit(alice, pay(ferdie, n * mai))));
  expect(new Set(included.map(({ hash }) => hash)).size).toBe(3);
  expect(await freeOf(ferdie)).toBe(before + 6n * mai);
});

test("two programs of one account take each other's nonces, and each call is done once", async () => {
  const other = await ChainClient.connect(node.url);
  try {
    const before = await freeOf(ferdie);
    const amounts = [1n, 2n, 4n, 8n, 16n, 32n];
    const both = amounts.map((n, i) => [chain, other][i % 2]!.submit(alice, pay(ferdie, n * mai)));
    const included = await Promise.all(both);
    expect(new Set(included.map(({ hash }) => hash)).size).toBe(amounts.length);
    expect(await freeOf(ferdie)).toBe(before + 63n * mai);
  } finally {
    other.close();
  }
});

test("what fails says so with the pallet's own sentence", async () => {
  const cancel: RuntimeCall = {
    type: "Marketplace",
    value: { type: "cancel_offer", value: { machine: new Uint8Array(16) } },
  };
  await expect(chain.submit(ferdie, cancel)).rejects.toMatchObject({
    code: "Dispatch",
    error: "Marketplace.NoOffer",
    message: expect.stringContaining("The machine is not on offer."),
  });
});

test("a transaction is found in final blocks without its watcher, and so is why it failed", async () => {
  const request = <T>(method: string, ...params: unknown[]) => chain.request<T>(method, ...params);
  const { signal } = new AbortController();
  const { hash, block } = await chain.submit(alice, pay(ferdie, mai), { until: "finalized" });
  const found = await finalInclusion(request, hash, 1, signal);
  expect(found).toMatchObject({ block: { hash: block.hash, number: block.number }, failure: undefined });
  expect(found.events.map(({ value }) => value.type)).toContain("ExtrinsicSuccess");

  const cancel = { type: "cancel_offer", value: { machine: new Uint8Array(16) } } as const;
  await expect(chain.submit(ferdie, { type: "Marketplace", value: cancel })).rejects.toThrow("NoOffer");
  const { failure } = await finalInclusion(request, await lastFailed(), 1, signal);
  expect(failure).toEqual({ type: "Module", value: { type: "Marketplace", value: { type: "NoOffer" } } });
});

/** The hash of the last transaction that failed. */
async function lastFailed(): Promise<string> {
  const { number } = await chain.request<{ number: string }>("chain_getHeader");
  for (let height = Number(number); ; height--) {
    const hash = await chain.request<string>("chain_getBlockHash", height);
    const events = await chain.read(system.storage.Events, [], hash);
    const failed = events.find(({ event }) => event.value.type === "ExtrinsicFailed");
    if (failed?.phase.type !== "ApplyExtrinsic") continue;
    const { block } = await chain.request<{ block: { extrinsics: string[] } }>("chain_getBlock", hash);
    return toHex(hashExtrinsic(fromHex(block.extrinsics[failed.phase.value]!)!));
  }
}

test("reads every finalized block in order, and goes on to the next when it comes", async () => {
  const seen: number[] = [];
  const { block } = await chain.submit(alice, pay(ferdie, mai), { until: "finalized" });
  const controller = new AbortController();
  for await (const { number, events } of chain.blocks(1, controller.signal)) {
    seen.push(number);
    expect(events.map(({ event }) => event.value.type)).toContain("ExtrinsicSuccess");
    if (number > block.number) break;
  }
  expect(seen).toEqual(Array.from({ length: block.number + 1 }, (_, i) => i + 1));
});

test("a node that is not there is named", async () => {
  const nobody = ChainClient.connect("ws://127.0.0.1:9", { timeoutMs: 1_000 });
  await expect(nobody).rejects.toMatchObject({
    code: "Unreachable",
    message: expect.stringContaining("ws://127.0.0.1:9"),
  });
});

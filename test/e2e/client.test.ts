/** The client library that trainers, buyers and projects use, against a node. */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as system from "../../pallets/system/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { ChainClient } from "../../trainer/client/chain-client.ts";
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

import { afterEach, beforeEach, expect, test } from "vitest";
import * as system from "../../pallets/system/index.ts";
import { codeKey, codeMarker, codeMarkerHash } from "../../runtime/code-marker.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { alice, bob, clockMs, mai, testNodes, usualGenesis } from "./testing/test-node.ts";

let nodes: ReturnType<typeof testNodes>;
beforeEach(() => {
  nodes = testNodes();
});
afterEach(() => nodes.close());

const remark = (length: number): AnyCall => ({
  type: "System",
  value: { type: "remark", value: { remark: new Uint8Array(length) } },
});

test("a block takes what fits, and what does not fit waits for the next one", async () => {
  const one = await nodes.node("a");
  const statuses = [];
  for (let nonce = 0; nonce < 5; nonce++) {
    const submitted = await one.submit(one.sign(alice, remark(1_000_000), nonce));
    expect(submitted.result.type).toBe("accepted");
    statuses.push(submitted.statuses);
  }
  const small = await one.submit(one.pay(bob, 0));
  const first = await one.seal();
  // Three quarters of five MiB are for normal calls: three such remarks, and whatever is small.
  expect(first.transactions).toBe(4);
  expect(small.statuses.at(-1)?.type).toBe("inBlock");
  expect(one.pool.size.ready).toBe(2);
  expect((await one.seal()).transactions).toBe(2);
  expect(statuses.map((list) => list.at(-1)?.type)).toEqual(Array(5).fill("inBlock"));
});

test("a transaction that the block itself makes impossible is dropped with what depends on it", async () => {
  const one = await nodes.node("a");
  const all = one.free(bob.account);
  // After the first one the account cannot pay for the second, which the third one needs.
  const drain: AnyCall = {
    type: "Balances",
    value: {
      type: "transfer_all",
      value: { dest: { type: "Id", value: alice.account }, keep_alive: true },
    },
  };
  const [first, second, third] = [
    await one.submit(one.sign(bob, drain, 0)),
    await one.submit(one.pay(bob, 1)),
    await one.submit(one.pay(bob, 2)),
  ];
  expect((await one.seal()).transactions).toBe(1);
  await one.pool.settled();
  expect(first.statuses.at(-1)?.type).toBe("inBlock");
  expect(second.statuses.at(-1)?.type).toBe("invalid");
  expect(third.statuses.at(-1)?.type).toBe("invalid");
  expect(one.pool.size).toMatchObject({ ready: 0, future: 0 });
  expect(one.free(alice.account)).toBeGreaterThan(all);
});

test("a block ends when its time is over, and still has its inherents", async () => {
  const one = await nodes.node("a");
  await one.submit(one.pay(alice, 0));
  const parent = one.chain.best;
  const claim = one.author.nextClaim(parent);
  const late = await one.author.author({ parent, claim, deadline: clockMs });
  expect(late.transactions).toBe(0);
  expect(one.chain.body(late.hash)).toHaveLength(1);
  expect(one.pool.size.ready).toBe(1);
});

test("the block of somebody who pays more comes first", async () => {
  const one = await nodes.node("a");
  await one.submit(one.pay(alice, 0, mai, 1n));
  const generous = await one.submit(one.pay(bob, 0, mai, mai));
  await one.seal();
  expect(generous.statuses.at(-1)).toMatchObject({ type: "inBlock", index: 1 });
});

test("a branch is built on where its author says, unless its state is gone", async () => {
  const one = await nodes.node("a");
  const first = await one.seal();
  const rival = await one.seal({ parent: one.chain.genesisHash });
  expect(rival).toMatchObject({ number: 1, isBest: false });
  await one.seal({ parent: first.hash, finalize: true });
  await expect(one.seal({ parent: rival.hash })).rejects.toThrow("is discarded");
});

test("the first block on a state of an older runtime brings it to this one, and says so in its header", async () => {
  const storage = new Overlay(memoryBackend());
  system.storage.LastRuntimeUpgrade.set({ storage }, { spec_version: 1, spec_name: "matrixai" });
  storage.set(codeKey, Buffer.from("an older runtime"));
  const authorized = { code_hash: codeMarkerHash, check_version: true };
  system.storage.AuthorizedUpgrade.set({ storage }, authorized);
  const old = testNodes(new Map([...usualGenesis, ...storage.changes()]));
  try {
    const [one, two] = [await old.node("a"), await old.node("b")];
    const digests: string[][] = [];
    for (let n = 0; n < 2; n++) {
      const { hash } = await one.seal();
      digests.push(one.chain.header(hash)!.digest.map(({ type }) => type));
      expect(await two.chain.import(one.block(hash), "network")).toMatchObject({ type: "imported" });
    }
    expect(digests).toEqual([
      ["PreRuntime", "PreRuntime", "RuntimeEnvironmentUpdated", "Consensus", "Seal"],
      ["PreRuntime", "PreRuntime", "Seal"],
    ]);
    expect(two.state().get(codeKey)).toEqual(codeMarker);
  } finally {
    await old.close();
  }
});

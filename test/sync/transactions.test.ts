import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bytesToHash } from "../../node/chain/hash.ts";
import { alice, bob, mai } from "../../node/service/testing/test-node.ts";
import { encodeTransactions } from "../../node/sync/messages.ts";
import { startPropagation } from "../../node/sync/propagation.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { type SyncNet, type SyncNode, syncNet } from "./sync-net.ts";

let net: SyncNet;
const ends: (() => void)[] = [];
beforeEach(() => {
  net = syncNet();
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await net.close();
});

async function nodes(count: number): Promise<SyncNode[]> {
  const all: SyncNode[] = [];
  for (let i = 0; i < count; i++) {
    const node = await net.node(`node ${i}`);
    ends.push(startPropagation({ ...node, isMajorSyncing: () => node.sync.isMajorSyncing() }));
    all.push(node);
  }
  for (let i = 1; i < count; i++) await net.connect(all[i - 1]!, all[i]!);
  // Gossip begins when both sides have told their topics.
  await net.rest(1200);
  return all;
}

const hashOf = (bytes: Uint8Array) => bytesToHash(blake2_256(bytes));

test("what one pool takes comes to all others, through those between, and once", async () => {
  const [first, , last] = await nodes(3);
  const payments = [0, 1, 2].map((nonce) => first!.pay(bob, nonce));
  const offered: Uint8Array[] = [];
  const submit = last!.pool.submit.bind(last!.pool);
  last!.pool.submit = (bytes, ...rest) => {
    offered.push(bytes);
    return submit(bytes, ...rest);
  };
  const came = once(last!.pool.events, "ready");
  const { statuses } = await first!.submit(payments[0]!);
  await came;
  for (const payment of payments.slice(1)) await first!.submit(payment);
  while (last!.pool.size.ready < 3) await net.rest(10);
  expect([...last!.pool.ready()].map(({ hash }) => hash)).toEqual(payments.map(hashOf));
  expect(statuses.some(({ type }) => type === "broadcast")).toBe(true);
  await net.rest();
  expect(offered).toHaveLength(3);
});

test("what a pool refuses goes no further, and forgeries cost the one who sends them", async () => {
  const [liar, middle, far] = await nodes(3);
  const good = middle!.pay(bob, 0);
  const forged = good.with(60, good[60]! ^ 1);
  const spent = await middle!.submit(middle!.pay(alice, 0));
  expect(spent.result.type).toBe("accepted");
  await middle!.seal();
  const stale = middle!.pay(alice, 0, 2n * mai);
  const reputation = () => middle!.network.peer(liar!.network.peerId)?.reputation ?? -100;

  // A later state may need it, so it costs nothing.
  await liar!.network.publish("transactions", encodeTransactions([stale]));
  await net.rest();
  expect(reputation()).toBeGreaterThan(-1);

  await liar!.network.publish("transactions", encodeTransactions([good, forged]));
  while (reputation() > -30) await net.rest(10);
  expect(middle!.pool.get(hashOf(forged))).toBeUndefined();
  await net.rest();
  expect(far!.pool.get(hashOf(forged))).toBeUndefined();

  const before = reputation();
  await liar!.network.publish("transactions", Uint8Array.of(1, 2, 3, 4));
  while (reputation() >= before) await net.rest(10);
});

test("a node that is far behind takes none", async () => {
  const [first, second] = [await net.node("one"), await net.node("two")];
  ends.push(startPropagation({ ...first, isMajorSyncing: () => false }));
  ends.push(startPropagation({ ...second, isMajorSyncing: () => true }));
  await net.connect(first, second);
  await net.rest(1200);
  await first.submit(first.pay(bob, 0, mai));
  await net.rest(500);
  expect(second.pool.size.ready).toBe(0);
});

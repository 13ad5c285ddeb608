import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../../node/log/log.ts";
import { bob } from "../../node/service/testing/test-node.ts";
import { reached, type SyncNet, type SyncNode, syncNet } from "./sync-net.ts";

let net: SyncNet;
beforeEach(() => {
  net = syncNet();
});
afterEach(() => net.close());

const seal = async (node: SyncNode, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await node.seal();
};

/** Two nodes with the same first blocks, not connected; nobody votes unless one of them is the author. */
async function parted(shared: number, names = ["one", "two"] as const) {
  const [one, two] = [await net.node(names[0]), await net.node(names[1])];
  await seal(one, shared);
  for (let number = 1; number <= shared; number++) {
    await two.chain.import(one.block(one.chain.hashAt(number)!), "file");
  }
  return [one, two] as const;
}

test.each([
  ["short", 3, 5],
  ["longer than one answer of headers", 20, 270],
])("two branches become one chain again: %s", async (_, left, right) => {
  const [one, two] = await parted(10);
  await two.submit(two.pay(bob, 0));
  await seal(one, left);
  await seal(two, right);
  expect(one.chain.hashAt(11)).not.toBe(two.chain.hashAt(11));
  await net.connect(one, two);
  await reached(one, () => one.chain.best.hash === two.chain.best.hash);
  expect(one.chain.best.number).toBe(10 + right);
  expect(one.chain.hashAt(11)).toBe(two.chain.hashAt(11));
  // The branch that lost is fetched as well: it may win one day.
  expect(one.state().rootHash).toEqual(two.state().rootHash);
});

test("a chain that parts from ours before the finalized block is refused with a reason", async () => {
  const lines: string[] = [];
  const one = await net.node("one", { log: createLog({ write: (line) => void lines.push(line) }) });
  const two = await net.node("two");
  await seal(one, 5);
  await two.submit(two.pay(bob, 0));
  await seal(two, 90);
  expect(await one.chain.finalize(one.chain.hashAt(4)!)).toBeUndefined();
  const before = one.chain.best;
  await net.connect(one, two);
  while (!lines.some((line) => line.includes("before the finalized block"))) await net.rest(20);
  expect(lines.find((line) => line.includes("before the finalized block"))).toContain("never undone");
  expect(one.chain.best).toEqual(before);
  expect(one.sync.isMajorSyncing()).toBe(false);
});

test("a peer whose branch has lost by a moment is listened to as soon as it goes on with ours", async () => {
  const [one, two] = await parted(5);
  await two.submit(two.pay(bob, 0));
  await seal(one, 1);
  await seal(two, 2);
  expect(await one.chain.finalize(one.chain.best.hash)).toBeUndefined();
  await net.connect(one, two);
  // By now the one has asked for the other's branch, and found that it cannot be ours.
  await net.rest(1_000);
  await seal(one, 4);
  await reached(two, () => two.chain.best.hash === one.chain.best.hash);
  await seal(two, 1);
  await reached(one, () => one.chain.best.hash === two.chain.best.hash);
  expect(one.chain.best.number).toBe(11);
});

test("a new block reaches a node that is not connected with its author", async () => {
  const [author, middle, far] = [await net.node("one"), await net.node("two"), await net.node("three")];
  await net.connect(author, middle);
  await net.connect(middle, far);
  await net.rest(1000);
  await seal(author, 3);
  await reached(far, () => far.chain.best.number === 3);
  expect(far.chain.best).toEqual(author.chain.best);
});

test("a node that was stopped in the middle goes on where it was", async () => {
  const source = await net.node("one");
  await seal(source, 120);
  let late = await net.node("two");
  await net.connect(late, source);
  await reached(late, () => late.chain.best.number >= 20);
  await late.close();
  late = await net.node("two");
  const { starting } = late.sync.state();
  expect(starting).toBeGreaterThanOrEqual(20);
  await net.connect(late, source);
  await reached(late, () => late.chain.best.number === 120);
  expect(late.state().rootHash).toEqual(source.state().rootHash);
});

test("bodies come from several peers at once", async () => {
  const source = await net.node("one");
  await seal(source, 100);
  const asked = new Map<string, number>();
  const helpers = await Promise.all(
    [1, 2, 3].map(async () => {
      let network: Awaited<ReturnType<typeof net.liar>> | undefined;
      const body = (hash: Parameters<typeof source.chain.body>[0]) => {
        asked.set(network!.peerId, (asked.get(network!.peerId) ?? 0) + 1);
        return source.chain.body(hash);
      };
      network = await net.liar(source, { body });
      return network;
    }),
  );
  const late = await net.node("late");
  for (const network of helpers) await net.connect(late, { network });
  await reached(late, () => late.chain.best.number === 100);
  expect(asked.size).toBeGreaterThan(1);
});

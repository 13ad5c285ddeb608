/** Signatures of blocks that wait are checked before their turn, and nothing is believed for that. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ImportQueue } from "../../node/chain/import-queue.ts";
import type { Block } from "../../node/chain/types.ts";
import { bob, carol, mai, testNodes } from "../../node/service/testing/test-node.ts";
import { immortal, mortal } from "../../runtime/primitives/era.ts";
import { signed, transfer } from "../support/wallet.ts";

let nodes: ReturnType<typeof testNodes>;
beforeEach(() => {
  nodes = testNodes();
});
afterEach(() => nodes.close());

const height = 12;

/** Blocks with a payment each, valid for ever or bound to the block before. */
async function blocks(): Promise<Block[]> {
  const source = await nodes.node("source");
  const { chain } = source;
  for (let nonce = 0; nonce < height; nonce++) {
    const era = nonce % 2 === 0 ? immortal : mortal(8, chain.best.number);
    await source.submit(signed(bob, transfer(carol.account, mai), chain, { nonce, era }));
    await source.seal();
  }
  return Array.from({ length: height }, (_, i) => source.block(chain.hashAt(i + 1)!));
}

/** A node with a queue, and how often its workers were asked before each of its imports, and in all. */
async function late() {
  const node = await nodes.node("late");
  const verify = vi.spyOn(node.workers, "verify");
  const askedAt: number[] = [];
  node.chain.events.on("imported", () => askedAt.push(verify.mock.calls.length));
  return { ...node, queue: new ImportQueue(node.chain), verify, askedAt };
}

test("the workers have all signatures before the first block is through, and each once", async () => {
  const line = await blocks();
  const { queue, verify, askedAt, chain } = await late();
  const results = await Promise.all(line.map((block) => queue.push(block, "sync")));
  expect(results.map(({ type }) => type)).toEqual(line.map(() => "imported"));
  expect(chain.best.number).toBe(height);
  expect(askedAt[0]).toBe(height);
  expect(verify).toHaveBeenCalledTimes(height);
});

test("blocks that do not stand on the best one wait for their turn", async () => {
  const [first, ...rest] = await blocks();
  const { queue, verify, askedAt } = await late();
  const pushed = [...rest.slice(1), rest[0]!, first!].map((block) => queue.push(block, "sync"));
  await Promise.all(pushed);
  expect(askedAt).toHaveLength(height);
  expect(askedAt[0]).toBeLessThan(height);
  expect(verify).toHaveBeenCalledTimes(height);
});

test("bytes that mean nothing are left to the block's turn", async () => {
  const [first, second] = await blocks();
  const { queue, chain } = await late();
  const nonsense = { header: second!.header, extrinsics: [...second!.extrinsics, Uint8Array.of(8, 0x84, 9)] };
  const [one, two] = await Promise.all([first!, nonsense].map((block) => queue.push(block, "sync")));
  expect(one).toMatchObject({ type: "imported" });
  expect(two).toMatchObject({ type: "refused", code: "BadExecution" });
  expect(chain.best.number).toBe(1);
});

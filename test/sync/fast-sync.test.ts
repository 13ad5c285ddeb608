import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grow, reached, type SyncNet, type SyncNode, severalParts, syncNet } from "./sync-net.ts";

let net: SyncNet;
let author: SyncNode;

beforeAll(async () => {
  net = syncNet(severalParts);
  author = await net.node("author");
  for (let epoch = 0; epoch < 6; epoch++) await grow(author, 20);
});
afterAll(() => net.close());

describe("fast synchronisation", () => {
  test("begins with the state of a final block, follows, and fills in the blocks before it", async () => {
    const late = await net.node("late", { mode: "fast" });
    let first = 0;
    late.chain.events.once("imported", ({ number }) => {
      first = number;
    });
    await net.connect(late, author);
    await reached(late, () => late.chain.best.number === author.chain.best.number);
    expect(first).toBeGreaterThan(100);
    expect(late.state().rootHash).toEqual(author.state().rootHash);
    await grow(author, 5);
    await reached(late, () => late.chain.best.number === author.chain.best.number);
    expect(late.chain.best).toEqual(author.chain.best);
    while (late.chain.gap) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let number = 0; number <= author.chain.best.number; number++) {
      const hash = author.chain.hashAt(number)!;
      expect(late.chain.hashAt(number)).toBe(hash);
      expect(late.chain.body(hash)).toEqual(author.chain.body(hash));
    }
    expect(late.chain.stateAt(late.chain.genesisHash).type).toBe("discarded");
  });
});

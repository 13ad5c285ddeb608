import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grow, reached, type SyncNet, type SyncNode, severalParts, syncNet } from "./sync-net.ts";

let net: SyncNet;
let author: SyncNode;
const height = 150;

beforeAll(async () => {
  net = syncNet(severalParts);
  author = await net.node("author");
  for (let made = 0; made < height; made += 30) await grow(author, 30);
});
afterAll(() => net.close());

describe("full synchronisation", () => {
  test("brings a late node to the same root and the same final block, and then it follows", async () => {
    const late = await net.node("late");
    await net.connect(late, author);
    await reached(late, () => late.chain.best.number === height);
    expect(late.chain.best).toEqual(author.chain.best);
    expect(late.state().rootHash).toEqual(author.state().rootHash);
    // The last block of a set of voters brings its proof with it, which is looked at after the import of the block.
    await reached(late, () => late.chain.finalized.number > height / 2);
    expect(author.chain.hashAt(late.chain.finalized.number)).toBe(late.chain.finalized.hash);
    await grow(author, 3);
    await reached(late, () => late.chain.best.number === author.chain.best.number);
    expect(late.chain.best).toEqual(author.chain.best);
    expect(late.sync.state()).toMatchObject({
      starting: 0,
      highest: author.chain.best.number,
      stage: "idle",
    });
    expect(late.sync.isMajorSyncing()).toBe(false);
  });
});

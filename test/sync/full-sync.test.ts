import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grow, reached, syncNet } from "./sync-net.ts";

let net: ReturnType<typeof syncNet>;
beforeEach(() => {
  net = syncNet();
});
afterEach(() => net.close());

describe("full synchronisation", () => {
  test("brings a late node to the same root, and then it follows", async () => {
    const author = await net.node("author");
    await grow(author, 150, true);
    const late = await net.node("late");
    await net.connect(late, author);
    await reached(late, () => late.chain.best.number === 150);
    expect(late.chain.best).toEqual(author.chain.best);
    expect(late.state().rootHash).toEqual(author.state().rootHash);
    await grow(author, 3, true);
    await reached(late, () => late.chain.best.number === 153);
    expect(late.chain.best).toEqual(author.chain.best);
    expect(late.sync.state()).toMatchObject({ starting: 0, current: 153, highest: 153, stage: "idle" });
  });
});

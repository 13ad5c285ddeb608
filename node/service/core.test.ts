import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as timestamp from "../../pallets/timestamp/index.ts";
import { mortal } from "../../runtime/primitives/era.ts";
import { signed, transfer } from "../../test/support/wallet.ts";
import type { Block } from "../chain/types.ts";
import { Author } from "../consensus/author.ts";
import { silentLog } from "../log/log.ts";
import { alice, bob, carol, clockMs, mai, testNodes } from "./testing/test-node.ts";

let nodes: ReturnType<typeof testNodes>;
beforeEach(() => {
  nodes = testNodes();
});
afterEach(() => nodes.close());

describe("a transfer", () => {
  test("goes from submission to finality", async () => {
    const one = await nodes.node("a");
    expect(one.slotMs).toBe(2000);
    const { result, statuses } = await one.submit(one.pay(alice, 0));
    expect(result.type).toBe("accepted");
    const block = await one.seal({ finalize: true });
    expect(block).toMatchObject({ number: 1, isBest: true, transactions: 1 });
    expect(statuses).toEqual([
      { type: "ready" },
      { type: "inBlock", block: block.hash, index: 1 },
      { type: "finalized", block: block.hash, index: 1 },
    ]);
    expect(one.free(carol.account)).toBe(mai);
    expect(one.chain.body(block.hash)).toHaveLength(2);
  });

  test("with a bad signature, a stale nonce or no money is refused with the runtime's reason", async () => {
    const one = await nodes.node("a");
    const good = one.pay(alice, 0);
    const forged = good.with(60, good[60]! ^ 1);
    const reasonOf = async (bytes: Uint8Array) => (await one.submit(bytes)).result;
    expect(await reasonOf(forged)).toMatchObject({ error: { reason: { type: "BadProof" } } });
    expect(await reasonOf(forged)).toMatchObject({ error: { code: "TemporarilyBanned" } });
    expect(await reasonOf(one.pay(carol, 0))).toMatchObject({ error: { reason: { type: "Payment" } } });
    await one.submit(good);
    await one.seal();
    expect(await reasonOf(one.pay(alice, 0, 2n * mai))).toMatchObject({
      error: { reason: { type: "Stale" } },
    });
    await expect(one.submit(Uint8Array.of(4, 0xff))).rejects.toThrow();
  });

  test("with a later nonce waits for the earlier one, and both go into one block in order", async () => {
    const one = await nodes.node("a");
    const later = await one.submit(one.pay(alice, 1, mai, 5n));
    const sooner = await one.submit(one.pay(alice, 0));
    expect(later.statuses.map(({ type }) => type)).toEqual(["future", "ready"]);
    const block = await one.seal();
    expect(block.transactions).toBe(2);
    expect(sooner.statuses.at(-1)).toMatchObject({ type: "inBlock", index: 1 });
    expect(later.statuses.at(-1)).toMatchObject({ type: "inBlock", index: 2 });
  });

  test("that a block made impossible leaves the pool", async () => {
    const one = await nodes.node("a");
    const all = one.free(bob.account);
    await one.submit(one.pay(bob, 0, all - mai, 1n));
    const second = await one.submit(one.pay(bob, 1, mai / 2n));
    await one.seal();
    // What was left after the first one and its fee does not keep the account alive after the second.
    expect(second.statuses.at(-1)?.type).toBe("inBlock");
    expect(one.pool.size.ready).toBe(0);
    expect(one.free(carol.account)).toBeLessThan(all);
  });
});

describe("blocks", () => {
  test("of one node are executed by another to the same state", async () => {
    const [one, two] = [await nodes.node("a"), await nodes.node("b")];
    for (let n = 0; n < 5; n++) {
      await one.submit(one.pay(alice, n));
      await one.submit(one.pay(bob, n));
      const { hash } = await one.seal();
      expect(await two.chain.import(one.block(hash), "network")).toMatchObject({ type: "imported" });
    }
    expect(two.chain.best).toEqual(one.chain.best);
    expect(two.free(carol.account)).toBe(10n * mai);
    for (let n = 1; n <= 5; n++) expect(await two.chain.check(two.chain.hashAt(n)!)).toBeUndefined();
  });

  test("that were tampered with are refused with the reason", async () => {
    const [one, two] = [await nodes.node("a"), await nodes.node("b")];
    await one.submit(one.pay(alice, 0));
    const block = one.block((await one.seal()).hash);
    const [inherent, paid] = block.extrinsics as [Uint8Array, Uint8Array];
    const forged = paid.with(60, paid[60]! ^ 1);
    const refusals: [Block, string][] = [
      [{ ...block, extrinsics: [inherent, forged] }, "BadExecution"],
      [{ ...block, extrinsics: [inherent] }, "BadExecution"],
      [{ ...block, extrinsics: [paid, inherent] }, "BadExecution"],
      [{ ...block, extrinsics: [inherent, paid, paid] }, "BadExecution"],
      [{ ...block, extrinsics: [inherent, Uint8Array.of(4, 0xff)] }, "BadExecution"],
      [{ ...block, header: { ...block.header, stateRoot: new Uint8Array(32) } }, "BadConsensus"],
    ];
    for (const [bad, code] of refusals) {
      expect(await two.chain.import(bad, "network")).toMatchObject({ type: "refused", code });
    }
    expect(await two.chain.import(block, "network")).toMatchObject({ type: "imported" });
  });

  test("with a signature that is wrong, though everything else agrees, are refused", async () => {
    const one = await nodes.node("a");
    const two = await nodes.node("b");
    const good = one.pay(alice, 0);
    const forged = good.with(60, good[60]! ^ 1);
    // An author that does not check signatures makes a block whose roots are all right.
    const careless = new Author(
      { keys: () => [alice], slotMs: one.slotMs, clock: one.clock },
      {
        ...one,
        check: () => true,
        pool: {
          remove() {},
          ready: () => Object.assign([{ hash: "0x00", bytes: forged }] as never, { skipDependents() {} }),
        },
      },
    );
    const parent = one.chain.best;
    const made = await careless.author({ parent, claim: careless.nextClaim(parent), deadline: Infinity });
    expect(made.transactions).toBe(1);
    expect(await two.chain.import(one.block(made.hash), "network")).toMatchObject({
      code: "BadSignature",
    });
  });

  test("of a slot that has not come are refused, and those before it are not", async () => {
    const one = await nodes.node("a");
    const two = await nodes.node("b", "slots");
    const blocks = [];
    for (let n = 0; n < 4; n++) blocks.push(one.block((await one.seal()).hash));
    const results = [];
    for (const block of blocks) results.push(await two.chain.import(block, "network"));
    expect(results.map((r) => (r.type === "refused" ? r.code : r.type))).toEqual([
      "imported",
      "imported",
      "FutureBlock",
      "UnknownParent",
    ]);
    // A file is what its operator wants to have imported.
    expect((await two.chain.import(blocks[2]!, "file")).type).toBe("imported");
  });

  test("sealed on demand run ahead of the clock, and their times lie in their slots", async () => {
    const one = await nodes.node("a");
    const times: bigint[] = [];
    for (let n = 0; n < 4; n++) {
      await one.seal();
      times.push(timestamp.now({ storage: one.state() }));
    }
    expect(times.map((time) => Number(time) - clockMs)).toEqual([0, 2000, 4000, 6000]);
  });
});

describe("branches", () => {
  test("a re-organisation returns transactions, and a mortal one stays bound to its branch", async () => {
    const one = await nodes.node("a");
    const paid = await one.submit(one.pay(alice, 0));
    const first = await one.seal();
    const bound = signed(bob, transfer(carol.account, mai), one.chain, {
      nonce: 0,
      era: mortal(64, 1),
    });
    const bornHere = await one.submit(bound);
    expect(bornHere.result.type).toBe("accepted");
    const other = await one.seal({ parent: one.chain.genesisHash });
    expect(one.chain.best.hash).toBe(first.hash);
    await one.seal({ parent: other.hash });
    await one.pool.settled();
    expect(paid.statuses.map(({ type }) => type)).toContain("retracted");
    // Its era begins with a block that this branch does not have, so its signature is of something else.
    expect(bornHere.statuses.at(-1)).toEqual({ type: "invalid" });
  });
});

describe("sealing", () => {
  test("instantly makes a block of what is ready, and none without", async () => {
    const one = await nodes.node("a", "instant");
    const stop = one.sealer.sealInstantly(silentLog);
    const { statuses } = await one.submit(one.pay(alice, 0));
    await expect.poll(() => statuses.at(-1)?.type).toBe("inBlock");
    await one.submit(one.pay(alice, 1));
    await expect.poll(() => one.chain.best.number).toBe(2);
    await one.sealer.finalize(one.chain.best.hash);
    expect(statuses.at(-1)?.type).toBe("finalized");
    stop();
    await one.submit(one.pay(alice, 2));
    expect(one.pool.size.ready).toBe(1);
    expect(one.chain.best.number).toBe(2);
  });

  test("by hand says why there is no block", async () => {
    const one = await nodes.node("a");
    await expect(one.seal({ allowEmpty: false })).rejects.toThrow("no transaction is ready");
    await expect(one.seal({ parent: "0x1234" })).rejects.toThrow("not known");
    await expect(one.sealer.finalize("0x1234")).rejects.toThrow("not known");
  });
});

test("what was executed once is not executed again after a restart, and goes on", async () => {
  const one = await nodes.node("a");
  await one.submit(one.pay(alice, 0));
  const { hash } = await one.seal({ finalize: true });
  await one.close();
  const again = await nodes.node("a");
  expect(again.chain.best.hash).toBe(hash);
  expect(again.chain.finalized.hash).toBe(hash);
  expect(again.free(carol.account)).toBe(mai);
  await again.submit(again.pay(alice, 1));
  expect((await again.seal()).number).toBe(2);
});

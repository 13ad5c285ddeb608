import { describe, expect, test } from "vitest";
import type { Hash } from "../chain/hash.ts";
import { standardLimits } from "./base-pool.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { ToyChain, type ToyReason, toyTransaction } from "./testing/toy-chain.ts";
import type { TransactionStatus } from "./types.ts";

const [alice, bob] = [1, 2];

function setUp(options: PoolOptions = {}) {
  const chain = new ToyChain();
  const pool = new Pool<ToyReason>(options, { chain, validate: chain.validate });
  const submit = async (bytes: Uint8Array) => {
    const statuses: TransactionStatus[] = [];
    const result = await pool.submit(bytes, "External", (status) => statuses.push(status));
    return { result, statuses, hash: result.hash };
  };
  const order = () => Array.from(pool.ready(), (one) => [...one.bytes.subarray(0, 2)]);
  return { chain, pool, submit, order };
}

const types = (statuses: readonly TransactionStatus[]) => statuses.map((status) => status.type);

describe("submission", () => {
  test("a nonce ahead of its time waits, and comes after what it waited for", async () => {
    const { submit, order, pool } = setUp();
    const second = await submit(toyTransaction(alice, 1, 9));
    expect(types(second.statuses)).toEqual(["future"]);
    expect(pool.size).toMatchObject({ ready: 0, future: 1 });
    const first = await submit(toyTransaction(alice, 0));
    expect(types(first.statuses)).toEqual(["ready"]);
    expect(types(second.statuses)).toEqual(["future", "ready"]);
    expect(order()).toEqual([
      [alice, 0],
      [alice, 1],
    ]);
  });

  test("known, invalid and banned ones are refused with the reason", async () => {
    let now = 0;
    const { submit, chain } = setUp({ now: () => now });
    chain.extend([toyTransaction(bob, 0)]);
    expect((await submit(toyTransaction(alice, 0))).result.type).toBe("accepted");
    expect((await submit(toyTransaction(alice, 0))).result).toMatchObject({
      error: { code: "AlreadyImported" },
    });
    const stale = toyTransaction(bob, 0, 5);
    expect((await submit(stale)).result).toMatchObject({ error: { code: "Invalid", reason: "Stale" } });
    expect((await submit(stale)).result).toMatchObject({ error: { code: "TemporarilyBanned" } });
    now = 31 * 60 * 1000;
    expect((await submit(stale)).result).toMatchObject({ error: { code: "Invalid" } });
  });

  test("the same transaction twice at once is validated once", async () => {
    const { submit, chain } = setUp();
    const both = await Promise.all([submit(toyTransaction(alice, 0)), submit(toyTransaction(alice, 0))]);
    expect(both.map(({ result }) => result.type).sort()).toEqual(["accepted", "refused"]);
    expect(chain.validations).toBe(1);
  });

  test("a higher tip usurps, a lower one is told both priorities", async () => {
    const { submit, order } = setUp();
    const old = await submit(toyTransaction(alice, 0, 5));
    expect((await submit(toyTransaction(alice, 0, 5, 1))).result).toMatchObject({
      error: { code: "TooLowPriority", old: 5n, new: 5n },
    });
    const better = await submit(toyTransaction(alice, 0, 6));
    expect(old.statuses).toEqual([{ type: "ready" }, { type: "usurped", by: better.hash }]);
    expect(order()).toEqual([[alice, 0]]);
  });

  test("a full pool drops the worst, which may be the newcomer", async () => {
    const { submit, pool } = setUp({ limits: { ...standardLimits, ready: { count: 1, bytes: 1000 } } });
    const low = await submit(toyTransaction(alice, 0, 1));
    const high = await submit(toyTransaction(bob, 0, 2));
    expect(types(low.statuses)).toEqual(["ready", "dropped"]);
    const lower = await submit(toyTransaction(3, 0, 1));
    expect(lower.result).toMatchObject({ error: { code: "ImmediatelyDropped" } });
    expect(lower.statuses).toEqual([]);
    expect(pool.pending().map((one) => one.hash)).toEqual([high.hash]);
  });

  test("a listener that throws hurts nobody", async () => {
    const { pool, chain } = setUp();
    const heard: string[] = [];
    await pool.submit(toyTransaction(alice, 0), "External", () => {
      throw new Error("broken subscriber");
    });
    await pool.submit(toyTransaction(bob, 0), "External", ({ type }) => heard.push(type));
    chain.extend([toyTransaction(alice, 0), toyTransaction(bob, 0)]);
    expect(heard).toEqual(["ready", "inBlock"]);
  });
});

describe("blocks", () => {
  test("an included transaction goes from ready to finalized", async () => {
    const { submit, chain, pool } = setUp();
    const bytes = toyTransaction(alice, 0);
    const one = await submit(bytes);
    const block = chain.extend([toyTransaction(bob, 0), bytes]);
    expect(pool.size.ready).toBe(0);
    chain.finalize(block);
    expect(one.statuses).toEqual([
      { type: "ready" },
      { type: "inBlock", block: block.hash, index: 1 },
      { type: "finalized", block: block.hash, index: 1 },
    ]);
    expect((await submit(bytes)).result).toMatchObject({ error: { code: "TemporarilyBanned" } });
  });

  test("what a block spoils is found invalid, what it frees becomes ready, though it came from elsewhere", async () => {
    const { submit, chain, pool, order } = setUp();
    const spoilt = await submit(toyTransaction(alice, 0, 1));
    const freed = await submit(toyTransaction(bob, 1));
    expect(types(freed.statuses)).toEqual(["future"]);
    chain.extend([toyTransaction(alice, 0, 7), toyTransaction(bob, 0, 7)]);
    await pool.settled();
    expect(types(spoilt.statuses)).toEqual(["ready", "invalid"]);
    expect(types(freed.statuses)).toEqual(["future", "ready"]);
    expect(order()).toEqual([[bob, 1]]);
  });

  test("a mortal transaction leaves when its time is over", async () => {
    const { submit, chain, pool } = setUp();
    chain.longevity = 2n;
    const one = await submit(toyTransaction(alice, 0));
    chain.extend([]);
    expect(pool.size.ready).toBe(1);
    chain.extend([]);
    expect(pool.size.ready).toBe(0);
    expect(types(one.statuses)).toEqual(["ready", "invalid"]);
  });

  test("a re-organisation brings retracted transactions back, in order", async () => {
    const { submit, chain, pool, order } = setUp();
    const [first, second] = [toyTransaction(alice, 0), toyTransaction(alice, 1)];
    const one = await submit(first);
    const two = await submit(second);
    const retracted = chain.extend([first, second]);
    const other = chain.extend([toyTransaction(bob, 0)], chain.genesis);
    await pool.settled();
    expect(one.statuses).toEqual([
      { type: "ready" },
      { type: "inBlock", block: retracted.hash, index: 0 },
      { type: "retracted", block: retracted.hash },
      { type: "ready" },
    ]);
    expect(order()).toEqual([
      [alice, 0],
      [alice, 1],
    ]);
    const again = chain.extend([first, second], other);
    chain.finalize(again);
    expect(two.statuses.at(-1)).toEqual({ type: "finalized", block: again.hash, index: 1 });
  });

  test("who watches a transaction that can not return from a retracted block is told so", async () => {
    const { submit, chain, pool } = setUp();
    const bytes = toyTransaction(alice, 0);
    const one = await submit(bytes);
    chain.extend([bytes]);
    chain.refused.add(bytes);
    chain.extend([], chain.genesis);
    await pool.settled();
    expect(types(one.statuses)).toEqual(["ready", "inBlock", "retracted", "invalid"]);
  });

  test("a transaction that both branches hold is retracted and included again, and not validated twice", async () => {
    const { submit, chain, pool } = setUp();
    const bytes = toyTransaction(alice, 0);
    const one = await submit(bytes);
    chain.extend([bytes]);
    chain.extend([bytes], chain.genesis);
    await pool.settled();
    expect(types(one.statuses)).toEqual(["ready", "inBlock", "retracted", "inBlock"]);
    expect(chain.validations).toBe(1);
    expect(pool.size.ready).toBe(0);
  });

  test("a ready one comes after its predecessor again when that returns from a retracted block", async () => {
    const { submit, chain, pool, order } = setUp();
    chain.extend([toyTransaction(alice, 0, 1)]);
    await submit(toyTransaction(alice, 1, 9));
    chain.extend([], chain.genesis);
    await pool.settled();
    expect(order()).toEqual([
      [alice, 0],
      [alice, 1],
    ]);
  });

  test("a ready one whose predecessor was lost in a re-organisation waits again", async () => {
    const { submit, chain, pool } = setUp();
    const predecessor = toyTransaction(alice, 0);
    chain.extend([predecessor]);
    const next = await submit(toyTransaction(alice, 1));
    chain.refused.add(predecessor);
    chain.extend([], chain.genesis);
    await pool.settled();
    expect(types(next.statuses)).toEqual(["ready", "future"]);
    expect(pool.size).toMatchObject({ ready: 0, future: 1 });
  });

  test("who waits for finality too long is told so", async () => {
    const { submit, chain } = setUp();
    const first = await submit(toyTransaction(alice, 0));
    const block = chain.extend([toyTransaction(alice, 0)]);
    for (let nonce = 0; nonce < 512; nonce++) {
      const bytes = toyTransaction(3 + (nonce >> 8), nonce & 255);
      await submit(bytes);
      chain.extend([bytes]);
    }
    expect(first.statuses.at(-1)).toEqual({ type: "finalityTimeout", block: block.hash });
  });
});

test("nobody hears anything after a listener is removed, nor after the pool is closed", async () => {
  const { pool, chain } = setUp();
  const heard: string[] = [];
  const listener = ({ type }: TransactionStatus) => void heard.push(type);
  const { hash } = await pool.submit(toyTransaction(alice, 0), "Local", listener);
  pool.unwatch(hash, listener);
  chain.extend([toyTransaction(alice, 0)]);
  await pool.close();
  expect(heard).toEqual(["ready"]);
  expect(chain.events.listenerCount("best")).toBe(0);
});

test("thousands of transactions of one sender come out in the order of their nonces", async () => {
  const { submit, pool } = setUp();
  const nonces = Array.from({ length: 256 }, (_, i) => (i * 37) % 256);
  for (const nonce of nonces) await submit(toyTransaction(alice, nonce));
  const seen: Hash[] = [];
  let next = 0;
  for (const one of pool.ready()) {
    expect(one.bytes[1]).toBe(next++);
    seen.push(one.hash);
  }
  expect(new Set(seen).size).toBe(256);
});

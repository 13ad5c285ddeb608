import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Hash } from "../chain/hash.ts";
import { BasePool, type PoolLimits, standardLimits } from "./base-pool.ts";
import { NaivePool } from "./testing/naive-pool.ts";
import type { PoolTransaction } from "./types.ts";

let serial = 0;

/** Tags are letters: `tx({ requires: "ab", provides: "c" })`. */
function tx(fields: {
  hash?: Hash;
  priority?: number;
  requires?: string;
  provides?: string;
  validTill?: number;
  length?: number;
}): PoolTransaction {
  return {
    hash: fields.hash ?? `0x${(serial++).toString(16)}`,
    bytes: new Uint8Array(fields.length ?? 1),
    priority: BigInt(fields.priority ?? 1),
    requires: [...(fields.requires ?? "")],
    provides: [...(fields.provides ?? "")],
    validTill: fields.validTill ?? 64,
    propagate: true,
    source: "External",
  };
}

const orderOf = (pool: BasePool) => Array.from(pool.inOrder(), (one) => one.hash);
const hashes = (list: readonly PoolTransaction[]) => list.map((one) => one.hash);

describe("order", () => {
  test("priority first, then the sooner end, then arrival", () => {
    const pool = new BasePool();
    const [low, late, soon, first, high] = [
      tx({ provides: "a", priority: 1 }),
      tx({ provides: "b", priority: 5, validTill: 90 }),
      tx({ provides: "c", priority: 5, validTill: 10 }),
      tx({ provides: "d", priority: 5, validTill: 90 }),
      tx({ provides: "e", priority: 9 }),
    ] as const;
    for (const one of [low, late, soon, first, high]) pool.place(one);
    expect(orderOf(pool)).toEqual(hashes([high, soon, late, first, low]));
  });

  test("what is required comes first, however low its priority", () => {
    const pool = new BasePool();
    const child = tx({ requires: "a", provides: "b", priority: 100 });
    const parent = tx({ provides: "a", priority: 1 });
    expect(pool.place(child).type).toBe("future");
    expect(pool.place(parent)).toMatchObject({ type: "ready", promoted: [parent, child] });
    expect(orderOf(pool)).toEqual(hashes([parent, child]));
  });

  test("dependents of a skipped transaction do not come", () => {
    const pool = new BasePool();
    const [parent, child, other] = [
      tx({ provides: "a", priority: 9 }),
      tx({ requires: "a", provides: "b", priority: 9 }),
      tx({ provides: "c", priority: 1 }),
    ] as const;
    for (const one of [parent, child, other]) pool.place(one);
    const order = pool.inOrder();
    expect(order.next().value).toBe(parent);
    order.skipDependents();
    expect([...order]).toEqual([other]);
  });
});

describe("replacement", () => {
  test("needs a priority above the sum of those it replaces", () => {
    const pool = new BasePool();
    const [one, two] = [tx({ provides: "a", priority: 3 }), tx({ provides: "b", priority: 4 })] as const;
    pool.place(one);
    pool.place(two);
    expect(pool.place(tx({ provides: "ab", priority: 7 }))).toEqual({ type: "tooLowPriority", old: 7n });
    const both = tx({ provides: "ab", priority: 8 });
    expect(pool.place(both)).toMatchObject({
      usurped: [
        { transaction: one, by: both.hash },
        { transaction: two, by: both.hash },
      ],
    });
    expect(orderOf(pool)).toEqual([both.hash]);
  });

  test("keeps what depended on a tag that the new one provides too, drops the rest", () => {
    const pool = new BasePool();
    const old = tx({ provides: "ab" });
    const [onA, onB] = [tx({ requires: "a", provides: "c" }), tx({ requires: "b", provides: "d" })] as const;
    for (const one of [old, onA, onB]) pool.place(one);
    const next = tx({ provides: "a", priority: 2 });
    const placed = pool.place(next);
    expect(placed).toMatchObject({ usurped: [{ transaction: old }, { transaction: onB }] });
    expect(orderOf(pool)).toEqual(hashes([next, onA]));
  });

  test("a transaction cannot replace what it depends on", () => {
    const pool = new BasePool();
    pool.place(tx({ provides: "ab" }));
    expect(pool.place(tx({ requires: "a", provides: "b", priority: 5 }))).toEqual({ type: "cycle" });
    expect(pool.size.ready).toBe(1);
  });
});

describe("pruning and limits", () => {
  test("a tag on the chain frees those that waited, and stays known for two prunings", () => {
    const pool = new BasePool();
    const waiting = tx({ requires: "a", provides: "b" });
    pool.place(waiting);
    expect(pool.prune("a")).toMatchObject({ pruned: [], promoted: [waiting] });
    expect(pool.place(tx({ requires: "a", provides: "c" })).type).toBe("ready");
    pool.prune("");
    expect(pool.place(tx({ requires: "a", provides: "d" })).type).toBe("ready");
    pool.prune("");
    expect(pool.place(tx({ requires: "a", provides: "e" })).type).toBe("future");
  });

  test("a full pool gives up the lowest priority, then the oldest, with its dependents", () => {
    const pool = new BasePool();
    const [old, child, young, high] = [
      tx({ provides: "a" }),
      tx({ requires: "a", provides: "b", priority: 9 }),
      tx({ provides: "c" }),
      tx({ provides: "d", priority: 2 }),
    ] as const;
    for (const one of [old, child, young, high]) pool.place(one);
    const limits: PoolLimits = { ...standardLimits, ready: { count: 3, bytes: 100 } };
    expect(pool.enforce(limits)).toEqual([old, child]);
    expect(orderOf(pool)).toEqual(hashes([high, young]));
  });

  test("bytes are bounded too, ready and future apart", () => {
    const pool = new BasePool();
    pool.place(tx({ provides: "a", length: 60 }));
    pool.place(tx({ provides: "b", length: 60, priority: 2 }));
    const older = tx({ requires: "x", provides: "c", length: 60 });
    pool.place(older);
    pool.place(tx({ requires: "x", provides: "d", length: 60 }));
    const limit = { count: 10, bytes: 100 };
    pool.enforce({ ready: limit, future: limit });
    expect(pool.size).toEqual({ ready: 1, readyBytes: 60, future: 1, futureBytes: 60 });
    expect(pool.get(older.hash)).toBeUndefined();
  });
});

/** Few tags, so that dependencies, rivals and cycles happen all the time. */
const tags = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { maxLength: 2 }).map((list) => list.join(""));
const someTx = fc.record({
  priority: fc.nat(4),
  requires: tags,
  provides: fc
    .uniqueArray(fc.constantFrom(..."abcdefgh"), { minLength: 1, maxLength: 2 })
    .map((l) => l.join("")),
  validTill: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 9 }),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("place" as const), fields: someTx }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("prune" as const), tags }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("enforce" as const), count: fc.nat(12), bytes: fc.nat(60) }),
  },
);

test("does what a naive model does, whatever happens", () => {
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new BasePool();
      const model = new NaivePool();
      const seen: Hash[] = [];
      for (const one of steps) {
        if (one.type === "place") {
          const transaction = tx(one.fields);
          seen.push(transaction.hash);
          expect(pool.place(transaction).type).toBe(model.place(transaction));
        } else if (one.type === "prune") {
          const { pruned } = pool.prune(one.tags);
          expect(new Set(hashes(pruned))).toEqual(model.prune([...one.tags]));
        } else if (one.type === "remove" && seen.length > 0) {
          const hash = seen[one.at % seen.length]!;
          expect(new Set(hashes(pool.remove([hash])))).toEqual(model.remove(hash));
        } else if (one.type === "enforce") {
          const limit = { count: one.count, bytes: one.bytes };
          pool.enforce({ ready: limit, future: limit });
          model.enforce(limit);
        }
        expect(orderOf(pool)).toEqual(model.order());
        expect(Array.from(pool.futures(), (f) => f.hash)).toEqual(model.futures());
      }
    }),
    { numRuns: 500 },
  );
});

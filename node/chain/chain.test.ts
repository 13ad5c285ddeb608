import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Database } from "../db/database.ts";
import { StateDb } from "../state/state-db.ts";
import { Chain, type ChainComponents } from "./chain.ts";
import { bytesToHash, type Hash } from "./hash.ts";
import { type FinalityRule, finalityOnRequest } from "./rules.ts";
import { buildToy, contentOf, hashOf, put, toyGenesis, toyParts } from "./testing/toy-runtime.ts";
import type { Block, Head } from "./types.ts";

let path: string;
let database: Database;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "chain-"));
});
afterEach(async () => {
  await database.close();
  rmSync(path, { recursive: true, force: true });
});

async function open(parts: Partial<ChainComponents> = {}, pruning: number | "archive" = 4): Promise<Chain> {
  database = await Database.open(join(path, "db"));
  const states = await StateDb.open(database, { pruning });
  return Chain.open(toyGenesis, toyParts({ database, states, finality: finalityOnRequest, ...parts }));
}

/** Imports a block and returns its hash. */
async function extend(chain: Chain, parent: Hash, key: number, value: string, salt = 0): Promise<Hash> {
  const block = buildToy(chain, parent, [put(key, value)], salt);
  const result = await chain.import(block, "network");
  expect(result.type).toBe("imported");
  return result.hash;
}

const names = (heads: readonly Head[]) => heads.map(({ hash }) => hash);

describe("import", () => {
  test("what is announced can be asked for at that moment", async () => {
    const chain = await open();
    const seen: string[] = [];
    const look = (event: string) => (head: Head) => {
      seen.push(event);
      expect(chain.header(head.hash)?.number).toBe(head.number);
      expect(chain.body(head.hash)).toEqual([put(1, "a")]);
      expect(chain.stateAt(head.hash).type).toBe("ok");
      expect(chain.best).toMatchObject({ hash: head.hash, number: head.number });
      expect(chain.hashAt(head.number)).toBe(head.hash);
      expect(chain.justifications(head.hash)).toEqual([]);
    };
    chain.events.on("imported", look("imported"));
    chain.events.on("best", look("best"));
    const hash = await extend(chain, chain.genesisHash, 1, "a");
    expect(seen).toEqual(["imported", "best"]);
    expect(contentOf(chain, hash)).toEqual({ 0: "genesis", 1: "a" });
  });

  test("a known block is not imported twice", async () => {
    const chain = await open();
    const block = buildToy(chain, chain.genesisHash, [put(1, "a")]);
    const hash = hashOf(block);
    const results = await Promise.all([chain.import(block, "network"), chain.import(block, "network")]);
    expect(results).toEqual([
      { type: "imported", hash, isBest: true },
      { type: "known", hash },
    ]);
  });

  test("bad blocks are refused with the reason, and leave nothing", async () => {
    const chain = await open({
      consensus: {
        checkHeader: ({ digest }) =>
          digest.length > 1 ? { code: "BadConsensus", message: "no seal" } : undefined,
        weightOf: () => 0,
      },
    });
    const good = buildToy(chain, chain.genesisHash, [put(1, "a")]);
    const { header } = good;
    const cases: [Partial<Block["header"]>, string, RegExp][] = [
      [{ parentHash: new Uint8Array(32).fill(7) }, "UnknownParent", /0x0707.* is not known/],
      [{ number: 2 }, "BadConsensus", /number is 2, its parent's child has 1/],
      [{ digest: [...header.digest, ...header.digest] }, "BadConsensus", /no seal/],
      [{ stateRoot: new Uint8Array(32) }, "BadExecution", /the state root differs/],
    ];
    for (const [change, code, message] of cases) {
      const block = { ...good, header: { ...header, ...change } };
      const result = await chain.import(block, "network");
      expect(result).toMatchObject({ type: "refused", code, message: expect.stringMatching(message) });
      expect(chain.header(hashOf(block))).toBeUndefined();
      expect(chain.stateAt(hashOf(block))).toEqual({ type: "unknown" });
    }
    expect(chain.best.number).toBe(0);
    expect(chain.hashesAt(1)).toEqual([]);
    expect((await chain.import(good, "network")).type).toBe("imported");
  });

  test("a listener that throws stops neither the others nor the chain", async () => {
    const chain = await open();
    const seen: number[] = [];
    chain.events.on("best", () => {
      throw new Error("broken subscriber");
    });
    chain.events.on("best", ({ number }) => seen.push(number));
    const first = await extend(chain, chain.genesisHash, 1, "a");
    await extend(chain, first, 1, "b");
    expect(seen).toEqual([1, 2]);
  });

  test("an author's own changes are taken without execution, if the header agrees with them", async () => {
    let executions = 0;
    const chain = await open({
      execute: () => {
        executions++;
      },
    });
    const block = buildToy(chain, chain.genesisHash, [put(1, "a")]);
    const changes = new Map([["\u0001", Buffer.from("a")]]);
    expect((await chain.import(block, "own", { changes })).type).toBe("imported");
    expect(executions).toBe(0);
    expect(contentOf(chain, chain.best.hash)).toEqual({ 0: "genesis", 1: "a" });
    const wrong = buildToy(chain, chain.best.hash, [put(1, "b")]);
    await expect(chain.import(wrong, "own", { changes })).rejects.toThrow("state root");
  });
});

describe("branches", () => {
  test("the longer branch becomes the best, and the route leads there", async () => {
    const chain = await open();
    const routes: unknown[] = [];
    chain.events.on("best", ({ route }) =>
      routes.push([names(route.retracted), route.common.hash, names(route.enacted)]),
    );
    const root = await extend(chain, chain.genesisHash, 1, "root");
    const left = await extend(chain, root, 2, "left");
    const right = await extend(chain, root, 2, "right");
    expect(chain.best.hash).toBe(left);
    expect(chain.hashesAt(2)).toEqual([left, right]);
    const top = await extend(chain, right, 3, "top");
    expect(routes.slice(2)).toEqual([[[left], root, [right, top]]]);
    expect([1, 2, 3, 4].map((n) => chain.hashAt(n))).toEqual([root, right, top, undefined]);
    expect(names(chain.leaves())).toEqual([top, left]);
    expect(contentOf(chain, left)).toEqual({ 0: "genesis", 1: "root", 2: "left" });
    expect(contentOf(chain, top)).toEqual({ 0: "genesis", 1: "root", 2: "right", 3: "top" });
  });

  test("finality gives up other branches, even the best, and can not be undone", async () => {
    const chain = await open();
    const root = await extend(chain, chain.genesisHash, 1, "root");
    const left = await extend(chain, root, 2, "left");
    const leftTop = await extend(chain, left, 3, "top");
    const right = await extend(chain, root, 2, "right");
    const events: unknown[] = [];
    chain.events.on("best", ({ hash, route }) => events.push(["best", hash, names(route.retracted)]));
    chain.events.on("finalized", ({ hash, enacted, stale }) => {
      events.push(["finalized", hash, names(enacted), names(stale)]);
    });
    expect(await chain.finalize(right, ["FRNK", Uint8Array.of(1)])).toBeUndefined();
    expect(events).toEqual([
      ["best", right, [leftTop, left]],
      ["finalized", right, [root, right], [left, leftTop]],
    ]);
    expect(chain.justifications(right)).toEqual([["FRNK", Uint8Array.of(1)]]);
    expect(chain.hashAt(3)).toBeUndefined();
    // Their blocks can still be looked at, their states are gone.
    expect(chain.body(left)).toEqual([put(2, "left")]);
    expect(contentOf(chain, left)).toBe("discarded");
    expect(await chain.finalize(left)).toMatchObject({ code: "NotOnFinalizedChain" });
    expect(await chain.finalize("0x00")).toMatchObject({ code: "UnknownBlock" });
    const child = { ...buildToy(chain, right, []), extrinsics: [] };
    const onStale = { ...child, header: { ...child.header, parentHash: Buffer.from(left.slice(2), "hex") } };
    expect((await chain.import(onStale, "network")).type).toBe("refused");
  });

  test("a pinned state can be read when its branch is given up, but not built on", async () => {
    const chain = await open();
    const left = await extend(chain, chain.genesisHash, 1, "left");
    const right = await extend(chain, chain.genesisHash, 1, "right");
    const child = buildToy(chain, right, [put(2, "child")]);
    const unpin = chain.pin(right)!;
    await chain.finalize(left);
    expect(contentOf(chain, right)).toEqual({ 0: "genesis", 1: "right" });
    expect(await chain.import(child, "network")).toMatchObject({ code: "NotOnFinalizedChain" });
    unpin();
    await chain.finalize(await extend(chain, left, 2, "next"));
    expect(contentOf(chain, right)).toBe("discarded");
    expect(chain.pin(right)).toBeUndefined();
  });

  test("a rule makes blocks final while they are imported", async () => {
    const finality: FinalityRule = (best) => bytesToHash(best.parentHash);
    const chain = await open({ finality });
    let head = chain.genesisHash;
    for (let n = 1; n <= 300; n++) head = await extend(chain, head, n % 7, `${n}`);
    expect(chain.finalized.number).toBe(299);
    expect(contentOf(chain, chain.hashAt(296)!)).toHaveProperty("2", "296");
    expect(contentOf(chain, chain.hashAt(200)!)).toBe("discarded");
    expect(chain.body(chain.hashAt(200)!)).toEqual([put(200 % 7, "200")]);
  });

  test("blocks of abandoned branches go after a while", async () => {
    const finality: FinalityRule = (best) => bytesToHash(best.parentHash);
    const chain = await open({ finality });
    const first = await extend(chain, chain.genesisHash, 1, "first");
    const stale = await extend(chain, chain.genesisHash, 1, "stale");
    let head = first;
    for (let n = 2; n <= 258; n++) head = await extend(chain, head, 2, `${n}`);
    expect(chain.header(stale)).toBeUndefined();
    expect(chain.hashesAt(1)).toEqual([first]);
  });
});

describe("restart", () => {
  test("another genesis is refused, the same one goes on", async () => {
    const chain = await open();
    const head = await extend(chain, chain.genesisHash, 1, "a");
    await database.close();
    database = await Database.open(join(path, "db"));
    const states = await StateDb.open(database, { pruning: 4 });
    const parts = toyParts({ database, states, finality: finalityOnRequest });
    const other = new Map([["\u0000", Buffer.from("other")]]);
    await expect(Chain.open(other, parts)).rejects.toMatchObject({ code: "Foreign" });
    const again = await Chain.open(toyGenesis, parts);
    expect(again.best.hash).toBe(head);
  });

  test("revert takes back what is not final, and the chain goes on from there", async () => {
    const chain = await open();
    const root = await extend(chain, chain.genesisHash, 1, "root");
    await chain.finalize(root);
    const second = await extend(chain, root, 2, "second");
    const third = await extend(chain, second, 3, "third");
    const fork = await extend(chain, second, 3, "fork");
    expect(await chain.revert(1)).toBe(1);
    expect(chain.best.hash).toBe(second);
    expect(chain.header(third)).toBeUndefined();
    expect(chain.header(fork)).toBeDefined();
    expect(await chain.revert(10)).toBe(1);
    expect(chain.best.hash).toBe(root);
    expect(chain.header(fork)).toBeUndefined();
    expect(await chain.revert(10)).toBe(0);
    expect(await extend(chain, root, 2, "second")).toBe(second);
    expect(contentOf(chain, second)).toEqual({ 0: "genesis", 1: "root", 2: "second" });
  });

  test("a stored block can be checked again", async () => {
    const chain = await open();
    const good = await extend(chain, chain.genesisHash, 1, "a");
    expect(await chain.check(good)).toBeUndefined();
    expect(await chain.check(chain.genesisHash)).toBeUndefined();
    expect(await chain.check("0x00")).toMatchObject({ code: "UnknownBlock" });
  });
});

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("extend" as const), at: fc.nat(), key: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("finalize" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("revert" as const), count: fc.nat(4) }) },
);

interface ModelBlock {
  readonly parent: Hash | undefined;
  readonly number: number;
  readonly content: Record<string, string>;
}

test("whatever happens, every state that is not given up is what its blocks made it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      path = mkdtempSync(join(tmpdir(), "chain-"));
      let chain = await open({}, "archive");
      const blocks = new Map<Hash, ModelBlock>();
      blocks.set(chain.genesisHash, { parent: undefined, number: 0, content: { 0: "genesis" } });
      let [best, finalized] = [chain.genesisHash, chain.genesisHash];
      const line = (hash: Hash): Hash[] => {
        const { parent } = blocks.get(hash)!;
        return parent ? [hash, ...line(parent)] : [hash];
      };
      const isAlive = (hash: Hash) => line(hash).includes(finalized);
      const heightOf = (hash: Hash) => blocks.get(hash)!.number;
      let serial = 0;
      for (const one of steps) {
        const alive = [...blocks.keys()].filter(isAlive);
        if (one.type === "extend") {
          const parent = alive[one.at % alive.length]!;
          const value = `${++serial}`;
          const hash = await extend(chain, parent, one.key, value, serial);
          const content = { ...blocks.get(parent)!.content, [one.key]: value };
          blocks.set(hash, { parent, number: heightOf(parent) + 1, content });
          if (heightOf(hash) > heightOf(best)) best = hash;
        } else if (one.type === "finalize") {
          const hash = alive[one.at % alive.length]!;
          expect(await chain.finalize(hash)).toBeUndefined();
          finalized = hash;
          if (!line(best).includes(hash)) {
            const leaves = alive.filter(
              (leaf) => ![...blocks.values()].some(({ parent }) => parent === leaf),
            );
            best = leaves
              .filter((leaf) => line(leaf).includes(hash))
              .reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a));
          }
        } else if (one.type === "revert") {
          const open = line(best).slice(0, line(best).indexOf(finalized));
          const gone = open.slice(0, one.count);
          expect(await chain.revert(one.count)).toBe(gone.length);
          best = line(best)[gone.length]!;
          const cut = [...blocks.keys()].filter((hash) => gone.some((top) => line(hash).includes(top)));
          for (const hash of cut) blocks.delete(hash);
        } else {
          await chain.close();
          await database.close();
          chain = await open({}, "archive");
        }
        expect(chain.best.hash).toBe(best);
        expect(chain.finalized.hash).toBe(finalized);
        const canonical = line(best).reverse();
        expect(canonical.map((_, number) => chain.hashAt(number))).toEqual(canonical);
        expect(chain.hashAt(canonical.length)).toBeUndefined();
        for (const [hash, { content }] of blocks) {
          const isKept = isAlive(hash) || line(finalized).includes(hash);
          expect(contentOf(chain, hash)).toEqual(isKept ? content : "discarded");
        }
      }
      await database.close();
      rmSync(path, { recursive: true, force: true });
    }),
    { numRuns: 40 },
  );
});

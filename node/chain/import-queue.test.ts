import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../db/database.ts";
import { StateDb } from "../state/state-db.ts";
import { Chain } from "./chain.ts";
import { ImportQueue } from "./import-queue.ts";
import { finalityOnRequest } from "./rules.ts";
import { buildToy, hashOf, put, toyGenesis, toyParts } from "./testing/toy-runtime.ts";
import type { Block } from "./types.ts";

let folder: string;
const open: Database[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "queue-"));
});
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function newChain(): Promise<Chain> {
  const database = await Database.open(join(folder, `${Math.random()}`));
  open.push(database);
  const states = await StateDb.open(database, { pruning: "archive" });
  return Chain.open(toyGenesis, toyParts({ database, states, finality: finalityOnRequest }));
}

/** Blocks of another chain, each on the one that `parents` names (0 is genesis, n the n-th block). */
async function tree(parents: readonly number[]): Promise<Block[]> {
  const chain = await newChain();
  const hashes = [chain.genesisHash];
  const blocks: Block[] = [];
  for (const [i, parent] of parents.entries()) {
    const block = buildToy(chain, hashes[parent % hashes.length]!, [put(1, `${i}`)], i);
    await chain.import(block, "network");
    hashes.push(hashOf(block));
    blocks.push(block);
  }
  return blocks;
}

test("blocks in any order are all imported, each once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
      async (parents, order) => {
        const blocks = await tree(parents);
        const chain = await newChain();
        let imported = 0;
        chain.events.on("imported", () => imported++);
        const queue = new ImportQueue(chain);
        const mixed = blocks.map((block, i) => ({ block, at: order[i]! })).sort((a, b) => a.at - b.at);
        const results = await Promise.all(
          [...mixed, ...mixed].map(({ block }) => queue.push(block, "network")),
        );
        expect(new Set(results.map(({ type }) => type))).toEqual(new Set(["imported"]));
        expect(imported).toBe(blocks.length);
        expect(queue.waiting).toBe(0);
        for (const block of blocks) expect(chain.header(hashOf(block))).toBeDefined();
      },
    ),
    { numRuns: 25 },
  );
});

test("orphans are bounded: who waited longest is given up, with its children", async () => {
  const blocks = await tree([0, 1, 2, 3, 4, 5]);
  const chain = await newChain();
  const queue = new ImportQueue(chain, { blocks: 3, bytes: 1e6 });
  const [first, ...rest] = blocks;
  const waiting = rest.map((block) => queue.push(block, "network"));
  // Three fit, and the second and third of them wait for the oldest.
  expect(await Promise.all(waiting.slice(3))).toMatchObject([{ code: "QueueFull" }, { code: "QueueFull" }]);
  await expect.poll(() => queue.waiting).toBe(3);
  expect((await queue.push(first!, "network")).type).toBe("imported");
  expect(await Promise.all(waiting.slice(0, 3))).toMatchObject(
    [2, 3, 4].map(() => ({ code: "UnknownParent", message: "its parent did not come" })),
  );
  expect(queue.waiting).toBe(0);
  expect((await queue.push(rest[0]!, "network")).type).toBe("imported");
});

test("bytes are bounded too", async () => {
  const chain = await newChain();
  const block = buildToy(chain, chain.genesisHash, [put(1, "x".repeat(60))]);
  const queue = new ImportQueue(chain, { blocks: 10, bytes: 100 });
  expect(await queue.push(block, "network")).toMatchObject({ code: "QueueFull" });
});

test("children of a refused block do not wait for it", async () => {
  const [first, second, third] = (await tree([0, 1, 2])) as [Block, Block, Block];
  const chain = await newChain();
  const queue = new ImportQueue(chain);
  const bad: Block = { ...first, header: { ...first.header, stateRoot: new Uint8Array(32) } };
  const child: Block = {
    ...second,
    header: { ...second.header, parentHash: Buffer.from(hashOf(bad).slice(2), "hex") },
  };
  const waiting = queue.push(child, "network");
  const other = queue.push(third, "network");
  expect(await queue.push(bad, "network")).toMatchObject({ code: "BadExecution" });
  expect(await waiting).toMatchObject({ message: expect.stringContaining("its parent was refused") });
  expect(queue.waiting).toBe(1);
  queue.close();
  expect(await other).toMatchObject({ message: "the queue is closed" });
  expect(chain.events.listenerCount("imported")).toBe(0);
});

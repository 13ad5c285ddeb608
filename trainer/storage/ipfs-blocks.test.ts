import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { rawCid } from "./ipfs-address.ts";
import { BoundedBlocks, TwoBlockstores } from "./ipfs-blocks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-blocks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const block = (seed: number) => new Uint8Array(1_000).fill(seed);
const nameOf = (seed: number) => rawCid(blake2b256(block(seed)));
const put = (blocks: { put: BoundedBlocks["put"] }, seed: number) => blocks.put(nameOf(seed), block(seed));
const held = async (blocks: { has: BoundedBlocks["has"] }, seeds: readonly number[]) => {
  const found = await Promise.all(seeds.map((seed) => blocks.has(nameOf(seed))));
  return seeds.filter((_, i) => found[i]);
};
async function read(blocks: { get: BoundedBlocks["get"] }, seed: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of blocks.get(nameOf(seed))) parts.push(part);
  return Buffer.concat(parts);
}
const bytesOn = (at: string): number =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

test("the least recently used blocks go when there are too many, also from the disk", async () => {
  const blocks = await BoundedBlocks.open(folder, 3_100);
  for (const seed of [1, 2, 3]) await put(blocks, seed);
  expect(await read(blocks, 1)).toEqual(Buffer.from(block(1)));
  await put(blocks, 4);
  await blocks.close();
  expect(await held(blocks, [1, 2, 3, 4])).toEqual([1, 3, 4]);
  expect([blocks.bytes, bytesOn(folder)]).toEqual([3_000, 3_000]);
});

test("what an earlier node left counts, the oldest first, and a smaller bound is kept to at once", async () => {
  const before = await BoundedBlocks.open(folder, 10_000);
  for (const seed of [1, 2, 3]) await put(before, seed);
  await before.close();
  const after = await BoundedBlocks.open(folder, 2_100);
  await after.close();
  expect(bytesOn(folder)).toBe(2_000);
  expect(await held(after, [1, 2, 3])).toHaveLength(2);
});

test("a block that was dropped can come again, and one that is deleted is gone", async () => {
  const blocks = await BoundedBlocks.open(folder, 1_100);
  for (const seed of [1, 2, 1]) await put(blocks, seed);
  expect(await read(blocks, 1)).toEqual(Buffer.from(block(1)));
  await blocks.delete(nameOf(1));
  await blocks.close();
  expect([blocks.bytes, bytesOn(folder)]).toEqual([0, 0]);
});

test("what is fetched never drives out what is stored here", async () => {
  const own = await BoundedBlocks.open(join(folder, "own"), 5_000);
  const fetched = await BoundedBlocks.open(join(folder, "fetched"), 2_100);
  const both = new TwoBlockstores(own, fetched);
  await put(own, 1);
  for (const seed of [1, 2, 3, 4, 5]) await put(both, seed);
  await both.delete(nameOf(1));
  await fetched.close();
  expect(await held(both, [1, 2, 3, 4, 5])).toEqual([1, 4, 5]);
  expect([bytesOn(join(folder, "own")), bytesOn(join(folder, "fetched"))]).toEqual([1_000, 2_000]);
  expect(() => both.getAll()).toThrow("cannot be listed");
});

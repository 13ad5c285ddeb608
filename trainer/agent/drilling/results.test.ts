import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { resultHash } from "../../drilling/result.ts";
import { openStore, type Store } from "../../storage/store.ts";
import type { Agent } from "../agent-context.ts";
import { Results } from "./results.ts";

const { signal } = new AbortController();
let folder: string;
let store: Store;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-results-"));
  store = openStore({ files: { root: join(folder, "storage") } });
  vi.clearAllMocks();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function resultsOf(results: { readonly results?: string } = { results: "file:mine" }): Results {
  const options = { folder, packages: "file:packages", ...results, signer: { address: "5Trainer" } };
  return new Results({ store, log, chainId: "abcd", options } as unknown as Agent);
}

const bytes = (mark: number) => new Uint8Array(100).fill(mark);
const hashOf = (mark: number) => toHex(resultHash(bytes(mark)));
const nameOf = (mark: number) => `${hashOf(mark).slice(2)}.safetensors`;
const stored = (place = "mine") =>
  readdirSync(join(folder, "storage", place)).filter((name) => name.endsWith(".safetensors"));

test("a result lies on the disk alone until it is stored, under its hash", async () => {
  const results = resultsOf();
  expect(await results.has(1, hashOf(7))).toBe(false);
  await results.keep(1, hashOf(7), bytes(7));
  expect([await results.has(1, hashOf(7)), await results.has(2, hashOf(7))]).toEqual([true, false]);
  expect(() => stored()).toThrow();
  await results.store(1, hashOf(7), signal);
  await results.store(1, hashOf(7), signal);
  expect(stored()).toEqual([nameOf(7)]);
  expect([...readFileSync(join(folder, "storage/mine", nameOf(7)))]).toEqual([...bytes(7)]);
  expect(await results.has(1, hashOf(7))).toBe(true);
});

test("results lie where packages are, if nothing else is said; others read them there", async () => {
  const results = resultsOf({});
  expect(await results.readableAt(signal)).toBe("file:packages");
  await results.keep(1, hashOf(7), bytes(7));
  await results.store(1, hashOf(7), signal);
  expect(stored("packages")).toEqual([nameOf(7)]);
});

test("a damaged file is no result, and cannot be stored", async () => {
  const results = resultsOf();
  await results.keep(1, hashOf(7), bytes(7));
  writeFileSync(join(folder, "results/abcd/1/new", nameOf(7)), bytes(8));
  expect(await resultsOf().has(1, hashOf(7))).toBe(false);
  await expect(resultsOf().store(1, hashOf(8), signal)).rejects.toThrow("does not exist");
});

test("what was lost in the storage, or damaged there, is stored again; what is secret is not shown", async () => {
  const results = resultsOf();
  for (const mark of [1, 2, 3, 4, 5]) await results.keep(1, hashOf(mark), bytes(mark));
  for (const mark of [1, 2, 3]) await results.store(1, hashOf(mark), signal);
  rmSync(join(folder, "storage/mine", nameOf(1)));
  writeFileSync(join(folder, "storage/mine", nameOf(2)), bytes(9));
  await results.check(new Set([hashOf(5)]), signal);
  expect(stored().sort()).toEqual([1, 2, 3, 4].map(nameOf).sort());
  expect([...readFileSync(join(folder, "storage/mine", nameOf(2)))]).toEqual([...bytes(2)]);
  expect(log.warn).toHaveBeenCalledTimes(2);
});

test("results of tasks that are over leave the disk, not the storage", async () => {
  const results = resultsOf();
  for (const task of [1, 2]) {
    await results.keep(task, hashOf(task), bytes(task));
    await results.store(task, hashOf(task), signal);
  }
  await results.keepOnly(new Set([2]));
  expect([await results.has(1, hashOf(1)), await results.has(2, hashOf(2))]).toEqual([false, true]);
  expect(stored().length).toBe(2);
});

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepWithin } from "./fetched-objects.ts";

const now = Date.UTC(2030, 0, 1);
const hour = 3_600_000;
const object = (n: number) => n.toString(16).padStart(64, "0");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-cache-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file of so many bytes that was read so many hours before now, and written a year before. */
function file(name: string, bytes: number, hoursAgo: number): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(bytes));
  utimesSync(path, new Date(now - hoursAgo * hour), new Date(now - 8766 * hour));
  // Folders are as old as what they hold, as after the command that made them.
  if (dirname(path) !== folder) utimesSync(dirname(path), new Date(0), new Date(0));
  return path;
}

test("what was used longest ago goes first, and no more than needs to", async () => {
  const [old, older, recent] = [file(object(1), 40, 5), file(object(2), 40, 9), file(object(3), 40, 2)];
  await keepWithin(folder, 80, now);
  expect([old, older, recent].map((path) => existsSync(path))).toEqual([true, false, true]);
  await keepWithin(folder, 80, now);
  expect(existsSync(old)).toBe(true);
});

test("tasks and packages go as a whole, with the time of their last used file", async () => {
  const task = [
    file(`tasks/${"ab".repeat(8)}-7/model.onnx`, 50, 30),
    file(`tasks/${"ab".repeat(8)}-7/inputs.json`, 1, 3),
  ];
  const packaged = [file("continued-4/proof.json", 10, 20), file("continued-4/model.onnx", 40, 10)];
  await keepWithin(folder, 60, now);
  expect(task.map((path) => existsSync(path))).toEqual([true, true]);
  expect(packaged.map((path) => existsSync(path))).toEqual([false, false]);
});

test("what another command is at stays, however much it is", async () => {
  const busy = file(`${object(1)}.unverified.partial`, 500, 0.5);
  const left = file(`${object(2)}.0011223344556677.partial`, 500, 2);
  await keepWithin(folder, 0, now);
  expect(existsSync(busy)).toBe(true);
  expect(existsSync(left)).toBe(false);
});

test("what has no name of ours is nobody's to remove, the embedded IPFS node's blocks among it", async () => {
  const others = [
    file("thesis.doc", 99, 9999),
    file("ipfs/kept/block.data", 99, 9999),
    file("continued-soon/model.onnx", 99, 9999),
    file("tasks/notes.txt", 99, 9999),
    file(`${object(1)}.backup`, 99, 9999),
  ];
  await keepWithin(folder, 0, now);
  expect(others.map((path) => existsSync(path))).toEqual(others.map(() => true));
});

test("nothing is there to remove where no command has fetched anything", async () => {
  await expect(keepWithin(join(folder, "none"), 0, now)).resolves.toBeUndefined();
});

test("whatever lies there: the bound holds, and what stays was used later than what went", async () => {
  const objects = fc.uniqueArray(
    fc.record({ id: fc.nat(1000), bytes: fc.nat(300), hours: fc.integer({ min: 2, max: 8_000 }) }),
    { maxLength: 12, selector: ({ id }) => id },
  );
  await fc.assert(
    fc.asyncProperty(objects, fc.nat(2000), async (all, most) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      const paths = all.map(({ id, bytes, hours }) => ({ hours, path: file(object(id), bytes, hours) }));
      await keepWithin(folder, most, now);
      const [kept, gone] = [true, false].map((there) =>
        paths.filter(({ path }) => existsSync(path) === there),
      );
      expect(kept!.reduce((sum, { path }) => sum + statSync(path).size, 0)).toBeLessThanOrEqual(most);
      expect(Math.max(0, ...kept!.map(({ hours }) => hours))).toBeLessThanOrEqual(
        Math.min(Number.POSITIVE_INFINITY, ...gone!.map(({ hours }) => hours)),
      );
    }),
    { numRuns: 30 },
  );
});

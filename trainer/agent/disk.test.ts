import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { diskObjection, folderBytes } from "./disk.ts";

const mib = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), "matrixai-disk-"));
const folderOf = (order: number) => join(folder, "orders", String(order));
afterAll(() => rmSync(folder, { recursive: true }));

const order = (disk: number) => ({ spec: { disk } }) as never;

test("an order fits where all that may be filled, and what is filled, stays below the bound", async () => {
  mkdirSync(folderOf(7), { recursive: true });
  writeFileSync(join(folderOf(7), "data"), new Uint8Array(3 * mib));
  writeFileSync(join(folder, "journal"), new Uint8Array(2 * mib));
  expect(await folderBytes(folder)).toBe(5 * mib);
  const space = { folder, most: 20 * mib, folderOf };
  // 5 MiB are filled, and order 7 may fill 7 more: 8 are left.
  const ours = new Map([[7, order(10)]]);
  expect(await diskObjection(space, 8, ours)).toBeUndefined();
  expect(await diskObjection(space, 9, ours)).toBe(
    "it needs 9 MiB; of the 20 MiB that may be filled, 5 MiB are and 7 MiB are promised to others",
  );
  // Whoever has filled more than it said promises nothing more.
  expect(await diskObjection(space, 15, new Map([[7, order(1)]]))).toBeUndefined();
  expect(await diskObjection({ folder, folderOf }, 9, ours)).toBeUndefined();
});

test("without a bound the disk itself is one", async () => {
  expect(await diskObjection({ folder, folderOf }, 2 ** 40, new Map())).toMatch(
    /^it needs 1099511627776 MiB; .* of disk are needed, and \d+ MiB are free$/,
  );
});

test("a folder that is not there takes no room", async () => {
  expect(await folderBytes(join(folder, "nowhere"))).toBe(0);
});

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrillingError } from "../../drilling/drilling-error.ts";
import { DeviceError } from "../../engine/device/errors.ts";
import { StorageError } from "../../storage/error.ts";
import type { Agent } from "../agent-context.ts";
import { Journal } from "../journal.ts";
import { flawOf } from "./flaw.ts";
import { TaskBook } from "./task-book.ts";

let folder: string;
let journal: Journal;
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-book-"));
  journal = await Journal.open(join(folder, "journal"));
  vi.clearAllMocks();
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const bookOf = (chainId = "abcd"): TaskBook =>
  new TaskBook({ journal, log, chainId, options: { folder } } as unknown as Agent);
const gone = new StorageError("NotFound", "file:x does not exist");

test("whose fault a failure is, and whether it may pass", () => {
  const passing = (error: unknown) => flawOf(error)?.mayPass;
  expect(passing(new DrillingError("BadModel", "no"))).toBe(false);
  for (const code of ["HashMismatch", "BadAddress", "TooLarge", "BadSeal"] as const)
    expect(passing(new StorageError(code, "no"))).toBe(false);
  for (const code of ["Interrupted", "NotFound", "Forbidden"] as const)
    expect(passing(new StorageError(code, "no"))).toBe(true);
  for (const code of ["Refused", "Failed", "TimedOut", "OutOfMemory"] as const)
    expect(passing(new DeviceError(code, "no"))).toBe(true);
  // This machine's own.
  for (const error of [
    new StorageError("DiskFull", "no"),
    new DeviceError("Killed", "no"),
    new DeviceError("Unavailable", "no"),
    new Error("no"),
  ])
    expect(flawOf(error)).toBeUndefined();
  expect(flawOf(gone)?.reason).toBe("NotFound: file:x does not exist");
});

test("a task is refused at once where nobody can do it, and after four tries at one unit where it may pass", async () => {
  const book = bookOf();
  await book.failed(1, new DrillingError("BadFiles", "the root is another"));
  for (let times = 0; times < 3; times++) for (const unit of [4, 5]) await book.failed(2, gone, unit);
  expect([...book.refused]).toEqual([[1, "BadFiles: the root is another"]]);
  book.succeeded(2, 5);
  await book.failed(2, gone, 5);
  expect(book.refused.has(2)).toBe(false);
  await book.failed(2, gone, 4);
  expect(book.refused.get(2)).toMatch(/^NotFound/);
  await book.failed(2, gone, 4);
  expect(log.warn).toHaveBeenCalledTimes(2);
});

test("what is wrong with this machine refuses nothing", async () => {
  const book = bookOf();
  for (let times = 0; times < 9; times++) await book.failed(1, new StorageError("DiskFull", "no"), 0);
  expect(book.refused.size).toBe(0);
});

test("no task is begun where the agent may fill no more; one that has begun goes on", async () => {
  writeFileSync(join(folder, "filled"), Buffer.alloc(3 * 2 ** 20));
  const files = { model: { hash: new Uint8Array(32), uri: new Uint8Array() } };
  const chain = { read: async () => ({ units: 1, ...files }) };
  const asked = vi.fn().mockRejectedValue(gone);
  const bookWith = (mib: number) => {
    const options = { folder, maxDiskBytes: mib * 2 ** 20 };
    const parts = { journal, log, chainId: "abcd", options, chain, store: { get: asked } };
    return new TaskBook(parts as unknown as Agent);
  };
  const { signal } = new AbortController();
  await expect(bookWith(3).open(7, signal)).rejects.toMatchObject({
    code: "DiskFull",
    message: expect.stringMatching(/^no room for task 7: of 3 MiB that may be filled 3 are$/),
  });
  expect(asked).not.toHaveBeenCalled();
  await expect(bookWith(4).open(7, signal)).rejects.toBe(gone);
  mkdirSync(join(folder, "tasks/abcd/7"), { recursive: true });
  await expect(bookWith(3).open(7, signal)).rejects.toBe(gone);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("refusals outlast the agent, until their tasks end; those of another chain are not ours", async () => {
  for (const task of [1, 2]) await bookOf().failed(task, new DrillingError("BadRule", "no"));
  const next = bookOf();
  await next.read();
  expect([...next.refused.keys()]).toEqual([1, 2]);
  mkdirSync(join(folder, "tasks/abcd/1"), { recursive: true });
  mkdirSync(join(folder, "tasks/abcd/2"), { recursive: true });
  await next.keepOnly(new Set([2]));
  expect([existsSync(join(folder, "tasks/abcd/1")), existsSync(join(folder, "tasks/abcd/2"))]).toEqual([
    false,
    true,
  ]);
  const [third, other] = [bookOf(), bookOf("other")];
  await third.read();
  await other.read();
  expect([[...third.refused.keys()], other.refused.size]).toEqual([[2], 0]);
});

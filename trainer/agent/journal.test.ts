import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Journal } from "./journal.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-journal-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("what was put is there for the next agent, what was forgotten is not", async () => {
  const path = join(folder, "kept");
  const first = await Journal.open(path);
  await first.put("inspection/7/0", { salt: "0x01" });
  await first.put("inspection/8/0", { salt: "0x02" });
  await first.put("order/7/package", "file:x");
  await first.forget("inspection/8/0");
  await first.close();
  const next = await Journal.open(path);
  expect(await next.get("inspection/7/0")).toEqual({ salt: "0x01" });
  expect(await next.get("inspection/8/0")).toBeUndefined();
  expect(await next.keys("inspection/")).toEqual(["inspection/7/0"]);
  await next.close();
});

test("it lies in folders that no other user reads, for what it holds opens what is sealed", async () => {
  const path = join(folder, "agent", "journal");
  await (await Journal.open(path)).close();
  for (const made of [path, join(path, "..")]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

test("a folder has one agent at a time", async () => {
  const path = join(folder, "shared");
  const journal = await Journal.open(path);
  await expect(Journal.open(path)).rejects.toMatchObject({
    code: "Busy",
    message: expect.stringContaining(path),
  });
  await journal.close();
  await (await Journal.open(path)).close();
});

test("what the disk did not take is told, and what comes when there is room again is kept", async () => {
  const path = join(folder, "full");
  const journal = await Journal.open(path);
  await journal.put("order/1/package", "before");
  const limit = (bytes: string) =>
    execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`]);
  limit("4096");
  try {
    const put = journal.put("order/2/package", "x".repeat(10_000));
    await expect(put).rejects.toMatchObject({
      code: "Journal",
      message: expect.stringMatching(`${path} cannot be written: the disk is full`),
    });
  } finally {
    limit("unlimited");
  }
  await journal.put("order/3/package", "after");
  expect(await journal.keys("order/")).toEqual(["order/1/package", "order/3/package"]);
  await journal.close();
  const next = await Journal.open(path);
  expect(await next.get("order/1/package")).toBe("before");
  expect(await next.get("order/3/package")).toBe("after");
  await next.close();
});

test("a folder that may not be made is named", async () => {
  await expect(Journal.open("/sys/kernel/matrixai/journal")).rejects.toMatchObject({
    code: "Journal",
    message: expect.stringContaining("/sys/kernel/matrixai"),
  });
});

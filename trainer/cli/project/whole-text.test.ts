import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { WholeText } from "./whole-text.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("many lines are there as they were added, once the text is whole, and nothing waits for an old one", async () => {
  const warned = vi.fn();
  process.on("warning", warned);
  const lines = Array.from({ length: 5_000 }, (_, i) => `${i} ${"x".repeat(100)}`);
  const text = new WholeText(join(folder, "lines"));
  for (const line of lines) await text.add(line);
  expect(readdirSync(folder)).toEqual(["lines.partial"]);
  await text.end();
  await new Promise(setImmediate);
  process.off("warning", warned);
  expect(readFileSync(join(folder, "lines"), "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(warned).not.toHaveBeenCalled();
  rmSync(join(folder, "lines"));
});

test("one that is dropped leaves nothing", async () => {
  const text = new WholeText(join(folder, "dropped"));
  await text.add("a line");
  await text.drop();
  expect(readdirSync(folder)).toEqual([]);
});

test("what could not be written is told at the end, however much was added meanwhile", async () => {
  const text = new WholeText(join(folder, "none", "lines"));
  for (let i = 0; i < 1_000; i++) await text.add("x".repeat(1_000));
  await expect(text.end()).rejects.toMatchObject({ code: "ENOENT" });
});

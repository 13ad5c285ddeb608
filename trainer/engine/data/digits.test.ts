import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blake2b256 } from "./blake2b.ts";
import { range } from "./dataset.ts";
import { digits, writeDigits } from "./digits.ts";
import { openIdx } from "./idx.ts";

const seed = new Uint8Array(32).fill(1);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("a seed gives the same bytes on every machine", () => {
  const { images, labels } = digits(seed, 200);
  expect(hex(blake2b256(images.data))).toBe(
    "2b780bef4de6216cdd39ab0a03c661f2a0d774e9ad583cd918fca64896995d94",
  );
  expect([...labels.data.subarray(0, 12)]).toEqual([1, 2, 9, 0, 5, 1, 5, 4, 2, 9, 3, 8]);
});

test("an image depends on the seed and its number alone", () => {
  const few = digits(seed, 5);
  expect(digits(seed, 9).images.data.subarray(0, few.images.data.length)).toEqual(few.images.data);
  expect(digits(new Uint8Array(32), 5).images.data).not.toEqual(few.images.data);
});

test("every digit comes up, each image has ink and paper, and no two are alike", () => {
  const { images, labels } = digits(seed, 1000);
  const counts = range(0, 10).map((d) => labels.data.filter((l) => l === d).length);
  expect(Math.min(...counts)).toBeGreaterThan(60);
  const each = range(0, 1000).map((i) => images.data.subarray(i * 784, (i + 1) * 784));
  for (const image of each) {
    const ink = image.filter((v) => v > 128).length;
    expect(ink).toBeGreaterThan(8);
    expect(ink).toBeLessThan(300);
  }
  expect(new Set(each.map(hex)).size).toBe(1000);
});

test("the files read back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-digits-"));
  try {
    const made = digits(seed, 3);
    const paths = await writeDigits(folder, "train", made);
    expect(await (await openIdx(paths.images)).read([0, 1, 2])).toEqual(made.images);
    expect(await (await openIdx(paths.labels)).read([0, 1, 2])).toEqual(made.labels);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

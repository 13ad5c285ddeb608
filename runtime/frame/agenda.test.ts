import { expect, test } from "vitest";
import { bool, u32 } from "../primitives/codec-number.ts";
import { memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import { type Agenda, runDue, schedule, unschedule } from "./agenda.ts";
import { twox64Concat } from "./hasher.ts";
import { schema } from "./schema.ts";
import { doubleMap, value } from "./storage-item.ts";

const { storage } = schema("Agenda", {
  storage: { Entries: doubleMap(twox64Concat(u32), twox64Concat(u32), bool), Since: value(u32) },
});
const agenda: Agenda<number> = { entries: storage.Entries, since: storage.Since };
const fresh = () => ({ storage: new Overlay(memoryBackend()) });
const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);

test("runs what is due, once, and not what was taken off", () => {
  const ctx = fresh();
  for (const [block, key] of [
    [5, 1],
    [5, 2],
    [6, 3],
    [7, 4],
  ] as const)
    schedule(ctx, agenda, block, key);
  unschedule(ctx, agenda, 5, 2);
  const ran: number[] = [];
  for (let block = 1; block <= 8; block++) {
    runDue(ctx, agenda, block, 9, (key) => {
      ran.push(10 * block + key);
    });
  }
  expect(ran).toEqual([51, 63, 74]);
});

test("carries over what is too much for a block, the longest overdue first", () => {
  const ctx = fresh();
  runDue(ctx, agenda, 1, 1, () => undefined);
  const many = Array.from({ length: 10_000 }, (_, key) => key);
  for (const key of many) schedule(ctx, agenda, 2, key);
  schedule(ctx, agenda, 3, 10_000);
  const ran: number[] = [];
  let block = 2;
  for (; ran.length < 10_001; block++) {
    const done = runDue(ctx, agenda, block, 64, (key) => void ran.push(key));
    expect(done).toBeLessThanOrEqual(64);
  }
  expect(block).toBe(2 + Math.ceil(10_001 / 64));
  expect(ran.at(-1)).toBe(10_000);
  expect(sorted(ran)).toEqual([...many, 10_000]);
});

test("runs what a run puts down for later, in its own block", () => {
  const ctx = fresh();
  schedule(ctx, agenda, 1, 7);
  const ran: number[] = [];
  for (let block = 1; block < 10; block++) {
    runDue(ctx, agenda, block, 5, (key) => {
      ran.push(block);
      schedule(ctx, agenda, block + 2, key);
    });
  }
  expect(ran).toEqual([1, 3, 5, 7, 9]);
});

test("begins with the block in which it is first run, however many came before", () => {
  const ctx = fresh();
  schedule(ctx, agenda, 1_000_001, 1);
  expect(runDue(ctx, agenda, 1_000_000, 5, () => undefined)).toBe(0);
  expect(runDue(ctx, agenda, 1_000_001, 5, () => undefined)).toBe(1);
});

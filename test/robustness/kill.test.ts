import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

/** `scripts/kill-test 200` sets more. */
const kills = Number(process.env.KILLS ?? 4);

interface Line {
  readonly opened?: number;
  readonly finalized?: number;
  readonly faults?: readonly string[];
  readonly wrote?: number;
  readonly hash?: string;
  readonly failed?: string;
  readonly message?: string;
}

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kill-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A producer on the test's database, with everything it says; `limit` is the largest file it may write, in KiB. */
function produce(blocks?: number, limit?: number) {
  const program = join(import.meta.dirname, "producer.ts");
  const args = [program, join(folder, "db"), ...(blocks === undefined ? [] : [String(blocks)])];
  const child = limit
    ? spawn("bash", ["-c", `ulimit -f ${limit}; exec "$0" "$@"`, process.execPath, ...args])
    : spawn(process.execPath, args);
  children.push(child);
  const lines: Line[] = [];
  let errors = "";
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(JSON.parse(line) as Line));
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, "close");
  const until = async (isThere: (line: Line) => boolean): Promise<Line> => {
    for (;;) {
      const found = lines.find(isThere);
      if (found) return found;
      const failed = lines.find((line) => line.failed !== undefined);
      if (failed) throw new Error(`the producer failed: ${failed.failed} ${failed.message}`);
      if (child.exitCode !== null) throw new Error(`the producer ended with ${child.exitCode}: ${errors}`);
      await sleep(5);
    }
  };
  return { child, lines, ended, until };
}

test(`every one of ${kills} kill -9 leaves a database that is consistent and goes on`, {
  timeout: 900_000 + kills * 15_000,
}, async () => {
  let written: Line = { wrote: 0 };
  for (let round = 0; round <= kills; round++) {
    const { child, lines, ended, until } = produce();
    const opened = await until((line) => line.opened !== undefined);
    expect(opened.faults).toEqual([]);
    // What was reported as written is still there.
    expect(opened.opened).toBeGreaterThanOrEqual(written.wrote!);
    // A block and its sibling's child may come before the next finality.
    expect(opened.opened! - opened.finalized!).toBeLessThanOrEqual(2);
    await until((line) => line.wrote !== undefined);
    await sleep(Math.random() * 400);
    child.kill("SIGKILL");
    await ended;
    written = lines.findLast((line) => line.wrote !== undefined) ?? written;
  }
});

test("a full disk is said clearly, and with room again the node goes on", async () => {
  const limited = produce(undefined, 1024);
  const [code] = (await limited.ended) as [number];
  expect(limited.lines.at(-1)).toMatchObject({
    failed: "DiskFull",
    message: expect.stringContaining("free some space and start again"),
  });
  expect(code).toBe(1);
  const before = limited.lines.findLast((line) => line.wrote !== undefined);
  expect(before?.wrote).toBeGreaterThan(1);

  const { ended, until, lines } = produce(3);
  const opened = await until((line) => line.opened !== undefined);
  expect(opened.faults).toEqual([]);
  expect(opened.opened).toBeGreaterThanOrEqual(before!.wrote!);
  expect(await ended).toEqual([0, null]);
  expect(lines.at(-1)?.wrote).toBeGreaterThan(opened.opened!);
});

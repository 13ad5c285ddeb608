import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Entry } from "../state/restore.ts";
import type { SignedBlock } from "./block-file.ts";
import { readSnapshot, writeSnapshot } from "./snapshot-file.ts";
import { UsageError } from "./usage-error.ts";

const folder = mkdtempSync(join(tmpdir(), "snapshot-"));
afterAll(() => rmSync(folder, { recursive: true }));

const genesisHash = new Uint8Array(32).fill(9);
const block: SignedBlock = {
  block: {
    header: {
      parentHash: new Uint8Array(32).fill(1),
      number: 77,
      stateRoot: new Uint8Array(32).fill(2),
      extrinsicsRoot: new Uint8Array(32).fill(3),
      digest: [],
    },
    extrinsics: [Uint8Array.of(8, 4, 5)],
  },
  justifications: [["FRNK", Uint8Array.of(1, 2)]],
};
let serial = 0;

async function write(entries: readonly Entry[]): Promise<string> {
  const path = join(folder, `${serial++}.snapshot`);
  await writeSnapshot(path, { genesisHash, block }, entries, () => {});
  return path;
}

async function read(path: string) {
  const { entries, ...rest } = await readSnapshot(path);
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return { ...rest, entries: all };
}

test("holds what was written", async () => {
  const entries = fc.array(fc.tuple(fc.uint8Array({ maxLength: 90 }), fc.uint8Array({ maxLength: 300 })));
  await fc.assert(
    fc.asyncProperty(entries, async (entries) => {
      expect(await read(await write(entries))).toEqual({ genesisHash, block, entries });
    }),
    { numRuns: 30 },
  );
});

test("wherever it is cut, it is refused; whatever is changed, nothing but a refusal is thrown", async () => {
  const path = await write([
    [Uint8Array.of(1), Uint8Array.of(2, 3)],
    [Uint8Array.of(4, 5), new Uint8Array(0)],
  ]);
  const plain = gunzipSync(readFileSync(path));
  for (let length = 0; length < plain.length; length++) {
    writeFileSync(path, gzipSync(plain.subarray(0, length)));
    await expect(read(path)).rejects.toThrow(UsageError);
    const changed = Buffer.from(plain);
    changed[length]! ^= 0x80;
    writeFileSync(path, gzipSync(changed));
    await read(path).catch((error: unknown) => expect(error).toBeInstanceOf(UsageError));
  }
});

test("a file that is something else, or not there, is named", async () => {
  const path = join(folder, "text");
  writeFileSync(path, "hello");
  await expect(read(path)).rejects.toThrow(/text is damaged/);
  writeFileSync(path, gzipSync("hello ".repeat(50)));
  await expect(read(path)).rejects.toThrow(/is not a snapshot/);
  await expect(read(join(folder, "none"))).rejects.toThrow(/none cannot be read/);
});

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { Level } from "level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { columns } from "./columns.ts";
import { Database } from "./database.ts";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "db-")), "data");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

async function fill(rows: number): Promise<void> {
  const database = await Database.open(path);
  const batch = database.batch();
  for (let i = 0; i < rows; i++) batch.put(columns.flat, bytes(`key ${i}`), new Uint8Array(100).fill(i));
  await database.write(batch, { sync: true });
  await database.compact();
  await database.close();
}

describe("database", () => {
  test("columns are apart, and ranges are in byte order", async () => {
    const row = fc.tuple(
      fc.constantFrom(columns.flat, columns.node, columns.journal),
      fc.array(fc.constantFrom(0, 1, 254, 255), { maxLength: 3 }),
      fc.uint8Array({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        fc.array(row, { maxLength: 8 }),
        async (puts, dels) => {
          const database = await Database.open(path);
          const model = new Map<string, Uint8Array>();
          const name = (column: string, key: readonly number[]) => column + String.fromCharCode(...key);
          const batch = database.batch();
          for (const [column, key, value] of puts) {
            batch.put(column, Uint8Array.from(key), value);
            model.set(name(column, key), value);
          }
          for (const [column, key] of dels) {
            batch.delete(column, Uint8Array.from(key));
            model.delete(name(column, key));
          }
          await database.write(batch);
          for (const [column, key] of [...puts, ...dels]) {
            expect(database.get(column, Uint8Array.from(key))).toEqual(model.get(name(column, key)));
            const prefix = key.slice(0, 1);
            const found: string[] = [];
            for await (const [k, v] of database.entries(column, { prefix: Uint8Array.from(prefix) })) {
              found.push(name(column, [...k]));
              expect(v).toEqual(model.get(found.at(-1)!));
            }
            expect(found).toEqual([...model.keys()].filter((k) => k.startsWith(name(column, prefix))).sort());
          }
          const clean = database.batch();
          for (const [column, key] of puts) clean.delete(column, Uint8Array.from(key));
          await database.write(clean);
          await database.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a database that is open elsewhere is named", async () => {
    const first = await Database.open(path);
    await expect(Database.open(path)).rejects.toMatchObject({
      code: "Locked",
      message: expect.stringContaining(path),
    });
    await first.close();
  });

  test("another chain's database is refused", async () => {
    const database = await Database.open(path);
    await database.bindGenesis(new Uint8Array(32).fill(1));
    await database.bindGenesis(new Uint8Array(32).fill(1));
    await expect(database.bindGenesis(new Uint8Array(32).fill(2))).rejects.toMatchObject({
      code: "Foreign",
      message: expect.stringMatching(/genesis 0x0101.*not 0x0202/),
    });
    await database.close();
  });

  test("a folder with somebody else's LevelDB is refused", async () => {
    const level = new Level(path);
    await level.put("hello", "world");
    await level.close();
    await expect(Database.open(path)).rejects.toMatchObject({ code: "Foreign" });
  });

  test("where there must be a database, none is made", async () => {
    await expect(Database.open(path, { mustExist: true })).rejects.toMatchObject({
      message: expect.stringContaining("there is no database"),
    });
  });

  test("a damaged record is named with its table and key", async () => {
    await fill(1);
    const level = new Level<Buffer, Buffer>(path, { keyEncoding: "buffer", valueEncoding: "buffer" });
    const row = Buffer.concat([Buffer.from("f"), bytes("key 0")]);
    const stored = await level.get(row);
    stored![50]! ^= 1;
    await level.put(row, stored!);
    await level.close();
    const database = await Database.open(path);
    const key = Buffer.from("key 0").toString("hex");
    expect(() => database.get(columns.flat, bytes("key 0"))).toThrow(
      new RegExp(`record 0x${key} of table "flat".*purge-chain`),
    );
    await database.close();
  });

  test("a damaged file never gives wrong data", async () => {
    await fill(200);
    const table = readdirSync(path).find((name) => name.endsWith(".ldb"))!;
    const whole = readFileSync(join(path, table));
    for (let at = 5; at < whole.length; at += 397) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      writeFileSync(join(path, table), damaged);
      try {
        const database = await Database.open(path);
        try {
          for (let i = 0; i < 200; i++) {
            const value = database.get(columns.flat, bytes(`key ${i}`));
            // A damaged index may hide a row; the state notices that, because its nodes name their children.
            if (value) expect(value).toEqual(new Uint8Array(100).fill(i));
          }
        } finally {
          await database.close();
        }
      } catch (error) {
        expect(error).toMatchObject({ code: "Corrupt" });
      }
    }
  });

  test("a write beyond what the disk takes says so, and what was written before stays", async () => {
    const script = `
      import { Database } from ${JSON.stringify(join(import.meta.dirname, "database.ts"))};
      const database = await Database.open(${JSON.stringify(path)});
      try {
        for (let i = 0; ; i++) {
          const batch = database.batch();
          for (let j = 0; j < 16; j++) batch.put("f", Uint8Array.of(i, j), crypto.getRandomValues(new Uint8Array(4096)));
          await database.write(batch);
          console.log(i);
        }
      } catch (error) {
        console.log(error.code);
      }`;
    const limited = `ulimit -f 1024; exec "${process.execPath}" --input-type=module-typescript -e "$SCRIPT"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", limited], {
      env: { ...process.env, SCRIPT: script },
    });
    const lines = stdout.trim().split("\n");
    expect(lines.pop()).toBe("DiskFull");
    const database = await Database.open(path);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      for (let j = 0; j < 16; j++)
        expect(database.get("f", Uint8Array.of(Number(line), j))?.length).toBe(4096);
    }
    await database.close();
  });
});

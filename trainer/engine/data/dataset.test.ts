import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { tensor } from "../tensor.ts";
import { memoryColumn } from "./column.ts";
import { type CsvColumnOptions, openCsv } from "./csv.ts";
import { dataRoot, dataset, range, sampleLeaves, shard, shards } from "./dataset.ts";
import { openImageLabels, openImages } from "./images.ts";
import { merkleRoot, verifyMerkle } from "./merkle.ts";
import { encodeNpy } from "./npy.ts";
import { prepared } from "./prepared.ts";
import { openData } from "./source.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-dataset-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(bytes: string | Uint8Array): string {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, bytes);
  return path;
}

const column = (rows: number, width: number) =>
  memoryColumn(
    tensor(
      "uint8",
      [rows, width],
      Uint8Array.from({ length: rows * width }, (_, i) => i),
    ),
  );

describe("csv", () => {
  const options: CsvColumnOptions = { columns: ["x", "y"], dtype: "float32" };

  test("reads any row in any order, with quotes, line breaks, a byte order mark and either line end", async () => {
    for (const [end, last] of [
      ["\n", ""],
      ["\r\n", "\r\n"],
    ] as const) {
      const text = `\ufeffname,x,y${["Zoë,1,-2.5", '"two\nlines, ""quoted""",1e-3,+4', "c,.5,6."].map((l) => end + l).join("")}${last}`;
      const csv = await openCsv(written(text), options);
      expect(csv.rows).toBe(3);
      expect(await csv.read([2, 0, 1])).toEqual(
        tensor("float32", [3, 2], Float32Array.of(0.5, 6, 1, -2.5, 1e-3, 4)),
      );
    }
  });

  test("every table that is written is read back", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", " ") });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, fc.maxSafeInteger()), { minLength: 1, maxLength: 20 }),
        async (rows) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const path = written(`text,n\n${rows.map(([text, n]) => `${quoted(text)},${n}\n`).join("")}`);
          const csv = await openCsv(path, { columns: "n", dtype: "int64" });
          const order = range(0, rows.length).reverse();
          expect((await csv.read(order)).data).toEqual(
            BigInt64Array.from(rows.map(([, n]) => BigInt(n)).reverse()),
          );
          csv.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  test("words become their positions in the list of classes", async () => {
    const csv = await openCsv(written("label\ndog\ncat\n"), {
      columns: "label",
      dtype: "int64",
      classes: ["cat", "dog"],
    });
    expect(await csv.read([0, 1])).toEqual(tensor("int64", [2], BigInt64Array.of(1n, 0n)));
  });

  test.each<[string, string, CsvColumnOptions, string]>([
    ["a word among numbers", "x,y\n1,2\n3,four\n", options, 'row 2, column "y": "four" is no float32'],
    ["an empty cell", "x,y\n1,\n", options, 'row 1, column "y": "" is no float32'],
    ["NaN", "x,y\n1,NaN\n", options, "is no float32"],
    ["too large a number", "x,y\n1,1e39\n", options, "is out of the range of float32"],
    ["a fraction among integers", "n\n1.5\n", { columns: "n", dtype: "int32" }, "is no int32"],
    [
      "an integer too large",
      "n\n2147483648\n",
      { columns: "n", dtype: "int32" },
      "out of the range of int32",
    ],
    [
      "an unknown class",
      "n\nfish\n",
      { columns: "n", dtype: "int64", classes: ["cat"] },
      "is none of the classes cat",
    ],
  ])("refuses %s", async (_, text, wanted, message) => {
    const csv = await openCsv(written(text), wanted);
    await expect(csv.read(range(0, csv.rows))).rejects.toThrow(message);
  });

  test.each<[string, string, string]>([
    ["a missing column", "x,z\n1,2\n", 'has no column "y"; it has "x", "z"'],
    ["a column twice", "x,y,y\n1,2,3\n", 'has two columns "y"'],
    ["a short record", "x,y\n1\n", "Invalid Record Length"],
    ["an open quote", 'x,y\n1,"2\n', "Quote Not Closed"],
    ["an empty file", "", "is empty"],
  ])("refuses %s", async (_, text, message) => {
    await expect(openCsv(written(text), options)).rejects.toThrow(message);
  });
});

describe("images", () => {
  const root = join(folder, "images");
  const pixel = {
    create: { width: 2, height: 3, channels: 3, background: { r: 10, g: 20, b: 30 } },
  } as const;
  for (const name of ["b", "a"]) mkdirSync(join(root, name), { recursive: true });

  test("reads classes and files by the order of their names", async () => {
    await sharp(pixel)
      .png()
      .toFile(join(root, "b", "1.png"));
    await sharp(pixel)
      .negate()
      .png()
      .toFile(join(root, "a", "2.png"));
    await sharp(pixel)
      .greyscale()
      .png()
      .toFile(join(root, "a", "1.png"));
    const labels = openImageLabels(root);
    expect((await labels.read([0, 1, 2])).data).toEqual(BigInt64Array.of(0n, 0n, 1n));
    const colour = await openImages(root, { channels: 3, height: 3, width: 2 }).read([2, 1]);
    expect(colour.dims).toEqual([2, 3, 3, 2]);
    expect([...colour.data].filter((_, i) => i % 6 === 0)).toEqual([10, 20, 30, 245, 235, 225]);
    expect((await openImages(root, { channels: 1, height: 3, width: 2 }).read([0])).dims).toEqual([
      1, 1, 3, 2,
    ]);
  });

  test("refuses another size, a torn file and anything else in the folder", async () => {
    await expect(openImages(root, { channels: 3, height: 2, width: 2 }).read([0])).rejects.toThrow(
      "is 2x3, expected 2x2",
    );
    writeFileSync(join(root, "b", "2.png"), Buffer.from("89504e470d0a1a0a", "hex"));
    await expect(openImages(root, { channels: 3, height: 3, width: 2 }).read([3])).rejects.toThrow(
      "cannot be decoded",
    );
    writeFileSync(join(root, "b", "notes.txt"), "");
    expect(() => openImageLabels(root)).toThrow('holds "notes.txt": expected only images');
  });
});

describe("data sets", () => {
  test("columns of different lengths do not join", () => {
    expect(() => dataset({ x: column(3, 2), y: column(2, 1) })).toThrow("y: has 2 rows, x has 3");
    expect(() => dataset({})).toThrow("has no rows");
  });

  test("shards cover every row once", async () => {
    const whole = dataset({ x: column(10, 1) });
    const parts = shards(whole, 3);
    expect(parts.map((p) => p.rows)).toEqual([3, 3, 4]);
    const read = await Promise.all(
      parts.map(async (p) => [...((await p.read(range(0, p.rows))).x?.data ?? [])]),
    );
    expect(read.flat()).toEqual(range(0, 10));
    expect(() => shard(whole, 4, 11)).toThrow("rows 4 to 11 of 10");
    expect(() => shard(whole, 0, 3).read([3])).toThrow("has no row 3");
  });

  test("the root covers values and types, and proves single samples", async () => {
    const data = dataset({ x: column(5, 2), y: column(5, 1) });
    const { root, proofs } = await dataRoot(data, [4, 1]);
    const leaves = sampleLeaves(data.specs, await data.read(range(0, 5)), 5);
    expect(Buffer.from(leaves[1] as Uint8Array).toString("latin1")).toBe(
      '[["x","uint8",[2]],["y","uint8",[1]]]\n\x02\x03\x01',
    );
    expect(root).toEqual(merkleRoot(leaves));
    for (const proof of proofs)
      expect(verifyMerkle(root, leaves[proof.index] as Uint8Array, proof)).toBe(true);
    const signed = dataset({
      x: memoryColumn(tensor("int8", [5, 2], Int8Array.from(range(0, 10)))),
      y: column(5, 1),
    });
    expect((await dataRoot(signed)).root).not.toEqual(root);
  });

  test("preparing rounds to float32 after each operation", async () => {
    const bytes = memoryColumn(tensor("uint8", [3, 1], Uint8Array.of(0, 33, 255)));
    const ready = prepared(bytes, "x", { dtype: "float32", shape: [1, 1], subtract: 0.1307, divide: 0.3081 });
    const expected = [0, 33, 255]
      .map((v) => Math.fround(v - Math.fround(0.1307)))
      .map((v) => Math.fround(v / Math.fround(0.3081)));
    expect(await ready.read([0, 1, 2])).toEqual(tensor("float32", [3, 1, 1], Float32Array.from(expected)));
    expect(() => prepared(bytes, "x", { shape: [2] })).toThrow(
      "samples of shape [1] cannot take the shape [2]",
    );
    expect(() => prepared(bytes, "x", { dtype: "int64", divide: 2 })).toThrow("need float32");
    const fraction = prepared(memoryColumn(tensor("float32", [1], Float32Array.of(0.5))), "y", {
      dtype: "int64",
    });
    await expect(fraction.read([0])).rejects.toThrow("0.5 is no integer");
  });

  test("a source opens as the model takes it, its root as it is stored", async () => {
    const images = written(encodeNpy(tensor("uint8", [2, 4], Uint8Array.of(0, 255, 0, 255, 51, 0, 0, 0))));
    const labels = written(encodeNpy(tensor("uint8", [2], Uint8Array.of(7, 3))));
    const source = { format: "npy", path: images, targetsPath: labels, divide: 255 } as const;
    const shape = {
      inputs: { name: "image", dtype: "float32", dims: [1, 2, 2] },
      targets: { name: "label", dtype: "int64", dims: [] },
    } as const;
    const { stored, ready } = await openData(source, shape);
    expect(await ready.read([1])).toEqual({
      image: tensor("float32", [1, 1, 2, 2], Float32Array.of(Math.fround(0.2), 0, 0, 0)),
      label: tensor("int64", [1], BigInt64Array.of(3n)),
    });
    expect(stored.specs).toEqual([
      { name: "inputs", dtype: "uint8", dims: [4] },
      { name: "targets", dtype: "uint8", dims: [] },
    ]);
    await expect(openData({ format: "npy", path: images }, shape)).rejects.toThrow("needs a second file");
  });
});

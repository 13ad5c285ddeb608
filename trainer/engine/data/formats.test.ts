import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { type DType, elements, type Tensor, tensor, tensorFromBytes } from "../tensor.ts";
import { DataError, type DataErrorCode } from "./errors.ts";
import { encodeIdx, openIdx } from "./idx.ts";
import { decodeNpy, encodeNpy, openNpy } from "./npy.ts";
import { openNpz } from "./npz.ts";
import { decodeSafetensors, encodeSafetensors, openSafetensors } from "./safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(bytes: Uint8Array): string {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, bytes);
  return path;
}

/** Files in `vectors/` were written by NumPy 2.4. */
const vector = (name: string) => join(import.meta.dirname, "vectors", name);

async function codeOf(run: () => unknown): Promise<DataErrorCode | "none"> {
  try {
    await run();
    return "none";
  } catch (error) {
    if (error instanceof DataError) return error.code;
    throw error;
  }
}

const bytesOf: Record<DType, number> = {
  float32: 4,
  float64: 8,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
  bool: 1,
};
const tensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(bytesOf) as DType[])), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, dims]) => {
    const length = elements(dims) * bytesOf[dtype];
    const byte = fc.nat(dtype === "bool" ? 1 : 255);
    return fc
      .array(byte, { minLength: length, maxLength: length })
      .map((bytes) => tensorFromBytes(dtype, dims, Uint8Array.from(bytes)));
  });

describe("npy", () => {
  test("reads what NumPy wrote", async () => {
    expect(await openNpy(vector("float32-3x2.npy")).read([2, 0])).toEqual(
      tensor("float32", [2, 2], Float32Array.of(1, 1.25, 0, 0.25)),
    );
    expect(await openNpy(vector("int64-scalar-rows.npy")).read([0, 1, 2])).toEqual(
      tensor("int64", [3], BigInt64Array.of(-1n, 2n ** 62n, 3n)),
    );
    expect(await openNpy(vector("big-endian-int32.npy")).read([1])).toEqual(
      tensor("int32", [1, 2], Int32Array.of(3, 70000)),
    );
    expect(await openNpy(vector("uint16.npy")).read([0, 1, 2])).toEqual(
      tensor("int32", [3], Int32Array.of(0, 65535, 256)),
    );
  });

  test("writes NumPy's own bytes", () => {
    const value = tensor("float32", [3, 2], Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25));
    expect(Buffer.from(encodeNpy(value))).toEqual(readFileSync(vector("float32-3x2.npy")));
    const whole = tensor("int64", [3], BigInt64Array.of(-1n, 2n ** 62n, 3n));
    expect(Buffer.from(encodeNpy(whole))).toEqual(readFileSync(vector("int64-scalar-rows.npy")));
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(tensors, (value) => {
        expect(decodeNpy("x", encodeNpy(value))).toEqual(value);
      }),
    );
  });

  const good = encodeNpy(tensor("float32", [2], Float32Array.of(1, 2)));
  const withHeader = (text: string, body = 8) =>
    Buffer.concat([
      good.subarray(0, 8),
      Buffer.from([text.length, 0]),
      Buffer.from(text),
      Buffer.alloc(body),
    ]);
  test.each<[string, Uint8Array, DataErrorCode]>([
    ["a byte too many", Buffer.concat([good, Buffer.of(0)]), "WrongLength"],
    ["a byte too few", good.subarray(0, -1), "WrongLength"],
    ["another magic", Buffer.concat([Buffer.of(0), good.subarray(1)]), "BadHeader"],
    ["an empty file", Buffer.alloc(0), "BadHeader"],
    [
      "a header over the end",
      Buffer.concat([good.subarray(0, 8), Buffer.of(255, 255), Buffer.alloc(40)]),
      "WrongLength",
    ],
    [
      "an overflowing shape",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 2), }\n"),
      "TooLarge",
    ],
    [
      "a negative dimension",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n"),
      "BadHeader",
    ],
    [
      "a key twice",
      withHeader("{'descr': '<f4', 'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n"),
      "BadHeader",
    ],
    [
      "an object array",
      withHeader("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n"),
      "Unsupported",
    ],
    ["Fortran order", readFileSync(vector("fortran.npy")), "Unsupported"],
    ["half precision", readFileSync(vector("half.npy")), "Unsupported"],
  ])("refuses %s", async (_, bytes, code) => {
    expect(await codeOf(() => openNpy(written(bytes)))).toBe(code);
    expect(await codeOf(() => decodeNpy("x", bytes))).toBe(code);
  });

  test("a bool that is neither 0 nor 1 is refused", async () => {
    const bytes = encodeNpy(tensor("bool", [2], Uint8Array.of(0, 2)));
    expect(await codeOf(() => openNpy(written(bytes)).read([0, 1]))).toBe("BadValue");
    expect(await codeOf(() => decodeNpy("x", bytes))).toBe("BadValue");
  });

  test("a row outside, a missing file and a folder are named", async () => {
    expect(await codeOf(() => openNpy(vector("uint16.npy")).read([2, 3]))).toBe("Missing");
    expect(() => openNpy("/nowhere.npy")).toThrow("/nowhere.npy: does not exist");
    expect(await codeOf(() => openNpy(folder))).toBe("Unreadable");
  });
});

describe("npz", () => {
  test.each(["stored.npz", "deflated.npz"])("reads NumPy's %s", async (name) => {
    expect(await openNpz(vector(name), "labels").read([0, 2])).toEqual(
      tensor("int64", [2], BigInt64Array.of(2n, 1n)),
    );
    expect(await openNpz(vector(name), "images").read([1])).toEqual(
      tensor("uint8", [1, 4], Uint8Array.of(4, 5, 6, 7)),
    );
  });

  test("refuses what has two readings", async () => {
    const good = readFileSync(vector("stored.npz"));
    expect(await codeOf(() => openNpz(written(Buffer.concat([good, Buffer.of(0)])), "labels"))).toBe(
      "BadHeader",
    );
    const twice = Buffer.from(
      zipSync(
        { "a.npy": encodeNpy(tensor("uint8", [1], Uint8Array.of(1))), "b.npy": Buffer.of(1) },
        { level: 0 },
      ),
    );
    for (let at = twice.indexOf("b.npy"); at >= 0; at = twice.indexOf("b.npy")) twice.write("a.npy", at);
    expect(await codeOf(() => openNpz(written(twice), "a"))).toBe("BadHeader");
    expect(await codeOf(() => openNpz(vector("stored.npz"), "nothing"))).toBe("Missing");
    expect(await codeOf(() => openNpz(written(good.subarray(0, 100)), "labels"))).toBe("BadHeader");
  });
});

describe("idx", () => {
  const images = tensor(
    "uint8",
    [3, 2, 2],
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );

  test("reads plain and gzipped files", async () => {
    for (const bytes of [encodeIdx(images), gzipSync(encodeIdx(images))]) {
      const column = await openIdx(written(bytes));
      expect(column.rows).toBe(3);
      expect(await column.read([2, 0])).toEqual(
        tensor("uint8", [2, 2, 2], Uint8Array.of(8, 9, 10, 11, 0, 1, 2, 3)),
      );
      column.close();
    }
  });

  test("reads the wider types, which are big-endian", async () => {
    const header = (type: number) => Buffer.from([0, 0, type, 1, 0, 0, 0, 2]);
    const open = (type: number, hex: string) =>
      openIdx(written(Buffer.concat([header(type), Buffer.from(hex, "hex")])));
    expect(await (await open(11, "fffe0102")).read([0, 1])).toEqual(
      tensor("int32", [2], Int32Array.of(-2, 258)),
    );
    expect(await (await open(12, "fffffffe00000102")).read([0, 1])).toEqual(
      tensor("int32", [2], Int32Array.of(-2, 258)),
    );
    expect(await (await open(13, "3f800000bf000000")).read([0, 1])).toEqual(
      tensor("float32", [2], Float32Array.of(1, -0.5)),
    );
    expect(await (await open(14, "3ff0000000000000bfe0000000000000")).read([1])).toEqual(
      tensor("float64", [1], Float64Array.of(-0.5)),
    );
  });

  const good = Buffer.from(encodeIdx(images));
  const changed = (at: number, byte: number) =>
    Buffer.concat([good.subarray(0, at), Buffer.of(byte), good.subarray(at + 1)]);
  test.each<[string, Uint8Array, DataErrorCode]>([
    ["a byte too many", Buffer.concat([good, Buffer.of(0)]), "WrongLength"],
    ["a byte too few", good.subarray(0, -1), "WrongLength"],
    ["a huge dimension", changed(4, 255), "WrongLength"],
    [
      "dimensions that overflow",
      Buffer.concat([Buffer.from([0, 0, 8, 4]), Buffer.alloc(16, 255)]),
      "TooLarge",
    ],
    ["an unknown type", changed(2, 7), "Unsupported"],
    ["no zero bytes", changed(0, 1), "BadHeader"],
    ["no dimension", changed(3, 0), "BadHeader"],
    ["a torn gzip", gzipSync(good).subarray(0, 20), "BadHeader"],
    ["bytes after a gzip", Buffer.concat([gzipSync(good), gzipSync(Buffer.of(1))]), "WrongLength"],
  ])("refuses %s", async (_, bytes, code) => {
    expect(await codeOf(() => openIdx(written(bytes)))).toBe(code);
  });
});

describe("safetensors", () => {
  test("what is written is read back, and equal tensors have equal bytes", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((k) => !k.startsWith("__")),
          tensors,
          { maxKeys: 5 },
        ),
        fc.dictionary(
          fc.string().filter((k) => k !== "__proto__"),
          fc.string(),
          { maxKeys: 3 },
        ),
        (values, metadata) => {
          const bytes = encodeSafetensors(values, metadata);
          const back = decodeSafetensors("x", bytes);
          expect({ ...back.tensors }).toEqual({ ...values });
          expect({ ...back.metadata }).toEqual({ ...metadata });
          expect(encodeSafetensors(Object.fromEntries(Object.entries(values).reverse()), metadata)).toEqual(
            bytes,
          );
        },
      ),
    );
  });

  const file = (header: string, body: number | Uint8Array) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header), typeof body === "number" ? Buffer.alloc(body) : body]);
  };
  const entry = (dtype: string, shape: string, from: number, to: number) =>
    `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${from},${to}]}`;

  test("reads a file written by hand from the format's description", async () => {
    const bytes = file(
      `{"__metadata__":{"a":"b"},"w":${entry("F32", "2,1", 0, 8)}}  `,
      Buffer.from(Float32Array.of(1, -2).buffer),
    );
    expect(decodeSafetensors("x", bytes)).toEqual({
      tensors: Object.assign(Object.create(null), { w: tensor("float32", [2, 1], Float32Array.of(1, -2)) }),
      metadata: { a: "b" },
    });
    const column = openSafetensors(written(bytes), "w");
    expect(await column.read([1])).toEqual(tensor("float32", [1, 1], Float32Array.of(-2)));
    expect(await codeOf(() => openSafetensors(written(bytes), "v"))).toBe("Missing");
  });

  const one = entry("F32", "2", 0, 8);
  test.each<[string, Uint8Array, DataErrorCode]>([
    ["a key twice", file(`{"w":${one},"w":${one}}`, 8), "BadHeader"],
    [
      "a key twice inside",
      file(`{"w":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}`, 8),
      "BadHeader",
    ],
    ["a key twice, once escaped", file(`{"w":${one},"\\u0077":${one}}`, 8), "BadHeader"],
    [
      "an unknown field",
      file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}`, 8),
      "BadHeader",
    ],
    ["a hole", file(`{"w":${entry("F32", "1", 0, 4)},"v":${entry("F32", "1", 8, 12)}}`, 12), "BadHeader"],
    ["an overlap", file(`{"w":${one},"v":${entry("F32", "2", 4, 12)}}`, 12), "BadHeader"],
    ["bytes at the end", file(`{"w":${one}}`, 9), "WrongLength"],
    ["bytes missing", file(`{"w":${one}}`, 7), "WrongLength"],
    ["a length that is not its shape's", file(`{"w":${entry("F32", "3", 0, 8)}}`, 8), "WrongLength"],
    ["an overflowing shape", file(`{"w":${entry("F32", "2,4294967296,4294967296", 0, 8)}}`, 8), "TooLarge"],
    ["a negative dimension", file(`{"w":${entry("F32", "-2", 0, 8)}}`, 8), "BadHeader"],
    ["a fraction", file(`{"w":${entry("F32", "2.5", 0, 8)}}`, 8), "BadHeader"],
    ["an unknown type", file(`{"w":${entry("F16", "4", 0, 8)}}`, 8), "BadHeader"],
    ["no JSON", file("{w}", 8), "BadHeader"],
    ["a list", file("[1,2]", 8), "BadHeader"],
    ["a prototype", file(`{"__proto__":${entry("F32", "0", 0, 0)}}`, 0), "BadHeader"],
    ["bytes that are no UTF-8", Buffer.from("04000000000000007b22ff7d", "hex"), "BadHeader"],
    ["an empty header", file("", 8), "BadHeader"],
    ["a header of 2^60 bytes", Buffer.from("00000000000000107b7d", "hex"), "TooLarge"],
    ["a header over the end", Buffer.from("20000000000000007b7d", "hex"), "WrongLength"],
  ])("refuses %s", async (_, bytes, code) => {
    expect(await codeOf(() => decodeSafetensors("x", bytes))).toBe(code);
    expect(await codeOf(() => openSafetensors(written(bytes), "w"))).toBe(code);
  });
});

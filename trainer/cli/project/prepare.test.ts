import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeUnit } from "../../drilling/unit-file.ts";
import { encodeNpy } from "../../engine/data/npy.ts";
import { encodeSafetensors } from "../../engine/data/safetensors.ts";
import { readModel } from "../../engine/onnx/read.ts";
import { type DType, type Tensor, tensor } from "../../engine/tensor.ts";
import { compose, node } from "../../engine/testing/compose.ts";
import { openTerminal } from "../terminal.ts";
import { unitInputs } from "./input-files.ts";
import { draftOf, writeUnits } from "./prepare.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "matrixai-prepare-"));
});
afterAll(() => rmSync(root, { recursive: true }));

const folder = (name: string): string => {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const modelOf = (dtype: DType, dims: readonly (number | string)[]) =>
  compose({ nodes: [node("Identity", ["x"])], inputs: { x: { dtype, dims } } });
const read = (bytes: Uint8Array) => readModel(bytes, { loops: true });

/** A folder with one-colour images, of which one lies in a folder of its own. */
async function images(name: string, count: number): Promise<string> {
  const path = folder(name);
  for (let i = 0; i < count; i++) {
    const place = i === 1 ? folder(`${name}/inner`) : path;
    const pixels = {
      create: { width: 3, height: 2, channels: 3 as const, background: { r: 10 * i, g: 0, b: 255 } },
    };
    await sharp(pixels)
      .png()
      .toFile(join(place, `${i}.png`));
  }
  return path;
}

describe("images become units", () => {
  test("in the order of their paths, the last unit filled up with its last image", async () => {
    const path = await images("colour", 5);
    const units = unitInputs(path, read(modelOf("uint8", ["n", 3, 2, 3])), { unitSize: 2 });
    expect(units.units).toEqual([["0.png", "2.png"], ["3.png", "4.png"], ["inner/1.png"]]);
    const { x } = await units.read(2);
    expect(x!.dims).toEqual([2, 3, 2, 3]);
    const plane = (value: number) => new Array<number>(6).fill(value);
    const image = [...plane(10), ...plane(0), ...plane(255)];
    expect(Array.from(x!.data as Uint8Array)).toEqual([...image, ...image]);
  });

  test("in floats where the model takes them, as many as it was exported for", async () => {
    const path = await images("floats", 3);
    const units = unitInputs(path, read(modelOf("float32", [3, 3, 2, 3])), { subtract: 5, divide: 10 });
    expect(units.units).toEqual([["0.png", "2.png", "inner/1.png"]]);
    expect((await units.read(0)).x!.data[18]).toBe(1.5);
  });

  test.each<[string, Uint8Array, object, RegExp]>([
    [
      "another form",
      modelOf("uint8", ["n", 6]),
      {},
      /images give \[n, 1 or 3, height, width\], the model's input x is \[n,6\]/,
    ],
    ["open sizes", modelOf("uint8", ["n", 3, "h", "w"]), {}, /is \[n,3,h,w\]/],
    ["another type", modelOf("int64", ["n", 3, 2, 3]), {}, /become uint8 or float32, .* is int64/],
    ["another number of images", modelOf("uint8", [4, 3, 2, 3]), { unitSize: 2 }, /exported for 4 images/],
    ["floats' options", modelOf("uint8", ["n", 3, 2, 3]), { divide: 255 }, /for models that take floats/],
  ])("but not for a model with %s", async (name, model, flags, message) => {
    const path = await images(`not ${name}`, 1);
    expect(() => unitInputs(path, read(model), flags)).toThrow(message);
  });

  test("of another size are named", async () => {
    const path = await images("sizes", 1);
    const units = unitInputs(path, read(modelOf("uint8", ["n", 3, 4, 4])), {});
    await expect(units.read(0)).rejects.toThrow(/0\.png: is 3x2, expected 4x4/);
  });
});

describe("arrays are a unit each", () => {
  const value = tensor("float32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  const model = read(modelOf("float32", ["n", 3]));

  test.each<[string, Uint8Array]>([
    ["a.npy", encodeNpy(value)],
    ["a.npz", zipSync({ "x.npy": encodeNpy(value) })],
    ["a.safetensors", encodeSafetensors({ x: value })],
  ])("%s", async (name, bytes) => {
    const path = folder(`arrays ${name}`);
    writeFileSync(join(path, name), bytes);
    const units = unitInputs(path, model, {});
    expect(units.units).toEqual([[name]]);
    expect(await units.read(0)).toEqual({ x: value });
  });

  test.each<[string, Readonly<Record<string, Uint8Array>>, RegExp]>([
    ["nothing", {}, /has no images, and no \.npy, \.npz, \.safetensors files/],
    [
      "two kinds",
      { "a.npy": encodeNpy(value), "b.png": strToU8("") },
      /images \(b\.png\) and arrays \(a\.npy\)/,
    ],
    [
      "something else",
      { "a.npy": encodeNpy(value), "notes.txt": strToU8("") },
      /holds notes\.txt, which is no image and no array/,
    ],
  ])("but a folder with %s is refused", (name, files, message) => {
    const path = folder(`with ${name}`);
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
    expect(() => unitInputs(path, model, {})).toThrow(message);
  });

  test("and a folder that is not there is named", () => {
    expect(() => unitInputs(join(root, "nowhere"), model, {})).toThrow(
      /nowhere cannot be read as a folder of inputs: ENOENT/,
    );
  });

  test("and their number is no matter of --unit-size", () => {
    const path = folder("sized");
    writeFileSync(join(path, "a.npy"), encodeNpy(value));
    expect(() => unitInputs(path, model, { unitSize: 2 })).toThrow(/every file of arrays is one unit/);
  });
});

describe("a draft", () => {
  const arrays = (name: string, all: readonly Tensor[]): string => {
    const path = folder(name);
    for (const [i, value] of all.entries()) writeFileSync(join(path, `${i}.npy`), encodeNpy(value));
    return path;
  };
  const row = (...list: number[]) => tensor("int64", [list.length], BigInt64Array.from(list, BigInt));
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(root, name), bytes);
    return join(root, name);
  };
  const integers = { type: "Integers" } as const;

  test("is counted, and its units' files hold what the folder has", async () => {
    const path = file("whole.onnx", modelOf("int64", ["n"]));
    const draft = await draftOf(path, arrays("whole", [row(1, 2), row(3, 4)]), integers, {});
    expect([draft.graph.flop, draft.graph.difficulty]).toEqual([0n, 1n]);
    const to = folder("written");
    const { paths, root: merkle } = await writeUnits(
      draft,
      to,
      openTerminal(true),
      new AbortController().signal,
    );
    expect(merkle).toHaveLength(32);
    expect(decodeUnit("1", readFileSync(paths[1]!))).toEqual({ x: row(3, 4) });
  });

  test("of units of different shapes is none", async () => {
    const path = file("shapes.onnx", modelOf("int64", ["n"]));
    const draft = await draftOf(path, arrays("shapes", [row(1, 2), row(3)]), integers, {});
    const writing = writeUnits(draft, folder("shaped"), openTerminal(true), new AbortController().signal);
    await expect(writing).rejects.toThrow(
      /^1\.npy: .*expected int64 \[2\]; all units must have the shapes of the first/,
    );
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["a file that is no model", strToU8("none"), /not an ONNX file/],
    ["another type of input", modelOf("float32", ["n"]), /is float32, the unit's tensor is int64/],
    ["another shape of input", modelOf("int64", ["n", 2]), /is \[n,2\], the unit's tensor is \[1\]/],
    [
      'floats for the rule "integers"',
      compose({
        nodes: [node("Cast", ["x"], ["y"], { to: { type: "int", value: 1 } })],
        inputs: { x: { dtype: "int64", dims: ["n"] } },
      }),
      /"y" is float32 .* "integers" needs integers/,
    ],
  ])("of %s is none", async (name, bytes, message) => {
    const path = file(`${name.replaceAll(/\W/g, "-")}.onnx`, bytes);
    await expect(
      draftOf(path, arrays(`of ${name.replaceAll('"', "")}`, [row(1)]), integers, {}),
    ).rejects.toThrow(message);
  });

  test("of a model that is not there is none", async () => {
    await expect(draftOf(join(root, "lost.onnx"), folder("x"), integers, {})).rejects.toThrow(
      /lost\.onnx cannot be read: it does not exist/,
    );
  });
});

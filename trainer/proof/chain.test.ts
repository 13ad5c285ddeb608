import { expect, test } from "vitest";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { tensor } from "../engine/tensor.ts";
import { fromHex, hashOf, toHex } from "./canonical.ts";
import { linkHash, meanLoss, sampleRoot } from "./chain.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { jobSeed, linkBase } from "./identity.ts";

const bytes = (n: number) => toHex(new Uint8Array(32).fill(n));
const identity = { order: 7, trainer: bytes(1), randomness: bytes(2) };
const h = (...parts: Uint8Array[]) => blake2b256(...parts);
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const number = (n: number) => Uint8Array.of(n, 0, 0, 0, 0, 0, 0, 0);

test("the seed and the base of the links are the hashes that the description says", () => {
  const parts = [number(7), fromHex(bytes(1)), fromHex(bytes(2))];
  expect(jobSeed(identity)).toEqual(h(Buffer.from("pot-init"), ...parts));
  expect(linkBase(identity, bytes(3))).toEqual(h(Buffer.from("pot-link"), ...parts, fromHex(bytes(3))));
});

test("a link is the hash that the description says, written out by hand", () => {
  const samples = Float32Array.of(1, 2, 4);
  const leaf = (b: Uint8Array) => h(Uint8Array.of(0), b);
  const node = (a: Uint8Array, b: Uint8Array) => h(Uint8Array.of(1), a, b);
  const root = (n: number, top: Uint8Array) => h(Uint8Array.of(2), number(n), top);
  const sampleTop = node(node(leaf(floats(1)), leaf(floats(2))), leaf(floats(4)));
  expect(sampleRoot(samples)).toBe(toHex(root(3, sampleTop)));
  const innerTop = node(
    leaf(Buffer.concat([fromHex(bytes(4)), floats(0.5, 0.25)])),
    leaf(Buffer.concat([fromHex(bytes(5)), floats(0.125)])),
  );
  const loss = new Uint8Array(Float64Array.of(7 / 3).buffer);
  const expected = h(
    fromHex(bytes(9)),
    fromHex(bytes(5)),
    root(2, innerTop),
    fromHex(sampleRoot(samples)),
    number(2),
    number(13),
    loss,
  );
  const link = {
    index: 2,
    step: 13,
    checkpoint: bytes(5),
    states: [bytes(4), bytes(5)],
    samples: sampleRoot(samples),
    loss: meanLoss(samples),
  };
  const segments = [
    { index: 4, checkpoint: 2, from: 10, to: 12 },
    { index: 5, checkpoint: 2, from: 12, to: 13 },
  ];
  expect(linkHash(fromHex(bytes(9)), link, segments, Float32Array.of(0.5, 0.25, 0.125))).toBe(
    toHex(expected),
  );
});

const state = {
  w: tensor("float32", [2, 2], Float32Array.of(1, 2, 3, 4)),
  step: tensor("int64", [], BigInt64Array.of(5n)),
};
const layout = [
  { name: "w", dtype: "float32", dims: [2, 2] },
  { name: "step", dtype: "int64", dims: [] },
] as const;

test("a checkpoint is one byte string, and comes back", () => {
  const file = encodeCheckpoint({ step: 5, state });
  expect(encodeCheckpoint({ step: 5, state: Object.fromEntries(Object.entries(state).reverse()) })).toEqual(
    file,
  );
  expect(decodeCheckpoint("c", file, layout)).toMatchObject({ step: 5, state });
  expect(hashOf(file)).toMatchInlineSnapshot(
    `"0x5a87e0683b2a52fddf5c506f09d5497959b81370abd67ea3198871bfac65ca45"`,
  );
});

test("a checkpoint that is incomplete, foreign, not finite or written another way is refused by name", () => {
  const file = (s: object, step = 5) => encodeCheckpoint({ step, state: s as typeof state });
  const refuse = (bytes: Uint8Array, layoutOf = layout as readonly (typeof layout)[number][]) =>
    expect(() => decodeCheckpoint("c7", bytes, layoutOf));
  refuse(file({ w: state.w })).toThrow("c7: step is missing");
  refuse(file({ ...state, v: state.w })).toThrow('"v" is no tensor of this job');
  refuse(file({ ...state, w: tensor("float32", [4], state.w.data) })).toThrow("w is float32 [4]");
  refuse(file({ ...state, w: tensor("float32", [2, 2], Float32Array.of(1, Number.NaN, 1, 1)) })).toThrow(
    "finite",
  );
  const text = Buffer.from(file(state));
  const spaced = Buffer.from(text);
  spaced[text.indexOf("{", 8)] = 32;
  refuse(spaced).toThrow();
  const reordered = Buffer.from(text.toString("latin1").replace('"step":"5"', '"step":"05"'), "latin1");
  refuse(reordered).toThrow();
  refuse(text.subarray(0, text.length - 1)).toThrow();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { accountId, multiAddress } from "./account.ts";
import { type Codec, decode, encode } from "./codec.ts";
import { bitvec } from "./codec-bits.ts";
import { boundedBytes, bytes, fixedBytes, str } from "./codec-bytes.ts";
import { compact } from "./codec-compact.ts";
import { CodecError } from "./codec-error.ts";
import { lazy } from "./codec-lazy.ts";
import { array, boundedVec, btreeMap, btreeSet, vec } from "./codec-list.ts";
import { bool, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, u256 } from "./codec-number.ts";
import { newtype, struct, tuple, unit } from "./codec-struct.ts";
import { option, result, unitEnum } from "./codec-tagged.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const unsigned = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const signed = (bits: number) =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
const byteArray = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test.each([
  // parity-scale-codec's documented examples.
  [u8, 69, "45"],
  [u16, 42, "2a00"],
  [u32, 16777215, "ffffff00"],
  [i8, 69, "45"],
  [i32, -1, "ffffffff"],
  [bool, true, "01"],
  [compact(u32), 0, "00"],
  [compact(u32), 1, "04"],
  [compact(u32), 42, "a8"],
  [compact(u32), 69, "1501"],
  [compact(u32), 65535, "feff0300"],
  [compact(u32), 1073741824, "0300000040"],
  [compact(u128), 100000000000000n, "0b00407a10f35a"],
  [option(u8), 1, "0101"],
  [option(u8), undefined, "00"],
  [vec(u16), [4, 8, 15, 16, 23, 42], "18040008000f00100017002a00"],
  [str, "Hamlet", "1848616d6c6574"],
  [tuple(compact(u32), bool), [3, false], "0c00"],
  [result(u8, bool), { type: "Ok", value: 42 }, "002a"],
  [result(u8, bool), { type: "Err", value: false }, "0100"],
  [bitvec, [true, false, true], "0c05"],
] as [Codec<unknown>, unknown, string][])("%# known bytes", (codec, value, expected) => {
  expect(Buffer.from(encode(codec, value)).toString("hex")).toBe(expected);
  expect(decode(codec, hex(expected))).toEqual(value);
});

const point = struct("test::Point", { x: u32, y: compact(u64) });
interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
}
const tree: Codec<Tree> = {
  type: { key: "test::Tree", path: ["test", "Tree"], shape: { tag: "composite", fields: [] } },
  encode(node, out) {
    out.u8(node.value);
    children.encode(node.children, out);
  },
  decode: (input) => ({ value: input.u8(), children: children.decode(input) }),
};
const children = vec(lazy(() => tree));
const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    value: fc.nat(255),
    children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
  }),
})).tree;

const roundTrips: readonly [string, Codec<unknown>, fc.Arbitrary<unknown>][] = [
  ["u64", u64, unsigned(64)],
  ["u128", u128, unsigned(128)],
  ["u256", u256, unsigned(256)],
  ["i16", i16, fc.integer({ min: -32768, max: 32767 })],
  ["i64", i64, signed(64)],
  ["i128", i128, signed(128)],
  ["compact u8", compact(u8), fc.nat(255)],
  ["compact u32", compact(u32), fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  ["compact u64", compact(u64), unsigned(64)],
  ["compact u128", compact(u128), unsigned(128)],
  ["compact of a newtype", compact(newtype("test::Perbill", u32)), fc.nat(10 ** 9)],
  ["bytes", bytes, fc.uint8Array()],
  ["boundedBytes", boundedBytes(20), fc.uint8Array({ maxLength: 20 })],
  ["fixedBytes", fixedBytes(32), byteArray(32)],
  ["str", str, fc.string({ unit: "binary" })],
  ["boundedVec", boundedVec(u16, 5), fc.array(fc.nat(65535), { maxLength: 5 })],
  ["array", array(u8, 3), fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255))],
  ["btreeSet", btreeSet(u64), fc.uniqueArray(unsigned(64)).map((l) => l.sort((a, b) => (a < b ? -1 : 1)))],
  [
    "btreeMap",
    btreeMap(u8, str),
    fc.uniqueArray(fc.tuple(fc.nat(255), fc.string()), { selector: ([key]) => key }).map((l) => {
      return l.sort(([a], [b]) => a - b);
    }),
  ],
  ["bitvec", bitvec, fc.array(fc.boolean())],
  ["struct", point, fc.record({ x: fc.nat(), y: unsigned(64) })],
  [
    "tagged",
    multiAddress,
    fc.oneof(
      fc.record({ type: fc.constant("Id"), value: byteArray(32) }),
      fc.record({ type: fc.constant("Index"), value: fc.nat() }),
      fc.record({ type: fc.constant("Raw"), value: fc.uint8Array() }),
    ),
  ],
  ["unitEnum", unitEnum("test::Colour", ["Red", "Green"]), fc.constantFrom("Red", "Green")],
  ["recursive", tree, trees],
];

test.each(roundTrips)("%s comes back from its bytes", (_, codec, values) => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decode(codec, encode(codec, value))).toEqual(value);
    }),
  );
});

test.each(roundTrips)("%s takes any bytes or refuses them, and what it takes has one form", (_, codec) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
      let value: unknown;
      try {
        value = decode(codec, input);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
        return;
      }
      // Unused bits of a bit vector are the one thing that Substrate lets pass.
      if (codec !== bitvec) expect(encode(codec, value)).toEqual(input);
    }),
  );
});

const refused: readonly [string, () => unknown, string][] = [
  ["a length beyond the input", () => decode(bytes, hex("feffffff01")), "EndOfInput"],
  ["a million items in four bytes", () => decode(vec(u8), hex("02093d00")), "EndOfInput"],
  ["a million units in four bytes", () => decode(vec(unit), hex("02093d00")), "EndOfInput"],
  ["a million bits in four bytes", () => decode(bitvec, hex("02093d00")), "EndOfInput"],
  ["more items than the bound", () => decode(boundedVec(u8, 1), hex("080102")), "TooLong"],
  ["more bytes than the bound", () => encode(boundedBytes(1), hex("0102")), "TooLong"],
  ["bytes after the value", () => decode(u8, hex("0102")), "TrailingBytes"],
  ["no bytes", () => decode(u64, hex("")), "EndOfInput"],
  ["a long form of a short number", () => decode(compact(u32), hex("0100")), "NotCanonical"],
  ["a longer form of a short number", () => decode(compact(u32), hex("02000000")), "NotCanonical"],
  ["a big form of a small number", () => decode(compact(u128), hex("0300000000")), "NotCanonical"],
  [
    "a compact number that is too wide",
    () => decode(compact(u64), hex("17ffffffffffffffffff")),
    "OutOfRange",
  ],
  ["an unknown variant", () => decode(multiAddress, hex("09")), "UnknownVariant"],
  ["a boolean of 2", () => decode(bool, hex("02")), "UnknownVariant"],
  ["an option of 2", () => decode(option(u8), hex("0200")), "UnknownVariant"],
  ["text that is not UTF-8", () => decode(str, hex("04ff")), "OutOfRange"],
  ["a set that is not in order", () => decode(btreeSet(u8), hex("080201")), "NotCanonical"],
  ["a set with one thing twice", () => encode(btreeSet(u8), [1, 1]), "NotCanonical"],
  ["a negative amount", () => encode(u128, -1n), "OutOfRange"],
  ["an amount that is too large", () => encode(u128, 1n << 128n), "OutOfRange"],
  ["a fraction", () => encode(compact(u32), 0.5), "OutOfRange"],
  ["a byte of 256", () => encode(u8, 256), "OutOfRange"],
  ["an account of 31 bytes", () => encode(accountId, new Uint8Array(31)), "OutOfRange"],
  [
    "a tree of 300 levels",
    () =>
      decode(
        tree,
        new Uint8Array(700).map((_, i) => (i % 2) * 4),
      ),
    "TooDeep",
  ],
];

test.each(refused)("%s is refused", (_, act, code) => {
  expect(act).toThrow(expect.objectContaining({ name: "CodecError", code }));
});

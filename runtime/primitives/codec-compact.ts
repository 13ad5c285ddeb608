import type { Codec } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import type { TypeDef } from "./type-def.ts";

/** SCALE's variable-width form of an unsigned integer codec (or of a struct around one). */
export function compact(inner: Codec<number>): Codec<number>;
export function compact(inner: Codec<bigint>): Codec<bigint>;
export function compact(inner: Codec<number> | Codec<bigint>): Codec<number> | Codec<bigint> {
  const type: TypeDef = {
    key: `Compact<${inner.type.key}>`,
    path: [],
    shape: { tag: "compact", item: inner.type },
  };
  const named = inner.typeName === undefined ? { type } : { type, typeName: inner.typeName };
  const bits = widthOf(inner.type);
  return bits <= 32 ? { ...named, ...smallCompact(bits) } : { ...named, ...bigCompact(bits) };
}

const smallCompact = (bits: number): Pick<Codec<number>, "encode" | "decode"> => {
  const max = 2 ** bits - 1;
  return {
    encode(value, out) {
      if (value > max) throw outOfRange(value, bits);
      out.compact(value);
    },
    decode(input) {
      const value = input.compact();
      if (value > max) throw outOfRange(value, bits);
      return value;
    },
  };
};

const bigCompact = (bits: number): Pick<Codec<bigint>, "encode" | "decode"> => ({
  encode(value, out) {
    if (value >> BigInt(bits) > 0n) throw outOfRange(value, bits);
    out.compactBig(value);
  },
  decode: (input) => input.compactBig(bits / 8),
});

/** Bits of an unsigned primitive, seen through structs with one field, as Substrate's `CompactAs` does. */
function widthOf(type: TypeDef): number {
  const { shape } = type;
  if (shape.tag === "primitive" && shape.name.startsWith("u")) return Number(shape.name.slice(1));
  if (shape.tag === "composite" && shape.fields.length === 1) return widthOf(shape.fields[0]!.type);
  throw new Error(`${type.key} has no compact form`);
}

const outOfRange = (value: number | bigint, bits: number) =>
  new CodecError("OutOfRange", `${value} does not fit in ${bits} bits`);

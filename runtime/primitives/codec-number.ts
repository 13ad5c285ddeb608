import type { Codec } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import type { Primitive, TypeDef } from "./type-def.ts";

/** SCALE's fixed-width integers: `number` up to 32 bits, `bigint` above. */
export const u8: Codec<number> = {
  type: primitive("u8"),
  typeName: "u8",
  encode: (value, out) => out.u8(value),
  decode: (input) => input.u8(),
};

export const u16: Codec<number> = {
  type: primitive("u16"),
  typeName: "u16",
  encode: (value, out) => out.u16(value),
  decode: (input) => input.u16(),
};

export const u32: Codec<number> = {
  type: primitive("u32"),
  typeName: "u32",
  encode: (value, out) => out.u32(value),
  decode: (input) => input.u32(),
};

export const u64: Codec<bigint> = {
  type: primitive("u64"),
  typeName: "u64",
  encode: (value, out) => out.u64(value),
  decode: (input) => input.u64(),
};

export const u128: Codec<bigint> = {
  type: primitive("u128"),
  typeName: "u128",
  encode: (value, out) => out.u128(value),
  decode: (input) => input.u128(),
};

export const u256: Codec<bigint> = {
  type: primitive("u256"),
  typeName: "u256",
  encode(value, out) {
    out.u128(BigInt.asUintN(128, value));
    // A value that is too large or negative is refused here.
    out.u128(value >> 128n);
  },
  decode: (input) => input.u128() | (input.u128() << 128n),
};

export const i8 = signed("i8", u8, 8);
export const i16 = signed("i16", u16, 16);
export const i32 = signed("i32", u32, 32);
export const i64 = signedBig("i64", u64, 64);
export const i128 = signedBig("i128", u128, 128);

export const bool: Codec<boolean> = {
  type: primitive("bool"),
  typeName: "bool",
  encode: (value, out) => out.u8(value ? 1 : 0),
  decode(input) {
    const byte = input.u8();
    if (byte > 1) throw new CodecError("UnknownVariant", `${byte} is no boolean`);
    return byte === 1;
  },
};

/** The type of a primitive; also for codecs written by hand. */
export function primitive(name: Primitive): TypeDef {
  return { key: name, path: [], shape: { tag: "primitive", name } };
}

// Two's complement, on top of the unsigned codec of the same width.
function signed(name: Primitive, unsigned: Codec<number>, bits: number): Codec<number> {
  const half = 2 ** (bits - 1);
  return {
    type: primitive(name),
    encode(value, out) {
      if (!(value >= -half && value < half)) throw outOfRange(name, value);
      unsigned.encode(value < 0 ? value + 2 * half : value, out);
    },
    decode(input) {
      const value = unsigned.decode(input);
      return value >= half ? value - 2 * half : value;
    },
  };
}

function signedBig(name: Primitive, unsigned: Codec<bigint>, bits: number): Codec<bigint> {
  return {
    type: primitive(name),
    encode(value, out) {
      if (BigInt.asIntN(bits, value) !== value) throw outOfRange(name, value);
      unsigned.encode(BigInt.asUintN(bits, value), out);
    },
    decode: (input) => BigInt.asIntN(bits, unsigned.decode(input)),
  };
}

const outOfRange = (type: string, value: number | bigint) =>
  new CodecError("OutOfRange", `${value} does not fit in a ${type}`);

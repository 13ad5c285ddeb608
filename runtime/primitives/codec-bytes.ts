import type { Codec } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import { primitive, u8 } from "./codec-number.ts";
import { namedType, type TypeDef } from "./type-def.ts";

const byteList: TypeDef = { key: "Vec<u8>", path: [], shape: { tag: "sequence", item: u8.type } };

/** `Vec<u8>`. */
export const bytes: Codec<Uint8Array> = {
  type: byteList,
  typeName: "Vec<u8>",
  encode(value, out) {
    out.compact(value.length);
    out.bytes(value);
  },
  decode: (input) => input.take(input.length()),
};

/** `BoundedVec<u8, _>`: refused beyond `max` bytes, in both directions. */
export const boundedBytes = (max: number): Codec<Uint8Array> => ({
  type: {
    ...namedType("bounded_collections::bounded_vec::BoundedVec", {
      tag: "composite",
      fields: [{ type: byteList, typeName: "Vec<T>" }],
    }),
    key: "BoundedVec<u8>",
    params: [{ name: "T", type: u8.type }, { name: "S" }],
  },
  encode(value, out) {
    if (value.length > max) throw tooLong(value.length, max);
    bytes.encode(value, out);
  },
  decode(input) {
    const length = input.length();
    if (length > max) throw tooLong(length, max);
    return input.take(length);
  },
});

/** `[u8; length]`, or a struct around it when a path is given, such as `sp_core::crypto::AccountId32`. */
export function fixedBytes(length: number, path?: string): Codec<Uint8Array> {
  const array: TypeDef = {
    key: `[u8; ${length}]`,
    path: [],
    shape: { tag: "array", length, item: u8.type },
  };
  const fields = [{ type: array, typeName: `[u8; ${length}]` }];
  return {
    type: path === undefined ? array : namedType(path, { tag: "composite", fields }),
    isRaw: true,
    ...(path === undefined && { typeName: array.key }),
    encode(value, out) {
      if (value.length !== length) {
        throw new CodecError("OutOfRange", `${value.length} bytes where ${length} belong`);
      }
      out.bytes(value);
    },
    decode: (input) => input.take(length),
  };
}

/** UTF-8 text. */
export const str: Codec<string> = {
  type: primitive("str"),
  encode: (value, out) => bytes.encode(new TextEncoder().encode(value), out),
  decode(input) {
    const text = bytes.decode(input);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
    } catch {
      throw new CodecError("OutOfRange", "text is not UTF-8");
    }
  },
};

const tooLong = (length: number, max: number) =>
  new CodecError("TooLong", `${length} bytes, at most ${max} fit here`);

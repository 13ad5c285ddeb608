import { compareBytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { encode } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import { tuple } from "./codec-struct.ts";
import type { Reader } from "./reader.ts";
import { namedType, type TypeDef } from "./type-def.ts";

/** A codec of `Vec<T>` that can be appended to in storage, item by item. */
export interface ListCodec<T> extends Codec<readonly T[]> {
  readonly item: Codec<T>;
}

/** `Vec<T>`. */
export const vec = <T>(item: Codec<T>): ListCodec<T> => ({
  item,
  // Asked for late, since an item may be of a type that contains the list.
  get type() {
    return sequence(item.type);
  },
  encode(values, out) {
    out.compact(values.length);
    for (const value of values) item.encode(value, out);
  },
  decode: (input) => items(input, item, input.length()),
});

/** `BoundedVec<T, _>`: refused beyond `max` items, in both directions. */
export const boundedVec = <T>(item: Codec<T>, max: number): Codec<readonly T[]> => {
  const list = vec(item);
  return {
    type: wrapper("bounded_collections::bounded_vec::BoundedVec", list.type, "Vec<T>", [
      { name: "T", type: item.type },
      { name: "S" },
    ]),
    encode(values, out) {
      if (values.length > max) throw tooLong(values.length, max);
      list.encode(values, out);
    },
    decode(input) {
      const length = input.length();
      if (length > max) throw tooLong(length, max);
      return items(input, item, length);
    },
  };
};

/** `[T; length]`. */
export const array = <T>(item: Codec<T>, length: number): Codec<readonly T[]> => ({
  type: { key: `[${item.type.key}; ${length}]`, path: [], shape: { tag: "array", length, item: item.type } },
  encode(values, out) {
    if (values.length !== length) {
      throw new CodecError("OutOfRange", `${values.length} items where ${length} belong`);
    }
    for (const value of values) item.encode(value, out);
  },
  decode: (input) => items(input, item, length),
});

/** `BTreeSet<T>`: items in ascending order of their bytes, each once. */
export const btreeSet = <T>(item: Codec<T>): Codec<readonly T[]> => {
  const list = vec(item);
  return {
    type: wrapper("BTreeSet", list.type, undefined, [{ name: "T", type: item.type }]),
    encode(values, out) {
      list.encode(ascending(values, itself, item), out);
    },
    decode(input) {
      const values = list.decode(input);
      checkAscending(values, itself, item);
      return values;
    },
  };
};

/** `BTreeMap<K, V>` as a list of pairs, in ascending order of the keys' bytes. */
export const btreeMap = <K, V>(key: Codec<K>, value: Codec<V>): Codec<readonly (readonly [K, V])[]> => {
  const pair = tuple(key, value);
  const list = vec(pair);
  const keyOf = (entry: readonly [K, V]): K => entry[0];
  return {
    type: wrapper("BTreeMap", list.type, undefined, [
      { name: "K", type: key.type },
      { name: "V", type: value.type },
    ]),
    encode(entries, out) {
      list.encode(ascending(entries, keyOf, key), out);
    },
    decode(input) {
      const entries = list.decode(input);
      checkAscending(entries, keyOf, key);
      return entries;
    },
  };
};

function items<T>(input: Reader, item: Codec<T>, length: number): T[] {
  input.enter();
  const values: T[] = [];
  for (let i = 0; i < length; i++) values.push(item.decode(input));
  input.leave();
  return values;
}

// Rust orders integers as numbers and byte arrays as bytes; nothing else is a key here.
function compare<T>(a: T, b: T, codec: Codec<T>): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "bigint" && typeof b === "bigint") return a === b ? 0 : a < b ? -1 : 1;
  return compareBytes(encode(codec, a), encode(codec, b));
}

function ascending<T, K>(values: readonly T[], keyOf: (value: T) => K, codec: Codec<K>): readonly T[] {
  const sorted = values.toSorted((a, b) => compare(keyOf(a), keyOf(b), codec));
  checkAscending(sorted, keyOf, codec);
  return sorted;
}

function checkAscending<T, K>(values: readonly T[], keyOf: (value: T) => K, codec: Codec<K>): void {
  for (let i = 1; i < values.length; i++) {
    if (compare(keyOf(values[i - 1]!), keyOf(values[i]!), codec) >= 0) {
      throw new CodecError("NotCanonical", "keys of a set or map are not ascending");
    }
  }
}

const itself = <T>(value: T): T => value;

const sequence = (item: TypeDef): TypeDef => ({
  key: `Vec<${item.key}>`,
  path: [],
  shape: { tag: "sequence", item },
});

const wrapper = (
  path: string,
  inner: TypeDef,
  typeName: string | undefined,
  params: Parameters<typeof namedType>[2],
): TypeDef =>
  namedType(
    path,
    { tag: "composite", fields: [{ type: inner, ...(typeName !== undefined && { typeName }) }] },
    params,
  );

const tooLong = (length: number, max: number) =>
  new CodecError("TooLong", `${length} items, at most ${max} fit here`);

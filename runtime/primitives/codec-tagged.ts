import type { Codec, Value } from "./codec.ts";
import { CodecError } from "./codec-error.ts";
import { inlineFields } from "./codec-struct.ts";
import { namedType, type TypeDef, type TypeParam } from "./type-def.ts";

type Variants = Readonly<Record<string, Codec<unknown>>>;

/** `{ type: "Id", value: ... }`: the form of enums that clients of this ecosystem use. No value needs none. */
export type EnumOf<V extends Variants> = {
  [K in keyof V & string]: Value<V[K]> extends undefined
    ? { readonly type: K; readonly value?: undefined }
    : { readonly type: K; readonly value: Value<V[K]> };
}[keyof V & string];

interface TaggedOptions {
  /** First byte of each variant, in order; 0, 1, 2 ... unless told. */
  readonly indices?: readonly number[];
  readonly params?: readonly TypeParam[];
}

/**
 * An enum under a Rust-style path. `unit` gives a variant without fields, `record` and `tuple` give it
 * several, any other codec one.
 */
export function tagged<const V extends Variants>(
  path: string,
  variants: V,
  options: TaggedOptions = {},
): Codec<EnumOf<V>> {
  const names = Object.keys(variants);
  const indices = options.indices ?? names.map((_, i) => i);
  const entries = names.map((name, i) => ({ name, index: indices[i]!, codec: variants[name]! }));
  const byName = new Map(entries.map((e) => [e.name, e]));
  const byIndex = new Map(entries.map((e) => [e.index, e]));
  return {
    type: {
      ...namedType(path, { tag: "variant", variants: [] }, options.params),
      // Made on demand: a field may be of a type that is still being declared.
      get shape() {
        return {
          tag: "variant",
          variants: entries.map(({ name, index, codec }) => ({
            name,
            index,
            fields: inlineFields(codec.type),
          })),
        } as const;
      },
    },
    encode(value, out) {
      const entry = byName.get(value.type);
      if (!entry) throw new CodecError("UnknownVariant", `${path} has no variant ${value.type}`);
      out.u8(entry.index);
      entry.codec.encode(value.value, out);
    },
    decode(input) {
      const index = input.u8();
      const entry = byIndex.get(index);
      if (!entry) throw new CodecError("UnknownVariant", `${path} has no variant ${index}`);
      return { type: entry.name, value: entry.codec.decode(input) } as EnumOf<V>;
    },
  };
}

/** An enum of bare names, such as `DispatchClass`; its value is the name. */
export function unitEnum<const N extends string>(path: string, names: readonly N[]): Codec<N> {
  const indices = new Map<string, number>(names.map((name, i) => [name, i]));
  return {
    type: namedType(path, {
      tag: "variant",
      variants: names.map((name, index) => ({ name, index, fields: [] })),
    }),
    encode(value, out) {
      const index = indices.get(value);
      if (index === undefined) throw new CodecError("UnknownVariant", `${path} has no variant ${value}`);
      out.u8(index);
    },
    decode(input) {
      const index = input.u8();
      const name = names[index];
      if (name === undefined) throw new CodecError("UnknownVariant", `${path} has no variant ${index}`);
      return name;
    },
  };
}

/** `Option<T>`: absent is `undefined`. */
export const option = <T>(some: Codec<T>): Codec<T | undefined> => ({
  type: generic("Option", { T: some.type }, [
    { name: "None", index: 0, fields: [] },
    { name: "Some", index: 1, fields: [{ type: some.type }] },
  ]),
  encode(value, out) {
    out.u8(value === undefined ? 0 : 1);
    if (value !== undefined) some.encode(value, out);
  },
  decode(input) {
    const byte = input.u8();
    if (byte > 1) throw new CodecError("UnknownVariant", `${byte} is neither None nor Some`);
    return byte === 0 ? undefined : some.decode(input);
  },
});

/** `Result<T, E>`. */
export const result = <T, E>(
  ok: Codec<T>,
  err: Codec<E>,
): Codec<{ readonly type: "Ok"; readonly value: T } | { readonly type: "Err"; readonly value: E }> => ({
  type: generic("Result", { T: ok.type, E: err.type }, [
    { name: "Ok", index: 0, fields: [{ type: ok.type }] },
    { name: "Err", index: 1, fields: [{ type: err.type }] },
  ]),
  encode(value, out) {
    out.u8(value.type === "Ok" ? 0 : 1);
    if (value.type === "Ok") ok.encode(value.value, out);
    else err.encode(value.value, out);
  },
  decode(input) {
    const byte = input.u8();
    if (byte > 1) throw new CodecError("UnknownVariant", `${byte} is neither Ok nor Err`);
    return byte === 0 ? { type: "Ok", value: ok.decode(input) } : { type: "Err", value: err.decode(input) };
  },
});

const generic = (
  path: string,
  params: Readonly<Record<string, TypeDef>>,
  variants: Extract<TypeDef["shape"], { tag: "variant" }>["variants"],
): TypeDef =>
  namedType(
    path,
    { tag: "variant", variants },
    Object.entries(params).map(([name, type]) => ({ name, type })),
  );

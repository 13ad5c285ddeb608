import type { Codec, Fields, Value, ValuesOf } from "./codec.ts";
import { type Field, namedType, type TypeDef, type TypeParam } from "./type-def.ts";

/** A struct under a Rust-style path, such as `frame_system::AccountInfo`. Fields are written in the order given. */
export function struct<const F extends Fields>(
  path: string,
  fields: F,
  params?: readonly TypeParam[],
): Codec<ValuesOf<F>> {
  return {
    type: namedType(path, { tag: "composite", fields: fieldsOf(fields) }, params),
    ...structMethods(fields),
  };
}

/** A struct without a name: the fields of one variant, the arguments of a call. */
export function record<const F extends Fields>(fields: F): Codec<ValuesOf<F>> {
  const list = fieldsOf(fields);
  return {
    type: {
      key: `{${list.map((f) => `${f.name}: ${f.type.key}`).join(", ")}}`,
      path: [],
      shape: { tag: "composite", fields: list },
    },
    ...structMethods(fields),
  };
}

/** A struct around one value, transparent to whoever uses the value. */
export const newtype = <T>(
  path: string,
  inner: Codec<T>,
  typeName?: string,
  params?: readonly TypeParam[],
): Codec<T> => ({
  type: namedType(
    path,
    { tag: "composite", fields: [{ type: inner.type, ...(typeName !== undefined && { typeName }) }] },
    params,
  ),
  encode: (value, out) => inner.encode(value, out),
  decode: (input) => inner.decode(input),
});

/** `(A, B, ...)`. */
export function tuple<const C extends readonly Codec<unknown>[]>(
  ...codecs: C
): Codec<{ readonly [I in keyof C]: Value<C[I]> }> {
  return {
    type: {
      get key() {
        return `(${codecs.map((c) => c.type.key).join(", ")})`;
      },
      path: [],
      get shape() {
        return { tag: "tuple", items: codecs.map((c) => c.type) } as const;
      },
    },
    encode(values, out) {
      for (let i = 0; i < codecs.length; i++) codecs[i]!.encode(values[i], out);
    },
    decode(input) {
      const values: unknown[] = [];
      for (const codec of codecs) values.push(codec.decode(input));
      return values as { readonly [I in keyof C]: Value<C[I]> };
    },
  };
}

/** `()`: no bytes. */
export const unit: Codec<undefined> = {
  type: { key: "()", path: [], shape: { tag: "tuple", items: [] } },
  encode() {},
  decode: () => undefined,
};

/** Names, types and the names of types, for the metadata. */
export const fieldsOf = (fields: Fields): Field[] =>
  Object.entries(fields).map(([name, codec]) => {
    const typeName = typeNameOf(codec);
    return { name, type: codec.type, ...(typeName !== undefined && { typeName }) };
  });

/** What Rust sources call the type of a field: unless told, a named type without parameters by the end of its path. */
const typeNameOf = ({ type, typeName }: Codec<unknown>): string | undefined =>
  typeName ?? (type.params === undefined ? type.path.at(-1) : undefined);

function structMethods<F extends Fields>(fields: F): Pick<Codec<ValuesOf<F>>, "encode" | "decode"> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  return {
    encode(value: Readonly<Record<string, unknown>>, out) {
      for (let i = 0; i < names.length; i++) codecs[i]!.encode(value[names[i]!], out);
    },
    decode(input) {
      const value: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) value[names[i]!] = codecs[i]!.decode(input);
      return value as ValuesOf<F>;
    },
  };
}

/** A type of no path whose fields stand directly inside a variant. */
export function inlineFields(type: TypeDef): readonly Field[] {
  if (type.path.length > 0) return [{ type }];
  if (type.shape.tag === "composite") return type.shape.fields;
  if (type.shape.tag === "tuple") return type.shape.items.map((item) => ({ type: item }));
  return [{ type }];
}

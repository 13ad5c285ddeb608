/** A description of a type, as rich as Substrate's `scale-info`: metadata is made of these. */
export interface TypeDef {
  /** Identity: equal keys are one entry in the metadata's table of types. */
  readonly key: string;
  /** Rust-style path; empty for types without a name. */
  readonly path: readonly string[];
  readonly params?: readonly TypeParam[];
  /** May be a getter, so that types can be recursive. */
  readonly shape: Shape;
  readonly docs?: readonly string[];
}

export interface TypeParam {
  readonly name: string;
  readonly type?: TypeDef;
}

export interface Field {
  readonly name?: string;
  readonly type: TypeDef;
  readonly typeName?: string;
}

export interface Variant {
  readonly name: string;
  readonly index: number;
  readonly fields: readonly Field[];
  readonly docs?: readonly string[];
}

export const primitives = [
  "bool",
  "char",
  "str",
  "u8",
  "u16",
  "u32",
  "u64",
  "u128",
  "u256",
  "i8",
  "i16",
  "i32",
  "i64",
  "i128",
  "i256",
] as const;
export type Primitive = (typeof primitives)[number];

export type Shape =
  | { readonly tag: "composite"; readonly fields: readonly Field[] }
  | { readonly tag: "variant"; readonly variants: readonly Variant[] }
  | { readonly tag: "sequence"; readonly item: TypeDef }
  | { readonly tag: "array"; readonly length: number; readonly item: TypeDef }
  | { readonly tag: "tuple"; readonly items: readonly TypeDef[] }
  | { readonly tag: "primitive"; readonly name: Primitive }
  | { readonly tag: "compact"; readonly item: TypeDef }
  | { readonly tag: "bitSequence"; readonly store: TypeDef; readonly order: TypeDef };

/** A named type. Two instances of a generic type differ by their parameters. */
export function namedType(path: string, shape: Shape, params: readonly TypeParam[] = []): TypeDef {
  const generics = params.flatMap((p) => (p.type ? [p.type.key] : []));
  return {
    key: generics.length > 0 ? `${path}<${generics.join(", ")}>` : path,
    path: path.split("::"),
    shape,
    ...(params.length > 0 && { params }),
  };
}

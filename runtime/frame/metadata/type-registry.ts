import type { Value } from "../../primitives/codec.ts";
import type { Field, Shape, TypeDef } from "../../primitives/type-def.ts";
import type { definition, portableField, portableType } from "./wire-types.ts";

type Definition = Value<typeof definition>;

/** The table of types that metadata refers to by number: each type once, numbered in the order of first use. */
export class TypeRegistry {
  readonly #ids = new Map<string, number>();
  readonly #types: Value<typeof portableType>[] = [];

  /** The number of a type, which is entered with all that it consists of. */
  id(type: TypeDef): number {
    const known = this.#ids.get(type.key);
    if (known !== undefined) return known;
    const id = this.#types.length;
    // Numbered before its parts are, because they may lead back to it.
    this.#ids.set(type.key, id);
    this.#types.push({ id, path: [], params: [], def: { type: "tuple", value: [] }, docs: [] });
    this.#types[id] = {
      id,
      path: type.path,
      params: (type.params ?? []).map((p) => ({ name: p.name, type: p.type && this.id(p.type) })),
      def: this.#definition(type.shape),
      docs: type.docs ?? [],
    };
    return id;
  }

  get types(): readonly Value<typeof portableType>[] {
    return this.#types;
  }

  #definition(shape: Shape): Definition {
    switch (shape.tag) {
      case "composite":
        return { type: "composite", value: shape.fields.map((f) => this.#field(f)) };
      case "variant":
        return {
          type: "variant",
          value: shape.variants.map((v) => ({
            name: v.name,
            fields: v.fields.map((f) => this.#field(f)),
            index: v.index,
            docs: v.docs ?? [],
          })),
        };
      case "sequence":
        return { type: "sequence", value: this.id(shape.item) };
      case "array":
        return { type: "array", value: { len: shape.length, type: this.id(shape.item) } };
      case "tuple":
        return { type: "tuple", value: shape.items.map((item) => this.id(item)) };
      case "primitive":
        return { type: "primitive", value: shape.name };
      case "compact":
        return { type: "compact", value: this.id(shape.item) };
      case "bitSequence":
        return { type: "bitSequence", value: { store: this.id(shape.store), order: this.id(shape.order) } };
    }
  }

  #field(field: Field): Value<typeof portableField> {
    return { name: field.name, type: this.id(field.type), typeName: field.typeName, docs: [] };
  }
}

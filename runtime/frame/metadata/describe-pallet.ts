import type { Value } from "../../primitives/codec.ts";
import { encode } from "../../primitives/codec.ts";
import type { ConstantCtx } from "../constant.ts";
import type { PalletEntry } from "../pallet-entry.ts";
import { docLines } from "../schema.ts";
import type { AnyItem } from "../storage-item.ts";
import type { TypeRegistry } from "./type-registry.ts";
import type { wirePallet } from "./wire-pallet.ts";

const notDeprecated = { type: "NotDeprecated" } as const;

/** A pallet as metadata V16 has it; V14 and V15 write a part of the same value. */
export function describePallet(
  { index, pallet, callType, eventType, errorType }: PalletEntry,
  types: TypeRegistry,
  ctx: ConstantCtx,
): Value<typeof wirePallet.V16> {
  const { storage = {}, constants = {}, docs } = pallet.schema;
  const enumOf = (type: typeof callType) => type && { type: types.id(type), deprecations: [] };
  const items = Object.entries(storage).map(([name, item]) => ({
    ...describeItem(name, item, types),
    docs: docLines(docs?.storage?.[name]),
  }));
  return {
    name: pallet.name,
    storage: items.length === 0 ? undefined : { prefix: pallet.name, items },
    calls: enumOf(callType),
    events: enumOf(eventType),
    constants: Object.entries(constants).map(([name, constant]) => ({
      name,
      type: types.id(constant.codec.type),
      value: encode(constant.codec, constant.read(ctx, `${pallet.name}.${name}`)),
      docs: docLines(docs?.constants?.[name]),
      deprecation: notDeprecated,
    })),
    errors: enumOf(errorType),
    associatedTypes: [],
    viewFunctions: [],
    index,
    docs: docLines(docs?.pallet),
    deprecation: notDeprecated,
  };
}

type Item = NonNullable<Value<typeof wirePallet.V16>["storage"]>["items"][number];

function describeItem(name: string, item: AnyItem, types: TypeRegistry): Omit<Item, "docs"> {
  const { hashers, codec, fallback } = item;
  const value = types.id(codec.type);
  const keys = hashers.map((h) => h.codec.type);
  const key =
    keys.length === 1
      ? keys[0]!
      : {
          key: `(${keys.map((k) => k.key).join(", ")})`,
          path: [],
          shape: { tag: "tuple", items: keys } as const,
        };
  return {
    name,
    modifier: fallback === undefined ? "Optional" : "Default",
    type:
      hashers.length === 0
        ? { type: "plain", value }
        : { type: "map", value: { hashers: hashers.map((h) => h.name), key: types.id(key), value } },
    // Absent is `None`, which is written as one zero.
    fallback: fallback === undefined ? Uint8Array.of(0) : encode(codec, fallback),
    deprecation: notDeprecated,
  };
}

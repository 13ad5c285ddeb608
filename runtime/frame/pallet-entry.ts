import type { Fields } from "../primitives/codec.ts";
import { fieldsOf } from "../primitives/codec-struct.ts";
import { namedType, type TypeDef, type Variant } from "../primitives/type-def.ts";
import type { Pallet } from "./pallet.ts";
import { docLines } from "./schema.ts";

/** A pallet in its place in a runtime, with the enums that its calls, events and errors make. */
export interface PalletEntry {
  readonly index: number;
  readonly pallet: Pallet;
  /** First part of its types' paths. */
  readonly crate: string;
  readonly callType: TypeDef | undefined;
  readonly eventType: TypeDef | undefined;
  readonly errorType: TypeDef | undefined;
}

/** A pallet at its index on the wire, with the forms that metadata and codecs give its calls, events and errors. */
export function palletEntry(index: number, pallet: Pallet): PalletEntry {
  const { events = {}, errors = {}, docs } = pallet.schema;
  const crate = pallet.schema.crate ?? `pallet_${snakeCase(pallet.name)}`;
  const calls = Object.entries(pallet.calls).map(([name, call]) => ({
    ...variant(name, call.index, call.args),
    docs: docLines(call.docs),
  }));
  return {
    index,
    pallet,
    crate,
    callType: enumOf(`${crate}::pallet::Call`, calls),
    eventType: enumOf(
      `${crate}::pallet::Event`,
      Object.entries(events).map(([name, fields], i) => ({
        ...variant(name, i, fields),
        docs: docLines(docs?.events?.[name]),
      })),
    ),
    errorType: enumOf(
      `${crate}::pallet::Error`,
      Object.entries(errors).map(([name, doc], i) => ({ name, index: i, fields: [], docs: [doc] })),
    ),
  };
}

/** `RuntimeCall` and its like: one variant for each pallet that has such a type. */
export function outerEnum(
  name: string,
  entries: readonly PalletEntry[],
  part: "callType" | "eventType" | "errorType",
): TypeDef {
  const variants = entries.flatMap((entry): Variant[] => {
    const type = entry[part];
    return type ? [{ name: entry.pallet.name, index: entry.index, fields: [{ type }] }] : [];
  });
  return namedType(`matrixai_runtime::${name}`, { tag: "variant", variants });
}

const variant = (name: string, index: number, fields: Fields) => ({ name, index, fields: fieldsOf(fields) });

const enumOf = (path: string, variants: readonly Variant[]): TypeDef | undefined =>
  variants.length === 0 ? undefined : namedType(path, { tag: "variant", variants }, [{ name: "T" }]);

const snakeCase = (name: string): string => name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase();

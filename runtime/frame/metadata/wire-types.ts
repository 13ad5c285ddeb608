import { str } from "../../primitives/codec-bytes.ts";
import { compact } from "../../primitives/codec-compact.ts";
import { vec } from "../../primitives/codec-list.ts";
import { u8, u32 } from "../../primitives/codec-number.ts";
import { record } from "../../primitives/codec-struct.ts";
import { option, tagged, unitEnum } from "../../primitives/codec-tagged.ts";
import { primitives } from "../../primitives/type-def.ts";

/** `scale-info`'s portable registry: the table of types, the same in all versions of the metadata. */
export const typeId = compact(u32);
export const docs = vec(str);

export const portableField = record({ name: option(str), type: typeId, typeName: option(str), docs });

const variant = record({ name: str, fields: vec(portableField), index: u8, docs });

export const definition = tagged("scale_info::TypeDef", {
  composite: vec(portableField),
  variant: vec(variant),
  sequence: typeId,
  array: record({ len: u32, type: typeId }),
  tuple: vec(typeId),
  primitive: unitEnum("scale_info::TypeDefPrimitive", primitives),
  compact: typeId,
  bitSequence: record({ store: typeId, order: typeId }),
});

export const portableType = record({
  id: typeId,
  path: docs,
  params: vec(record({ name: str, type: option(typeId) })),
  def: definition,
  docs,
});

export const registry = vec(portableType);

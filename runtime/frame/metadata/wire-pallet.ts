import { bytes, fixedBytes, str } from "../../primitives/codec-bytes.ts";
import { vec } from "../../primitives/codec-list.ts";
import { u8 } from "../../primitives/codec-number.ts";
import { record, unit } from "../../primitives/codec-struct.ts";
import { option, tagged, unitEnum } from "../../primitives/codec-tagged.ts";
import { hasherNames } from "../hasher.ts";
import { docs, typeId } from "./wire-types.ts";

/** How a pallet is written in metadata V14, what V15 adds to it, and V16 in turn. */
const storageItem = {
  name: str,
  modifier: unitEnum("frame_metadata::StorageEntryModifier", ["Optional", "Default", "Required"]),
  type: tagged("frame_metadata::StorageEntryType", {
    plain: typeId,
    map: record({
      hashers: vec(unitEnum("frame_metadata::StorageHasher", hasherNames)),
      key: typeId,
      value: typeId,
    }),
  }),
  fallback: bytes,
  docs,
};

const constant = { name: str, type: typeId, value: bytes, docs };

const palletV14 = {
  name: str,
  storage: option(record({ prefix: str, items: vec(record(storageItem)) })),
  calls: option(typeId),
  events: option(typeId),
  constants: vec(record(constant)),
  errors: option(typeId),
  index: u8,
};

const palletV15 = { ...palletV14, docs };

const note = record({ note: str, since: option(str) });
/** Of a whole item. */
export const deprecation = tagged("frame_metadata::v16::ItemDeprecationInfo", {
  NotDeprecated: unit,
  DeprecatedWithoutNote: unit,
  Deprecated: note,
});
/** Of single variants of an enum; 1 and 2 are their indices on the wire. */
const variantDeprecations = vec(
  record({
    index: u8,
    deprecation: tagged(
      "frame_metadata::v16::VariantDeprecationInfo",
      { DeprecatedWithoutNote: unit, Deprecated: note },
      { indices: [1, 2] },
    ),
  }),
);
const enumV16 = option(record({ type: typeId, deprecations: variantDeprecations }));

const palletV16 = {
  ...palletV15,
  storage: option(record({ prefix: str, items: vec(record({ ...storageItem, deprecation })) })),
  calls: enumV16,
  events: enumV16,
  constants: vec(record({ ...constant, deprecation })),
  errors: enumV16,
  associatedTypes: vec(record({ name: str, type: typeId, docs })),
  viewFunctions: vec(
    record({
      id: fixedBytes(32),
      name: str,
      inputs: vec(record({ name: str, type: typeId })),
      output: typeId,
      docs,
      deprecation,
    }),
  ),
};

const { index, docs: palletDocs, ...restV16 } = palletV16;

export const wirePallet = {
  V14: record(palletV14),
  V15: record(palletV15),
  V16: record({ ...restV16, index, docs: palletDocs, deprecation }),
};

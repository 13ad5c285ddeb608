import { bytes, str } from "../../primitives/codec-bytes.ts";
import { compact } from "../../primitives/codec-compact.ts";
import { btreeMap, vec } from "../../primitives/codec-list.ts";
import { u8, u32 } from "../../primitives/codec-number.ts";
import { record } from "../../primitives/codec-struct.ts";
import { deprecation, wirePallet } from "./wire-pallet.ts";
import { docs, registry, typeId } from "./wire-types.ts";

/** The formats of `frame-metadata`, written as data: read them beside its `v14.rs`, `v15.rs` and `v16.rs`. */
const extension = record({ identifier: str, type: typeId, implicit: typeId });

const method = { name: str, inputs: vec(record({ name: str, type: typeId })), output: typeId, docs };
const outerEnums = record({ call: typeId, event: typeId, error: typeId });
const custom = btreeMap(str, record({ type: typeId, value: bytes }));

export const metadataV14 = record({
  types: registry,
  pallets: vec(wirePallet.V14),
  extrinsic: record({ type: typeId, version: u8, extensions: vec(extension) }),
  type: typeId,
});

export const metadataV15 = record({
  types: registry,
  pallets: vec(wirePallet.V15),
  extrinsic: record({
    version: u8,
    address: typeId,
    call: typeId,
    signature: typeId,
    extra: typeId,
    extensions: vec(extension),
  }),
  type: typeId,
  apis: vec(record({ name: str, methods: vec(record(method)), docs })),
  outerEnums,
  custom,
});

export const metadataV16 = record({
  types: registry,
  pallets: vec(wirePallet.V16),
  extrinsic: record({
    versions: vec(u8),
    address: typeId,
    call: typeId,
    signature: typeId,
    extensionsByVersion: btreeMap(u8, vec(compact(u32))),
    extensions: vec(extension),
  }),
  apis: vec(
    record({
      name: str,
      methods: vec(record({ ...method, deprecation })),
      docs,
      version: compact(u32),
      deprecation,
    }),
  ),
  outerEnums,
  custom,
});

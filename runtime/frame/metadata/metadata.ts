import { bytes } from "../../primitives/codec-bytes.ts";
import { fieldsOf } from "../../primitives/codec-struct.ts";
import { namedType, type TypeDef } from "../../primitives/type-def.ts";
import { Writer } from "../../primitives/writer.ts";
import { outerEnum } from "../pallet-entry.ts";
import { describePallet } from "./describe-pallet.ts";
import type { ApiShape, MetadataSource } from "./source.ts";
import { TypeRegistry } from "./type-registry.ts";
import { metadataV14, metadataV15, metadataV16 } from "./wire.ts";

/** All that clients need to speak to a runtime, in the versions that they ask for. */
export const metadataVersions = [14, 15, 16] as const;
export type MetadataVersion = (typeof metadataVersions)[number];

/** Metadata with its magic number and version, as `state_getMetadata` returns it. */
export function encodeMetadata(source: MetadataSource, version: MetadataVersion): Uint8Array {
  const out = new Writer(1 << 16);
  out.u32(magic);
  out.u8(version);
  writers[version](source, new TypeRegistry(), out);
  return out.finish();
}

/** "meta" in little endian. */
const magic = 0x6174656d;
const notDeprecated = { type: "NotDeprecated" } as const;

/** Formats of extrinsics that are understood; clients sign in the first. */
const extrinsicVersions = [4, 5];

type Write = (source: MetadataSource, types: TypeRegistry, out: Writer) => void;

const writers: Readonly<Record<MetadataVersion, Write>> = {
  14(source, types, out) {
    const pallets = describePallets(source, types);
    const extrinsic = {
      type: types.id(uncheckedExtrinsic(source)),
      version: extrinsicVersions[0]!,
      extensions: describeExtensions(source, types),
    };
    const type = types.id(runtimeType);
    metadataV14.encode({ types: types.types, pallets: pallets.map(inV15), extrinsic, type }, out);
  },

  15(source, types, out) {
    const pallets = describePallets(source, types);
    enterExtrinsic(source, types);
    const extrinsic = {
      version: extrinsicVersions[0]!,
      ...describeExtrinsic(source, types),
      extra: types.id(extraType(source)),
    };
    metadataV15.encode(
      {
        pallets: pallets.map(inV15),
        extrinsic,
        type: types.id(runtimeType),
        apis: source.apis.map((api) => describeApi(api, types)),
        outerEnums: outerEnums(source, types),
        custom: [],
        types: types.types,
      },
      out,
    );
  },

  16(source, types, out) {
    const pallets = describePallets(source, types);
    enterExtrinsic(source, types);
    const { extensions } = source.extrinsic;
    metadataV16.encode(
      {
        pallets,
        extrinsic: {
          versions: extrinsicVersions,
          ...describeExtrinsic(source, types),
          extensionsByVersion: [[0, extensions.map((_, i) => i)]],
        },
        apis: source.apis.map((api) => describeApi(api, types)),
        outerEnums: outerEnums(source, types),
        custom: [],
        types: types.types,
      },
      out,
    );
  },
};

const describePallets = (source: MetadataSource, types: TypeRegistry) =>
  source.pallets.map((entry) => describePallet(entry, types, source.ctx));

// Before V16, an enum was named by its type alone.
const inV15 = (pallet: ReturnType<typeof describePallets>[number]) => ({
  ...pallet,
  calls: pallet.calls?.type,
  events: pallet.events?.type,
  errors: pallet.errors?.type,
});

const describeExtensions = (source: MetadataSource, types: TypeRegistry) =>
  source.extrinsic.extensions.map(({ identifier, extra, implicit }) => ({
    identifier,
    type: types.id(extra.type),
    implicit: types.id(implicit.type),
  }));

const describeExtrinsic = (source: MetadataSource, types: TypeRegistry) => ({
  address: types.id(source.extrinsic.address.type),
  call: types.id(outerEnum("RuntimeCall", source.pallets, "callType")),
  signature: types.id(source.extrinsic.signature.type),
  extensions: describeExtensions(source, types),
});

const outerEnums = ({ pallets }: MetadataSource, types: TypeRegistry) => ({
  call: types.id(outerEnum("RuntimeCall", pallets, "callType")),
  event: types.id(outerEnum("RuntimeEvent", pallets, "eventType")),
  error: types.id(outerEnum("RuntimeError", pallets, "errorType")),
});

const describeApi = (api: ApiShape, types: TypeRegistry) => ({
  name: api.name,
  methods: Object.entries(api.methods).map(([name, { inputs, output, docs }]) => ({
    name,
    inputs: fieldsOf(inputs).map((f) => ({ name: f.name ?? "", type: types.id(f.type) })),
    output: types.id(output.type),
    docs: docs === undefined ? [] : [docs],
    deprecation: notDeprecated,
  })),
  docs: api.docs === undefined ? [] : [api.docs],
  version: api.version,
  deprecation: notDeprecated,
});

// No longer named by the format, but @polkadot/types looks it up by its path to know the type of calls.
const enterExtrinsic = (source: MetadataSource, types: TypeRegistry) => types.id(uncheckedExtrinsic(source));

const runtimeType = namedType("matrixai_runtime::Runtime", { tag: "composite", fields: [] });

/** The extensions' part of an extrinsic, one after the other. */
function extraType({ extrinsic }: MetadataSource): TypeDef {
  const items = extrinsic.extensions.map((e) => e.extra.type);
  return { key: `(${items.map((i) => i.key).join(", ")})`, path: [], shape: { tag: "tuple", items } };
}

/** V14 has no other place for the types of an extrinsic's parts than the parameters of its type. */
function uncheckedExtrinsic(source: MetadataSource): TypeDef {
  return namedType(
    "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic",
    { tag: "composite", fields: [{ type: bytes.type }] },
    [
      { name: "Address", type: source.extrinsic.address.type },
      { name: "Call", type: outerEnum("RuntimeCall", source.pallets, "callType") },
      { name: "Signature", type: source.extrinsic.signature.type },
      { name: "Extra", type: extraType(source) },
    ],
  );
}

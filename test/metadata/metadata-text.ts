import { decAnyMetadata } from "@polkadot-api/substrate-bindings";
import { metadata } from "../../runtime/apis.ts";
import { metadataVersions } from "../../runtime/frame/metadata/metadata.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { concatBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";

// A chain with every parameter at its default, so that only the runtime itself makes a difference.
const backend = memoryBackend();
backend.apply(buildGenesis({}));
const ctx = { storage: backend };

/** Changes with every bit of any version of the metadata. */
export const fingerprint = (): string =>
  toHex(blake2_256(concatBytes(...metadataVersions.map((version) => metadata(ctx, version)))));

/** The metadata (V16) as lines that a reviewer can read, one for each thing that a client could notice. */
export function metadataText(): string {
  const { metadata: versioned } = decAnyMetadata(metadata(ctx, 16));
  if (versioned.tag !== "v16") throw new Error("V16 expected");
  const { lookup, pallets, extrinsic, apis } = versioned.value;
  const entry = (id: number) => lookup[id]!;
  const fields = (list: Fields) =>
    list.map((f) => `${f.name ? `${f.name}: ` : ""}${typeName(f.type)}`).join(", ");

  /** A name where there is one, the structure where there is none. */
  function typeName(id: number): string {
    const { path, def, params } = entry(id);
    if (path.length > 0) {
      const generics = params.flatMap((p) => (p.type === undefined ? [] : [typeName(p.type)]));
      return path.at(-1)! + (generics.length > 0 && generics.length < 3 ? `<${generics.join(", ")}>` : "");
    }
    switch (def.tag) {
      case "primitive":
        return def.value.tag;
      case "sequence":
        return `Vec<${typeName(def.value)}>`;
      case "compact":
        return `Compact<${typeName(def.value)}>`;
      case "array":
        return `[${typeName(def.value.type)}; ${def.value.len}]`;
      case "tuple":
        return `(${def.value.map(typeName).join(", ")})`;
      default:
        return def.tag;
    }
  }

  const variants = (id: number | undefined, kind: string) => {
    if (id === undefined) return [];
    const { def } = entry(id);
    if (def.tag !== "variant") throw new Error(`${kind} is no enum`);
    return def.value.map((v) => `  ${kind} ${v.index} ${v.name}(${fields(v.fields)})`);
  };

  const lines = pallets.flatMap((pallet) => [
    `pallet ${pallet.index} ${pallet.name}`,
    ...(pallet.storage?.items ?? []).map(({ name, modifier, type, fallback }) => {
      const keys = type.tag === "map" ? type.value.hashers.map((h) => h.tag).join(" ") : "";
      const of = type.tag === "map" ? `[${keys}] ${typeName(type.value.key)} -> ` : "";
      const value = typeName(type.tag === "map" ? type.value.value : type.value);
      return `  storage ${name}: ${of}${value}${modifier === 1 ? ` = ${fallback}` : "?"}`;
    }),
    ...variants(pallet.calls?.type, "call"),
    ...variants(pallet.events?.type, "event"),
    ...variants(pallet.errors?.type, "error"),
    ...pallet.constants.map((c) => `  constant ${c.name}: ${typeName(c.type)} = ${c.value}`),
  ]);
  const extensions = extrinsic.signedExtensions.map(
    (e) => `extension ${e.identifier}: ${typeName(e.type)} + ${typeName(e.additionalSigned)}`,
  );
  const methods = apis.flatMap((api) => [
    `api ${api.name} ${api.version}`,
    ...api.methods.map((m) => `  ${m.name}(${fields(m.inputs)}) -> ${typeName(m.output)}`),
  ]);
  const types = lookup.flatMap(({ path, def }) => {
    if (path.length === 0) return [];
    if (def.tag === "composite") return [`type ${path.join("::")} { ${fields(def.value)} }`];
    if (def.tag !== "variant" || path.at(-1) === "Era") return [];
    const list = def.value.map((v) => `${v.index} ${v.name}(${fields(v.fields)})`);
    return [`type ${path.join("::")} [ ${list.join(", ")} ]`];
  });
  return `${[...lines, ...extensions, ...methods, ...types.sort()].join("\n")}\n`;
}

type Fields = readonly { readonly name?: string | undefined; readonly type: number }[];

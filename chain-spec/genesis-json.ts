import type { GenesisConfig } from "../runtime/genesis.ts";
import { fromHex, toHex } from "../runtime/primitives/bytes.ts";
import type { Fields } from "../runtime/primitives/codec.ts";
import { fieldsOf } from "../runtime/primitives/codec-struct.ts";
import type { Genesis } from "./chain-spec.ts";
import type { Json } from "./json-text.ts";
import { SpecError } from "./spec-error.ts";
import { camelCase, object, valueFromJson, valueToJson } from "./value-json.ts";

/** By pallet name, what its genesis can be told. */
export type GenesisFields = ReadonlyMap<string, Fields>;

/** Reads the `genesis` field: `runtimeGenesis.patch`, `runtimeGenesis.config`, or `raw.top`. */
export function genesisFromJson(json: Json, known: GenesisFields): Genesis {
  const genesis = object(json, "genesis");
  if (genesis.raw !== undefined) return { type: "raw", top: topFromJson(object(genesis.raw, "genesis.raw")) };
  const at = "genesis.runtimeGenesis";
  if (genesis.runtimeGenesis === undefined)
    throw new SpecError("genesis", "must have `runtimeGenesis` or `raw`");
  const runtimeGenesis = object(genesis.runtimeGenesis, at);
  const key = runtimeGenesis.config === undefined ? "patch" : "config";
  const given = object(runtimeGenesis[key] ?? {}, `${at}.${key}`);
  return { type: "config", config: configFromJson(given, known, `${at}.${key}`) };
}

/** The inverse of `genesisFromJson`. */
export function genesisToJson(genesis: Genesis, known: GenesisFields): Json {
  if (genesis.type === "raw") {
    const top = Object.fromEntries(genesis.top.map(([key, value]) => [toHex(key), toHex(value)]));
    return { raw: { top, childrenDefault: {} } };
  }
  const patch = Object.entries(genesis.config).map(([pallet, fields]) => {
    const types = new Map(fieldsOf(known.get(pallet) ?? {}).map((f) => [f.name, f.type]));
    return [
      camelCase(pallet),
      Object.fromEntries(
        Object.entries(fields).map(([k, v]) => [camelCase(k), valueToJson(types.get(k)!, v)]),
      ),
    ];
  });
  return { runtimeGenesis: { patch: Object.fromEntries(patch) } };
}

function configFromJson(
  given: { readonly [key: string]: Json },
  known: GenesisFields,
  at: string,
): GenesisConfig {
  const pallets = new Map([...known].map(([name, fields]) => [camelCase(name), { name, fields }]));
  return Object.fromEntries(
    Object.entries(given).map(([key, json]) => {
      const pallet = pallets.get(key);
      const path = `${at}.${key}`;
      if (!pallet) throw new SpecError(path, `is unknown; known are ${[...pallets.keys()].join(", ")}`);
      const types = new Map(fieldsOf(pallet.fields).map((f) => [camelCase(f.name ?? ""), f]));
      const values = Object.entries(object(json, path)).map(([field, value]) => {
        const declared = types.get(field);
        if (!declared)
          throw new SpecError(`${path}.${field}`, `is unknown; known are ${[...types.keys()].join(", ")}`);
        return [declared.name, valueFromJson(declared.type, value, `${path}.${field}`)];
      });
      return [pallet.name, Object.fromEntries(values)];
    }),
  );
}

function topFromJson(raw: { readonly [key: string]: Json }): (readonly [Uint8Array, Uint8Array])[] {
  const children = object(raw.childrenDefault ?? {}, "genesis.raw.childrenDefault");
  if (Object.keys(children).length > 0)
    throw new SpecError("genesis.raw.childrenDefault", "must be empty: child tries are not supported");
  return Object.entries(object(raw.top, "genesis.raw.top")).map(([key, value]) => {
    const at = `genesis.raw.top.${key}`;
    const bytes = typeof value === "string" ? fromHex(value) : undefined;
    const keyBytes = fromHex(key);
    if (!keyBytes || !bytes) throw new SpecError(at, "key and value must be hex text, 0x...");
    return [keyBytes, bytes] as const;
  });
}

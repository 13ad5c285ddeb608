import { decodeAddress, encodeAddress } from "@polkadot/util-crypto/address";
import { fromHex, toHex } from "../runtime/primitives/bytes.ts";
import type { Field, TypeDef } from "../runtime/primitives/type-def.ts";
import type { Json } from "./json-text.ts";
import { SpecError } from "./spec-error.ts";

/**
 * Reads the value that `json` stands for, led by the type's own description: structs are objects with
 * camelCase names, accounts are SS58 addresses or hex, bytes are hex, integers are numbers or decimal text.
 * Throws a `SpecError` that names the field.
 */
export function valueFromJson(type: TypeDef, json: Json, at: string): unknown {
  if (type.key === accountKey) return account(json, at);
  const { shape } = type;
  switch (shape.tag) {
    case "primitive":
      return primitive(shape.name, json, at);
    case "compact":
      return valueFromJson(shape.item, json, at);
    case "composite":
      return composite(shape.fields, json, at);
    case "tuple":
      return list(json, at, shape.items.length).map((v, i) =>
        valueFromJson(shape.items[i]!, v, `${at}[${i}]`),
      );
    case "array":
      if (shape.item.key === "u8") return byteString(json, at, shape.length);
      return list(json, at, shape.length).map((v, i) => valueFromJson(shape.item, v, `${at}[${i}]`));
    case "sequence":
      if (shape.item.key === "u8") return byteString(json, at);
      return list(json, at).map((v, i) => valueFromJson(shape.item, v, `${at}[${i}]`));
    case "variant": {
      const some = shape.variants.find((v) => v.name === "Some");
      if (some && type.path.at(-1) === "Option") {
        return json === null ? undefined : valueFromJson(some.fields[0]!.type, json, at);
      }
      return variantName(
        shape.variants.map((v) => v.name),
        json,
        at,
      );
    }
    case "bitSequence":
      throw new SpecError(at, "bit sequences cannot be configured");
  }
}

/** The inverse of `valueFromJson`. */
export function valueToJson(type: TypeDef, value: unknown): Json {
  if (type.key === accountKey) return encodeAddress(value as Uint8Array);
  if (value instanceof Uint8Array) return toHex(value);
  const { shape } = type;
  switch (shape.tag) {
    case "compact":
      return valueToJson(shape.item, value);
    case "composite": {
      const single = transparent(shape.fields);
      if (single) return valueToJson(single, value);
      const entries = Object.entries(value as Record<string, unknown>);
      const types = new Map(shape.fields.map((f) => [f.name, f.type]));
      return Object.fromEntries(entries.map(([k, v]) => [camelCase(k), valueToJson(types.get(k)!, v)]));
    }
    case "tuple":
      return (value as readonly unknown[]).map((v, i) => valueToJson(shape.items[i]!, v));
    case "array":
    case "sequence":
      return (value as readonly unknown[]).map((v) => valueToJson(shape.item, v));
    case "variant": {
      const some = shape.variants.find((v) => v.name === "Some");
      if (!some) return value as Json;
      return value === undefined ? null : valueToJson(some.fields[0]!.type, value);
    }
    default:
      return value as Json;
  }
}

/** `dev_accounts` to `devAccounts`, `TransactionPayment` to `transactionPayment`. */
export const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()).replace(/^[A-Z]/, (c) => c.toLowerCase());

const accountKey = "sp_core::crypto::AccountId32";

function account(json: Json, at: string): Uint8Array {
  if (typeof json === "string" && !json.startsWith("0x")) {
    try {
      const key = decodeAddress(json);
      if (key.length === 32) return key;
    } catch {
      // The error below says what is expected, for every way of being wrong.
    }
    throw new SpecError(at, `"${json}" is no SS58 address of an account`);
  }
  return byteString(json, at, 32);
}

function byteString(json: Json, at: string, length?: number): Uint8Array {
  const bytes = typeof json === "string" ? fromHex(json) : undefined;
  if (bytes === undefined) throw new SpecError(at, "must be hex text, 0x...");
  if (length !== undefined && bytes.length !== length) {
    throw new SpecError(at, `has ${bytes.length} bytes, must have ${length}`);
  }
  return bytes;
}

function primitive(name: string, json: Json, at: string): unknown {
  if (name === "bool" || name === "str" || name === "char") {
    const wanted = name === "bool" ? "boolean" : "string";
    if (typeof json !== wanted) throw new SpecError(at, `must be a ${wanted}`);
    return json;
  }
  const bits = Number(name.slice(1));
  const isDecimal = typeof json === "string" && /^-?\d{1,80}$/.test(json);
  const isInteger =
    typeof json === "bigint" || (typeof json === "number" && Number.isInteger(json)) || isDecimal;
  if (!isInteger) throw new SpecError(at, `must be an integer (${name})`);
  const value = BigInt(json as string | number | bigint);
  const fits = name.startsWith("u")
    ? BigInt.asUintN(bits, value) === value
    : BigInt.asIntN(bits, value) === value;
  if (!fits) throw new SpecError(at, `${value} does not fit in a ${name}`);
  return bits <= 32 ? Number(value) : value;
}

function composite(fields: readonly Field[], json: Json, at: string): unknown {
  const single = transparent(fields);
  if (single) return valueFromJson(single, json, at);
  const given = object(json, at);
  const known = new Map(fields.map((f) => [camelCase(f.name ?? ""), f]));
  for (const key of Object.keys(given)) {
    if (!known.has(key))
      throw new SpecError(`${at}.${key}`, `is unknown; known are ${[...known.keys()].join(", ")}`);
  }
  return Object.fromEntries(
    [...known].map(([key, field]) => {
      if (given[key] === undefined) throw new SpecError(`${at}.${key}`, "is missing");
      return [field.name, valueFromJson(field.type, given[key], `${at}.${key}`)];
    }),
  );
}

function variantName(names: readonly string[], json: Json, at: string): string {
  if (typeof json === "string" && names.includes(json)) return json;
  throw new SpecError(at, `must be one of ${names.join(", ")}`);
}

function list(json: Json, at: string, length?: number): readonly Json[] {
  if (!Array.isArray(json)) throw new SpecError(at, "must be a list");
  if (length !== undefined && json.length !== length) throw new SpecError(at, `must have ${length} items`);
  return json;
}

/** `json` as an object, or a `SpecError`. */
export function object(json: Json | undefined, at: string): { readonly [key: string]: Json } {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new SpecError(at, "must be an object");
  return json as { readonly [key: string]: Json };
}

// A struct around one nameless field, such as a bounded list, is written as what it holds.
const transparent = (fields: readonly Field[]): TypeDef | undefined =>
  fields.length === 1 && fields[0]?.name === undefined ? fields[0]?.type : undefined;

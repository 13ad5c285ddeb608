/**
 * Our declarations beside the metadata of Substrate's own node, as polkadot.js ships it: pallets of the same name
 * have the same storage, calls, events, errors and constants, down to field names, types and type names.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { toHex } from "../runtime/primitives/bytes.ts";
import { encode } from "../runtime/primitives/codec.ts";
import type { TypeDef } from "../runtime/primitives/type-def.ts";
import { testChain } from "./testing/chain.ts";

interface TheirField {
  readonly name: string | null;
  readonly type: number;
  readonly typeName: string | null;
}
interface TheirType {
  readonly path: readonly string[];
  readonly def: {
    readonly composite?: { readonly fields: readonly TheirField[] };
    readonly variant?: {
      readonly variants: readonly { name: string; index: number; fields: readonly TheirField[] }[];
    };
    readonly sequence?: { readonly type: number };
    readonly array?: { readonly len: number; readonly type: number };
    readonly tuple?: readonly number[];
    readonly primitive?: string;
    readonly compact?: { readonly type: number };
  };
}
interface TheirItem {
  readonly name: string;
  readonly modifier: string;
  readonly type: { plain?: number; map?: { hashers: readonly string[]; key: number; value: number } };
  readonly fallback: string;
}
interface TheirPallet {
  readonly name: string;
  readonly storage: { readonly items: readonly TheirItem[] } | null;
  readonly calls: { readonly type: number } | null;
  readonly events: { readonly type: number } | null;
  readonly errors: { readonly type: number } | null;
  readonly constants: readonly { readonly name: string; readonly type: number; readonly value: string }[];
}

const folder = createRequire(import.meta.url).resolve(
  "@polkadot/types-support/metadata/v16/substrate-json.json",
);
const load = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const theirTypes = new Map(
  (load(folder.replace("-json", "-types")) as { id: number; type: TheirType }[]).map((t) => [t.id, t.type]),
);
const theirPallets = (load(folder) as { metadata: { v16: { pallets: TheirPallet[] } } }).metadata.v16.pallets;

/** What each chain composes of its own pallets, or chooses: the name is all that can be the same. */
const ownOfChain =
  /::(RuntimeCall|RuntimeEvent|RuntimeHoldReason|RuntimeFreezeReason|OriginCaller|ProxyType)$/;
/** Without the Indices pallet, the index in an address is of another type. */
const ownOfConfiguration = /MultiAddress$/;

function name(path: readonly string[]): string | undefined {
  const joined = path.join("::");
  if (ownOfChain.test(joined)) return path.at(-1);
  return ownOfConfiguration.test(joined) ? joined : undefined;
}

/** Type names matter where fields have names: clients choose their input fields by them. */
const fieldText = (
  fieldName: string | null | undefined,
  type: string,
  typeName: string | null | undefined,
) => (fieldName ? `${fieldName}: ${type} as ${typeName}` : type);

/** One of their types, written out. */
function theirs(id: number): string {
  const { path, def } = theirTypes.get(Number(id))!;
  const own = name(path);
  if (own) return own;
  const fields = (list: readonly TheirField[]) =>
    list.map((f) => fieldText(f.name, theirs(f.type), f.typeName)).join(", ");
  if (def.composite) return `${path.join("::")}{${fields(def.composite.fields)}}`;
  if (def.variant) {
    const variants = def.variant.variants.toSorted((a, b) => a.index - b.index);
    return `${path.join("::")}<${variants.map((v) => `${v.index} ${v.name}(${fields(v.fields)})`).join(" | ")}>`;
  }
  if (def.sequence) return `Vec<${theirs(def.sequence.type)}>`;
  if (def.array) return `[${theirs(def.array.type)}; ${def.array.len}]`;
  if (def.tuple) return `(${def.tuple.map(theirs).join(", ")})`;
  if (def.compact) return `Compact<${theirs(def.compact.type)}>`;
  return def.primitive!.toLowerCase();
}

/** One of ours, in the same writing. */
function ours({ path, shape }: TypeDef): string {
  const own = name(path);
  if (own) return own;
  const fields = (list: readonly { name?: string; type: TypeDef; typeName?: string }[]) =>
    list.map((f) => fieldText(f.name, ours(f.type), f.typeName)).join(", ");
  switch (shape.tag) {
    case "composite":
      return `${path.join("::")}{${fields(shape.fields)}}`;
    case "variant": {
      const variants = shape.variants.toSorted((a, b) => a.index - b.index);
      return `${path.join("::")}<${variants.map((v) => `${v.index} ${v.name}(${fields(v.fields)})`).join(" | ")}>`;
    }
    case "sequence":
      return `Vec<${ours(shape.item)}>`;
    case "array":
      return `[${ours(shape.item)}; ${shape.length}]`;
    case "tuple":
      return `(${shape.items.map(ours).join(", ")})`;
    case "compact":
      return `Compact<${ours(shape.item)}>`;
    case "primitive":
      return shape.name;
    case "bitSequence":
      return "bits";
  }
}

/** An enum, one line for each variant, so that a difference is easily seen. */
const lines = (type: string | undefined): string[] => (type ?? "").split(" | ");

/** Named for what they do, as in Substrate, but with rules of this chain. */
const ownRules = ["Grandpa", "Treasury", "Referenda"];

const { runtime } = testChain();
const shared = runtime.pallets.flatMap((entry) => {
  const their = theirPallets.find((p) => p.name === entry.pallet.name);
  return their && !ownRules.includes(their.name) ? [{ name: their.name, entry, their }] : [];
});

test("eight pallets are Substrate's", () => {
  expect(shared.map((s) => s.name)).toEqual([
    "System",
    "Timestamp",
    "Balances",
    "TransactionPayment",
    "Utility",
    "Sudo",
    "Multisig",
    "Proxy",
  ]);
});

test.each(shared)("$name: calls, events and errors", ({ entry, their }) => {
  const theirEnum = (part: { readonly type: number } | null) => lines(part ? theirs(part.type) : undefined);
  expect(lines(entry.callType && ours(entry.callType))).toEqual(theirEnum(their.calls));
  expect(lines(entry.eventType && ours(entry.eventType))).toEqual(theirEnum(their.events));
  expect(lines(entry.errorType && ours(entry.errorType))).toEqual(theirEnum(their.errors));
});

test.each(shared)("$name: storage", ({ entry, their }) => {
  const items = Object.entries(entry.pallet.schema.storage ?? {}).map(([itemName, item]) => {
    const keys = item.hashers.map((h) => ours(h.codec.type));
    return {
      name: itemName,
      modifier: item.fallback === undefined ? "Optional" : "Default",
      hashers: item.hashers.map((h) => h.name.replace("Blake2128", "Blake2_128")),
      key: keys.length > 1 ? `(${keys.join(", ")})` : keys[0],
      value: ours(item.codec.type),
      fallback: item.fallback === undefined ? "0x00" : toHex(encode(item.codec, item.fallback)),
    };
  });
  expect(items).toEqual(
    (their.storage?.items ?? []).map(({ name: itemName, modifier, type, fallback }) => ({
      name: itemName,
      modifier,
      hashers: [...(type.map?.hashers ?? [])],
      key: type.map ? theirs(type.map.key) : undefined,
      value: theirs((type.plain ?? type.map?.value)!),
      fallback,
    })),
  );
});

test.each(shared)("$name: constants", ({ entry, their }) => {
  const constants = Object.entries(entry.pallet.schema.constants ?? {}).map(
    ([constantName, { codec }]) => `${constantName} ${ours(codec.type)}`,
  );
  expect(constants).toEqual(their.constants.map((c) => `${c.name} ${theirs(c.type)}`));
});

test("limits of blocks, weights of storage and the address prefix have the values of Substrate's node", () => {
  const { entry, their } = shared.find((s) => s.name === "System")!;
  const { ctx } = testChain();
  for (const constantName of ["BlockWeights", "BlockLength", "BlockHashCount", "DbWeight", "SS58Prefix"]) {
    const { codec, read } = entry.pallet.schema.constants![constantName]!;
    const value = toHex(encode(codec, read(ctx, `System.${constantName}`)));
    expect(value, constantName).toBe(their.constants.find((c) => c.name === constantName)!.value);
  }
});

/** All pallets but the one that stands for others in tests. */
const described = runtime.pallets.filter(({ pallet }) => pallet.name !== "Holder");

test.each(described)("$pallet.name: every part has its sentence", (entry) => {
  const { docs, storage = {}, events = {}, constants = {} } = entry.pallet.schema;
  expect(docs?.pallet).toBeTruthy();
  expect(Object.keys(docs?.storage ?? {})).toEqual(Object.keys(storage));
  expect(Object.keys(docs?.events ?? {})).toEqual(Object.keys(events));
  expect(Object.keys(docs?.constants ?? {})).toEqual(Object.keys(constants));
  for (const call of Object.values(entry.pallet.calls)) expect(call.docs).toBeTruthy();
});

test("what Grandpa shares with Substrate's is of the same types, so that its clients read the set and its changes", () => {
  const { pallet } = runtime.pallets.find((p) => p.pallet.name === "Grandpa")!;
  const their = theirPallets.find((p) => p.name === "Grandpa")!;
  for (const itemName of ["CurrentSetId", "Authorities"]) {
    const item = pallet.schema.storage![itemName]!;
    const { type, modifier, fallback } = their.storage!.items.find((i) => i.name === itemName)!;
    expect(ours(item.codec.type), itemName).toBe(theirs(type.plain!));
    expect([modifier, fallback]).toEqual(["Default", toHex(encode(item.codec, item.fallback))]);
  }
  const variant = (id: number, variantName: string) =>
    theirTypes.get(id)!.def.variant!.variants.find((v) => v.name === variantName)!;
  const fieldsOf = (fields: readonly TheirField[]) =>
    fields.map((f) => fieldText(f.name, theirs(f.type), f.typeName));
  const oursOf = (fields: Readonly<Record<string, { type: TypeDef; typeName?: string }>>) =>
    Object.entries(fields).map(([key, f]) => fieldText(key, ours(f.type), f.typeName));
  expect(oursOf(pallet.schema.events!.NewAuthorities!)).toEqual(
    fieldsOf(variant(their.events!.type, "NewAuthorities").fields),
  );
  // Who owned a key, this chain remembers: the proof of it is left out.
  for (const callName of ["report_equivocation", "report_equivocation_unsigned"]) {
    const { index, fields } = variant(their.calls!.type, callName);
    expect(oursOf(pallet.calls[callName]!.args)).toEqual(fieldsOf(fields).slice(0, 1));
    expect(pallet.calls[callName]!.index).toBe(index);
  }
});

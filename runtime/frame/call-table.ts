import type { Codec, Fields } from "../primitives/codec.ts";
import { CodecError } from "../primitives/codec-error.ts";
import { record } from "../primitives/codec-struct.ts";
import type { TypeDef } from "../primitives/type-def.ts";
import type { Call } from "./call.ts";
import { outerEnum, type PalletEntry } from "./pallet-entry.ts";
import type { AnyCall, AnyEvent } from "./runtime-call.ts";

/** All calls of a runtime, by name and by wire index. */
export interface CallTable {
  readonly codec: Codec<AnyCall>;
  /** The declaration of a call; throws when there is none, since calls come decoded or written in code. */
  find(call: AnyCall): Call<Fields>;
}

/** The codec of a runtime's calls, and what each of them does. */
export function callTable(entries: readonly PalletEntry[]): CallTable {
  const calls = new Map(
    entries.map(({ pallet }) => [pallet.name, new Map<string, Call<Fields>>(Object.entries(pallet.calls))]),
  );
  return {
    codec: twoByteEnum(
      outerEnum("RuntimeCall", entries, "callType"),
      entries.map(({ index, pallet }) => ({
        pallet: pallet.name,
        index,
        items: Object.entries(pallet.calls).map(([name, call]) => ({
          name,
          index: call.index,
          fields: call.args,
        })),
      })),
    ),
    find(call) {
      const found = calls.get(call.type)?.get(call.value.type);
      if (!found) throw new Error(`the runtime has no call ${call.type}.${call.value.type}`);
      return found;
    },
  };
}

/** Events have the same form: pallet index, event index, fields. */
export const eventCodec = (entries: readonly PalletEntry[]): Codec<AnyEvent> =>
  twoByteEnum(
    outerEnum("RuntimeEvent", entries, "eventType"),
    entries.map(({ index, pallet }) => ({
      pallet: pallet.name,
      index,
      items: Object.entries(pallet.schema.events ?? {}).map(([name, fields], i) => ({
        name,
        index: i,
        fields,
      })),
    })),
  );

interface Group {
  readonly pallet: string;
  readonly index: number;
  readonly items: readonly { readonly name: string; readonly index: number; readonly fields: Fields }[];
}

interface Item {
  readonly pallet: string;
  readonly name: string;
  readonly first: number;
  readonly second: number;
  readonly codec: Codec<Readonly<Record<string, unknown>>>;
}

function twoByteEnum(type: TypeDef, groups: readonly Group[]): Codec<AnyCall> {
  const byIndex: (Item | undefined)[] = [];
  const byName = new Map<string, Map<string, Item>>();
  for (const { pallet, index: first, items } of groups) {
    const names = new Map<string, Item>();
    byName.set(pallet, names);
    for (const { name, index: second, fields } of items) {
      const item = { pallet, name, first, second, codec: record(fields) };
      const at = first * 256 + second;
      if (byIndex[at]) throw new Error(`${pallet} has two items with index ${second}`);
      byIndex[at] = item;
      names.set(name, item);
    }
  }
  return {
    type,
    encode(value, out) {
      const item = byName.get(value.type)?.get(value.value.type);
      if (!item)
        throw new CodecError("UnknownVariant", `no ${value.type}.${value.value.type} in this runtime`);
      out.u8(item.first);
      out.u8(item.second);
      item.codec.encode(value.value.value as Readonly<Record<string, unknown>>, out);
    },
    decode(input) {
      const first = input.u8();
      const second = input.u8();
      const item = byIndex[first * 256 + second];
      if (!item)
        throw new CodecError("UnknownVariant", `no item ${second} of pallet ${first} in this runtime`);
      return { type: item.pallet, value: { type: item.name, value: item.codec.decode(input) } };
    },
  };
}

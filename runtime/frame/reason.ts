import type { Codec } from "../primitives/codec.ts";
import { tagged, unitEnum } from "../primitives/codec-tagged.ts";
import type { TypeDef } from "../primitives/type-def.ts";
import type { PalletEntry } from "./pallet-entry.ts";

/** Why funds are on hold or frozen: a pallet's name, and one of the reasons that its schema declares. */
export interface Reason {
  readonly type: string;
  readonly value: string;
}

type Kind = "HoldReason" | "FreezeReason";

/** As FRAME's `RuntimeHoldReason`: all that the runtime's pallets declare. */
export const runtimeHoldReason = reasonCodec("HoldReason");
export const runtimeFreezeReason = reasonCodec("FreezeReason");

/** The number of different reasons, which bounds the holds of one account. */
export const holdReasonCount = (): number => tied.HoldReason.count;

export const sameReason = (a: Reason, b: Reason): boolean => a.type === b.type && a.value === b.value;

/** Collects the reasons of a runtime; `construct` does so, and the latest runtime of a process holds. */
export function tieReasons(entries: readonly PalletEntry[]): void {
  tied = { HoldReason: collect("HoldReason", entries), FreezeReason: collect("FreezeReason", entries) };
}

interface Reasons {
  readonly codec: Codec<Reason>;
  readonly count: number;
}

let tied: Readonly<Record<Kind, Reasons>> = {
  HoldReason: collect("HoldReason", []),
  FreezeReason: collect("FreezeReason", []),
};

function collect(kind: Kind, entries: readonly PalletEntry[]): Reasons {
  const declared = entries.flatMap(({ index, crate, pallet }) => {
    const names = pallet.schema[kind === "HoldReason" ? "holdReasons" : "freezeReasons"] ?? [];
    return names.length === 0 ? [] : [{ index, name: pallet.name, path: `${crate}::pallet::${kind}`, names }];
  });
  const variants = declared.map(({ name, path, names }) => [name, unitEnum(path, names)] as const);
  const indices = declared.map(({ index }) => index);
  return {
    codec: tagged(`matrixai_runtime::Runtime${kind}`, Object.fromEntries(variants), { indices }),
    count: declared.reduce((sum, { names }) => sum + names.length, 0),
  };
}

function reasonCodec(kind: Kind): Codec<Reason> {
  const path = `matrixai_runtime::Runtime${kind}`;
  return {
    type: {
      key: path,
      path: path.split("::"),
      get shape(): TypeDef["shape"] {
        return tied[kind].codec.type.shape;
      },
    },
    encode: (reason, out) => tied[kind].codec.encode(reason, out),
    decode: (input) => tied[kind].codec.decode(input),
  };
}

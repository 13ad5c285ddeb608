import type { Codec, Fields, ValuesOf } from "../primitives/codec.ts";
import type { Overlay } from "../primitives/overlay.ts";
import type { Call, Calls, InfoOf } from "./call.ts";
import { callTable, eventCodec } from "./call-table.ts";
import { Context, type DepositEvent, type Engine } from "./context.ts";
import type { Ctx, Governed, RuntimePort } from "./ctx.ts";
import type { DispatchInfo } from "./dispatch-info.ts";
import { noneOrigin, type Origin } from "./origin.ts";
import type { Pallet } from "./pallet.ts";
import { type PalletEntry, palletEntry } from "./pallet-entry.ts";
import { tieReasons } from "./reason.ts";
import { type AnyCall, type AnyEvent, tieRuntime } from "./runtime-call.ts";
import type { RuntimeVersion } from "./runtime-version.ts";

/** Pallets by their index on the wire. */
export type Pallets = Readonly<Record<number, Pallet>>;

type CallOf<C extends Calls> = {
  [K in keyof C & string]: { readonly type: K; readonly value: ValuesOf<C[K]["args"]> };
}[keyof C & string];

/** `{ type: "Balances", value: { type: "transfer_keep_alive", value: { dest, value } } }`, for each pallet and call. */
export type RuntimeCall<P extends Pallets> = P[keyof P & number] extends infer Each
  ? Each extends Pallet<infer N, infer _S, infer C>
    ? { readonly type: N; readonly value: CallOf<C> }
    : never
  : never;

/** What does not come from pallets. */
export interface RuntimeOptions {
  readonly version: RuntimeVersion;
  /** Where events go: the system pallet. */
  readonly depositEvent: DepositEvent;
}

export interface Runtime<P extends Pallets = Pallets> extends RuntimePort {
  /** In the order of their indices, which is the order of their hooks. */
  readonly pallets: readonly PalletEntry[];
  readonly call: Codec<RuntimeCall<P>>;
  readonly event: Codec<AnyEvent>;
  /** What calls and hooks are given; `origin` is nobody unless told. */
  context(storage: Overlay, origin?: Origin): Ctx;
}

/** Makes a runtime of pallets; the keys are their indices on the wire. */
export function construct<const P extends Pallets>(pallets: P, options: RuntimeOptions): Runtime<P> {
  const entries = Object.entries(pallets).map(([index, pallet]) => palletEntry(Number(index), pallet));
  const indices = new Map(entries.map((entry) => [entry.pallet.name, entry.index]));
  const votable = new Map(entries.flatMap(({ pallet }) => governedBy(pallet)));
  const calls = callTable(entries);
  const event = eventCodec(entries);

  // A batch asks each call inside it twice, once for its weight and once for its class: without memory, a batch
  // in a batch in a batch would take for ever.
  const infos = new WeakMap<AnyCall, DispatchInfo>();
  const port: RuntimePort = {
    version: options.version,
    indexOf(name) {
      const index = indices.get(name);
      if (index === undefined) throw new Error(`the runtime has no pallet ${name}`);
      return index;
    },
    dispatchInfo(call): DispatchInfo {
      const declared = calls.find(call);
      const { weight, class: kind = "Normal", paysFee = "Yes" } = declared;
      if (typeof weight !== "function" && typeof kind !== "function" && typeof paysFee !== "function") {
        return { weight, class: kind, pays_fee: paysFee };
      }
      let info = infos.get(call);
      if (info === undefined) {
        info = infoByArguments(declared, call.value.value, port.dispatchInfo);
        infos.set(call, info);
      }
      return info;
    },
    errorValue(reason) {
      if (reason.type !== "Pallet") return reason;
      const error = Uint8Array.of(reason.index, 0, 0, 0);
      return { type: "Module", value: { index: port.indexOf(reason.pallet), error } };
    },
    errorName(index, error) {
      const pallet = pallets[index];
      const name = Object.keys(pallet?.schema.errors ?? {})[error];
      return name === undefined ? undefined : `${pallet?.name}.${name}`;
    },
    governed: (name) => votable.get(name),
  };

  const engine: Engine = { runtime: port, calls, depositEvent: options.depositEvent };
  tieReasons(entries);
  tieRuntime({ call: calls.codec, event });
  return {
    ...port,
    pallets: entries,
    // The table is made of the same declarations that `RuntimeCall` is inferred from.
    call: calls.codec as Codec<AnyCall> as Codec<RuntimeCall<P>>,
    event,
    context: (storage, origin = noneOrigin) => new Context(engine, storage, origin, 0),
  };
}

/** By their names, the parameters of a pallet that votes may change. */
const governedBy = ({ name, schema }: Pallet): [name: string, parameter: Governed][] =>
  Object.entries(schema.constants ?? {}).flatMap(([key, { govern }]) => {
    const full = `${name}.${key}`;
    return govern ? [[full, govern(full)]] : [];
  });

function infoByArguments(declared: Call<Fields>, value: unknown, infoOf: InfoOf): DispatchInfo {
  const { weight, class: kind = "Normal", paysFee = "Yes" } = declared;
  const args = value as Readonly<Record<string, unknown>>;
  return {
    weight: typeof weight === "function" ? weight(args, infoOf) : weight,
    class: typeof kind === "function" ? kind(args, infoOf) : kind,
    pays_fee: typeof paysFee === "function" ? paysFee(args, infoOf) : paysFee,
  };
}

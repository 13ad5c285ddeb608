import type { Codec } from "../primitives/codec.ts";
import type { TypeDef } from "../primitives/type-def.ts";

/** A call of any pallet: `{ type: "Balances", value: { type: "transfer_keep_alive", value: { dest, value } } }`. */
export interface AnyCall {
  readonly type: string;
  readonly value: { readonly type: string; readonly value: unknown };
}

/** An event of any pallet, in the same form. */
export type AnyEvent = AnyCall;

let tied: { readonly call: Codec<AnyCall>; readonly event: Codec<AnyEvent> } | undefined;

/**
 * Calls hold calls (sudo, batches), so their codec exists before the runtime that defines it does.
 * `construct` ties the knot; the latest runtime of a process holds.
 */
export function tieRuntime(codecs: { readonly call: Codec<AnyCall>; readonly event: Codec<AnyEvent> }): void {
  tied = codecs;
}

/** A call inside a call. */
export const runtimeCall: Codec<AnyCall> = {
  type: laterType("matrixai_runtime::RuntimeCall", "call"),
  typeName: "Box<<T as Config>::RuntimeCall>",
  encode: (value, out) => runtime().call.encode(value, out),
  decode(input) {
    input.enter();
    const call = runtime().call.decode(input);
    input.leave();
    return call;
  },
};

/** An event of whatever pallet; the system pallet's records hold these. */
export const runtimeEvent: Codec<AnyEvent> = {
  type: laterType("matrixai_runtime::RuntimeEvent", "event"),
  encode: (value, out) => runtime().event.encode(value, out),
  decode: (input) => runtime().event.decode(input),
};

function runtime() {
  if (!tied) throw new Error("the codec of calls was used before a runtime was constructed");
  return tied;
}

/** Its name is known at once, its shape when metadata is made. */
function laterType(path: string, part: "call" | "event"): TypeDef {
  return {
    key: path,
    path: path.split("::"),
    get shape() {
      return runtime()[part].type.shape;
    },
  };
}

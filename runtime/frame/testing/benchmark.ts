import { textKey } from "../../primitives/key-text.ts";
import type { Ctx } from "../ctx.ts";
import type { Origin } from "../origin.ts";
import type { AnyCall } from "../runtime-call.ts";

/** How the weight of one call, or of a part of a hook, is measured. */
export interface Benchmark {
  /** The constant or function in the pallet's `weights.ts` that it is for. */
  readonly weight: string;
  /** So many items are compared with none, where the weight has a part for each; otherwise there are none. */
  readonly items?: number;
  /** Brings about the dearest case, at block 1 of a development chain; returns what is measured. */
  prepare(ctx: Ctx, items: number): (ctx: Ctx) => void;
}

/** Makes a call that must succeed. */
export const dispatching =
  (call: AnyCall, origin: Origin) =>
  (ctx: Ctx): void => {
    const result = ctx.dispatch(call, origin);
    if (result.ok) return;
    const { type, value } = result.error;
    const name = type === "Module" ? ctx.runtime.errorName(value.index, value.error[0]!) : type;
    throw new Error(`${call.type}.${call.value.type} fails with ${name}: nothing to measure`);
  };

/** Takes over what a test's chain, of the same pallets, has in its state. */
export function adopt(ctx: Ctx, chain: { readonly ctx: Ctx }): void {
  for (const [text, value] of chain.ctx.storage.changes()) {
    if (value === undefined) ctx.storage.delete(textKey(text));
    else ctx.storage.set(textKey(text), value);
  }
}

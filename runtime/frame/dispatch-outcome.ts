import { alias, type Value } from "../primitives/codec.ts";
import { unit } from "../primitives/codec-struct.ts";
import { result } from "../primitives/codec-tagged.ts";
import { dispatchErrorCodec } from "./dispatch-error.ts";
import type { DispatchResult } from "./dispatch-result.ts";

/** How an inner call ended, as events tell it. */
export const dispatchOutcome = alias(result(unit, dispatchErrorCodec), "DispatchResult");
export type DispatchOutcome = Value<typeof dispatchOutcome>;

export const outcomeOf = (dispatched: DispatchResult): DispatchOutcome =>
  dispatched.ok ? { type: "Ok", value: undefined } : { type: "Err", value: dispatched.error };

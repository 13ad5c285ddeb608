import { type AccountId, accountId } from "../primitives/account.ts";
import type { Value } from "../primitives/codec.ts";
import { unit } from "../primitives/codec-struct.ts";
import { tagged } from "../primitives/codec-tagged.ts";
import { badOrigin } from "./dispatch-error.ts";
import type { AnyCall } from "./runtime-call.ts";

/** On whose behalf a call runs: the chain itself, an account, or nobody (inherents). */
export const rawOrigin = tagged(
  "frame_support::dispatch::RawOrigin",
  { Root: unit, Signed: accountId, None: unit },
  { params: [{ name: "AccountId", type: accountId.type }] },
);
export type RawOrigin = Value<typeof rawOrigin>;

/** An origin as an argument of a call: whose it is, and which. */
export const originCaller = tagged("matrixai_runtime::OriginCaller", { system: rawOrigin });

/** An origin may carry a filter, which calls inside calls inherit: what a proxy may do. `Root` is not filtered. */
export type Origin = RawOrigin & { readonly filter?: CallFilter };
export type CallFilter = (call: AnyCall) => boolean;

export const rootOrigin: Origin = { type: "Root" };
export const noneOrigin: Origin = { type: "None" };
export const signedOrigin = (who: AccountId): Origin => ({ type: "Signed", value: who });

/** The origin of `who`, under the filters of `from` and under `filter` as well. */
export function restrictedOrigin(who: AccountId, from: Origin, filter?: CallFilter): Origin {
  const outer = from.filter;
  const both = outer && filter ? (call: AnyCall) => outer(call) && filter(call) : (filter ?? outer);
  return both ? { type: "Signed", value: who, filter: both } : signedOrigin(who);
}

/** Anything that acts on somebody's behalf, such as a call's context. */
interface Carrier {
  readonly origin: Origin;
}

/** The account that signed; `BadOrigin` for anybody else. */
export function signer({ origin }: Carrier): AccountId {
  if (origin.type !== "Signed") throw badOrigin();
  return origin.value;
}

export function root({ origin }: Carrier): void {
  if (origin.type !== "Root") throw badOrigin();
}

export function none({ origin }: Carrier): void {
  if (origin.type !== "None") throw badOrigin();
}

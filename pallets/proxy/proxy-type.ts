import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";

/** What a proxy may do. The first, which allows most, is the default. */
export const proxyType = unitEnum("matrixai_runtime::ProxyType", ["Any", "NonTransfer"]);
export type ProxyType = Value<typeof proxyType>;

/** Whether a proxy of this type may make this call. Calls inside calls are asked about one by one. */
export function permits(type: ProxyType, call: AnyCall): boolean {
  return type === "Any" || call.type !== "Balances";
}

/** Whether `type` permits all that `other` does. */
export const isSuperset = (type: ProxyType, other: ProxyType): boolean => type === "Any" || type === other;

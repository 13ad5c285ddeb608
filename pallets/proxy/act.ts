import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { isSuperset, type ProxyType, permits } from "./proxy-type.ts";
import { events } from "./schema.ts";

/** Makes a call as `real`. It may fail; the event tells. Whatever bound the proxy itself does not bind `real`. */
export function actFor(ctx: Ctx, real: AccountId, type: ProxyType, call: AnyCall): void {
  const filter = (inner: AnyCall) => keepsPrivileges(type, inner) && permits(type, inner);
  const outcome = ctx.dispatch(call, { type: "Signed", value: real, filter });
  events.ProxyExecuted(ctx, {
    result: outcome.ok ? { type: "Ok", value: undefined } : { type: "Err", value: outcome.error },
  });
}

/** A proxy may not give anybody more than it has, nor take from those who have more. */
function keepsPrivileges(type: ProxyType, { type: pallet, value: call }: AnyCall): boolean {
  if (pallet !== "Proxy") return true;
  switch (call.type) {
    case "add_proxy":
    case "remove_proxy":
      return isSuperset(type, (call.value as { readonly proxy_type: ProxyType }).proxy_type);
    case "remove_proxies":
    case "kill_pure":
      return type === "Any";
    default:
      return true;
  }
}

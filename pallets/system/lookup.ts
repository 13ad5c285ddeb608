import { cannotLookup } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId, MultiAddress } from "../../runtime/primitives/account.ts";

/** The account that an address names; `CannotLookup` for the forms that this chain has no index for. */
export function lookup(address: MultiAddress): AccountId {
  if (address.type !== "Id") throw cannotLookup();
  return address.value;
}

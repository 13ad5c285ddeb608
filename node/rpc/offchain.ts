/** `offchain_*`: values that this node keeps for itself, outside the chain. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { RpcError } from "./server/error.ts";
import { type Methods, unsafeCall } from "./server/method.ts";
import { hex, type Param, param, shown } from "./server/params.ts";
import type { Services } from "./services.ts";

export function offchainMethods({ offchain }: Pick<Services, "offchain">): Methods {
  return {
    offchain_localStorageSet: unsafeCall({ kind, key: hex, value: hex }, ({ key, value }) =>
      offchain.set(key, value),
    ),
    offchain_localStorageClear: unsafeCall({ kind, key: hex }, ({ key }) => offchain.delete(key)),
    offchain_localStorageGet: unsafeCall({ kind, key: hex }, ({ key }) => {
      const value = offchain.get(key);
      return value === undefined ? null : toHex(value);
    }),
  };
}

/** polkadot-sdk names a second kind, which it does not serve either. */
const kind: Param<"PERSISTENT"> = param((value) => {
  if (value === "PERSISTENT") return value;
  if (value === "LOCAL") throw new RpcError(5001, "This storage kind is not available yet.");
  throw new Error(`must be "PERSISTENT", got ${shown(value)}`);
});

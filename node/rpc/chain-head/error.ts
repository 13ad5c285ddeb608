/** Codes that the JSON-RPC interface specification gives to the `chainHead` group. */
import { RpcError } from "../server/error.ts";

export const tooManyFollows = (limit: number) =>
  new RpcError(
    -32800,
    "Maximum number of chainHead_follow has been reached",
    `at most ${limit} on one connection`,
  );
export const invalidBlock = (hash: string) =>
  new RpcError(-32801, "Invalid block hash", `${hash} is not pinned by this subscription`);
export const withoutRuntime = () =>
  new RpcError(
    -32802,
    "The runtime was not asked for",
    "chainHead_v1_follow was called with withRuntime false",
  );
export const invalidContinue = () =>
  new RpcError(-32803, "Wait for continue event was not generated for the subscription");
export const duplicateHashes = () =>
  new RpcError(-32804, "Received duplicate hashes for the `chainHead_unpin` method");

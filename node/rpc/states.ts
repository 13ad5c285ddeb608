/** The state that a client asks about, or Substrate's words for why there is none. */
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Hash } from "../chain/hash.ts";
import type { ChainReader } from "../chain/types.ts";
import type { StateView } from "../state/state-db.ts";
import { RpcError } from "./server/error.ts";
import type { RuntimeCalls } from "./services.ts";

/** @throws RpcError 4003 for an unknown block and for one whose state is pruned, told apart. */
export function stateAt(chain: ChainReader, at: Hash = chain.best.hash): StateView {
  const lookup = chain.stateAt(at);
  switch (lookup.type) {
    case "ok":
      return lookup.state;
    case "unknown":
      throw clientError(`UnknownBlock: Header was not found in the database: ${at}`);
    case "discarded":
      throw clientError(`UnknownBlock: State already discarded for ${at}`);
  }
}

/** Whether the block is there, whatever became of its state. @throws RpcError 4003 */
export function ensureKnown(chain: ChainReader, at: Hash | undefined): void {
  if (at !== undefined && chain.header(at) === undefined)
    throw clientError(`UnknownBlock: Header was not found in the database: ${at}`);
}

/** Calls a runtime API on a state that stays as it is. @throws Error with the runtime's reason. */
export function callOn(
  runtime: RuntimeCalls,
  state: StateView,
  method: string,
  args: Uint8Array,
): Uint8Array {
  return runtime.callApi(new Overlay(state), method, args);
}

export const clientError = (why: string) => new RpcError(4003, `Client error: ${why}`);

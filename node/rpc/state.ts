/** `state_*`: what the chain knows at a block, and word of changes. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { StateView } from "../state/state-db.ts";
import { collect } from "./collect.ts";
import { entriesUnder } from "./entries-under.ts";
import { queryRange } from "./query-range.ts";
import { runtimeVersionToJson } from "./runtime-version-json.ts";
import { RpcError } from "./server/error.ts";
import { call, type Methods, subscription, unsafeCall } from "./server/method.ts";
import { hex, listOf, optional, text, whole } from "./server/params.ts";
import type { Services } from "./services.ts";
import { callOn, clientError, ensureKnown, stateAt } from "./states.ts";
import { StorageWatch } from "./storage-watch.ts";
import { hash } from "./wire.ts";

/** As in polkadot-sdk. */
const maxKeysPaged = 1000;
/** Keys that one request may name. */
const maxKeys = 10_000;
/** Keys of one proof, each of which is a walk through the trie. */
const maxProvenKeys = 1000;

const at = optional(hash);
const keyList = listOf(hex, maxKeys);

export function stateMethods({ chain, runtime, log }: Pick<Services, "chain" | "runtime" | "log">): Methods {
  const watch = new StorageWatch(chain, log);
  const version = () => runtimeVersionToJson(runtime.version);

  const getStorage = call({ key: hex, at }, ({ key, at }) => hexOrNull(stateAt(chain, at).get(key)));
  const getStorageHash = call({ key: hex, at }, ({ key, at }) => {
    const value = stateAt(chain, at).get(key);
    return value === undefined ? null : toHex(blake2_256(value));
  });
  const getStorageSize = call({ key: hex, at }, ({ key, at }) => stateAt(chain, at).get(key)?.length ?? null);
  const getKeysPaged = call(
    { prefix: optional(hex), count: whole(2 ** 32 - 1), startKey: optional(hex), at },
    ({ prefix = new Uint8Array(0), count, startKey, at }) => {
      if (count > maxKeysPaged)
        throw new RpcError(4002, `count exceeds maximum value. value: ${count}, max: ${maxKeysPaged}`);
      return stateAt(chain, at).keysPaged(prefix, count, startKey).map(toHex);
    },
  );
  const stateCall = call({ method: text, args: hex, at }, ({ method, args, at }) => {
    const state = stateAt(chain, at);
    try {
      return toHex(callOn(runtime, state, method, args));
    } catch (error) {
      throw clientError(`Execution failed: ${(error as Error).message}`);
    }
  });
  const getRuntimeVersion = call({ at }, ({ at }) => {
    ensureKnown(chain, at);
    return version();
  });

  return {
    state_getStorage: getStorage,
    state_getStorageAt: getStorage,
    state_getStorageHash: getStorageHash,
    state_getStorageHashAt: getStorageHash,
    state_getStorageSize: getStorageSize,
    state_getStorageSizeAt: getStorageSize,
    state_getKeysPaged: getKeysPaged,
    state_getKeysPagedAt: getKeysPaged,

    state_getKeys: call({ prefix: hex, at }, ({ prefix, at }) =>
      collect(entriesUnder(stateAt(chain, at), prefix), ([key]) => toHex(key)),
    ),
    state_getPairs: unsafeCall({ prefix: hex, at }, ({ prefix, at }) =>
      collect(entriesUnder(stateAt(chain, at), prefix), ([key, value]) => [toHex(key), toHex(value)]),
    ),

    state_queryStorageAt: call({ keys: keyList, at }, ({ keys, at = chain.best.hash }) => [
      { block: at, changes: read(stateAt(chain, at), keys) },
    ]),
    state_queryStorage: unsafeCall({ keys: keyList, from: hash, to: at }, ({ keys, from, to }) =>
      queryRange(chain, keys, from, to ?? chain.best.hash),
    ),

    state_getReadProof: call({ keys: listOf(hex, maxProvenKeys), at }, ({ keys, at = chain.best.hash }) => ({
      at,
      proof: stateAt(chain, at).proof(keys).map(toHex),
    })),

    state_call: stateCall,
    state_callAt: stateCall,
    state_getMetadata: call({ at }, ({ at }) => toHex(runtime.metadata(new Overlay(stateAt(chain, at)), 14))),
    state_getRuntimeVersion: getRuntimeVersion,
    chain_getRuntimeVersion: getRuntimeVersion,

    ...subscription(
      {
        subscribe: ["state_subscribeStorage"],
        unsubscribe: ["state_unsubscribeStorage"],
        notification: "state_storage",
      },
      { keys: keyList },
      ({ keys }, client) => {
        watch.reserve(client, keys);
        return (sink) => watch.add(sink, keys);
      },
    ),
    ...subscription(
      {
        subscribe: ["state_subscribeRuntimeVersion", "chain_subscribeRuntimeVersion"],
        unsubscribe: ["state_unsubscribeRuntimeVersion", "chain_unsubscribeRuntimeVersion"],
        notification: "state_runtimeVersion",
      },
      {},
      () => (sink) => {
        // The runtime is part of this program: while it runs, its version is one.
        sink.send(version());
        return () => {};
      },
    ),
  };
}

const hexOrNull = (value: Uint8Array | undefined) => (value === undefined ? null : toHex(value));

function read(state: StateView, keys: readonly Uint8Array[]) {
  return keys.map((key) => [toHex(key), hexOrNull(state.get(key))]);
}

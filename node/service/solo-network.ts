import type { ChainReader } from "../chain/types.ts";
import type { NetworkInfo } from "../rpc/services.ts";

/** What a node without peers says of its network. */
export function soloNetwork(chain: Pick<ChainReader, "best">): NetworkInfo {
  const starting = chain.best.number;
  const alone = () => Promise.reject(new Error("this node has no network"));
  return {
    peerId: "",
    listenAddresses: () => [],
    peers: () => [],
    reservedPeers: () => [],
    addReservedPeer: alone,
    removeReservedPeer: alone,
    health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    sync: () => ({ starting, highest: chain.best.number }),
  };
}

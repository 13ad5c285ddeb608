import { bytesToHash } from "../chain/hash.ts";
import type { Network, PeerInfo } from "../network/types.ts";
import type { NetworkInfo } from "../rpc/services.ts";
import type { Sync } from "../sync/types.ts";

/** What RPC tells of the network and of synchronisation. */
export function networkInfo(network: Network, sync: Sync, shouldHavePeers: boolean): NetworkInfo {
  return {
    peerId: network.peerId,
    listenAddresses: () => network.listenAddresses(),
    peers: () => network.peers().map(peerInfo),
    reservedPeers: () => network.reserved(),
    addReservedPeer: (address) => network.addReserved(address),
    removeReservedPeer: (peer) => network.removeReserved(peer),
    health: () => ({ peers: network.peers().length, isSyncing: sync.isMajorSyncing(), shouldHavePeers }),
    sync() {
      const { starting, highest } = sync.state();
      return { starting, highest };
    },
  };
}

const peerInfo = ({ id, role, best }: PeerInfo) => ({
  peerId: id,
  roles: role === "authority" ? "AUTHORITY" : "FULL",
  bestHash: bytesToHash(best.hash),
  bestNumber: best.number,
});

import type { PeerId as Libp2pPeerId } from "@libp2p/interface";
import type { Log } from "../log/log.ts";
import type { GossipAdmission } from "./gossip-admission.ts";
import type { GossipInternals } from "./gossip-internals.ts";
import type { Misbehaviour, PeerId } from "./types.ts";

export interface GossipReaderComponents {
  readonly admission: GossipAdmission;
  report(peer: PeerId, reason: Misbehaviour): void;
  disconnect(peer: PeerId): void;
  /** Bytes that came. */
  received(bytes: number): void;
  readonly log: Log;
}

/**
 * Reads gossip in place of gossipsub's own loop, which forgives everything: here bytes that are no gossip, too many of
 * them, and messages beyond a topic's limits cost the peer. What is over a limit is dropped before it counts as seen, so
 * that nobody can keep a message from us by sending it too fast.
 */
export function readGossip(gossip: GossipInternals, components: GossipReaderComponents): void {
  const { admission, report, disconnect, received, log } = components;
  gossip.pipePeerReadStream = async (from: Libp2pPeerId, source) => {
    const peer = from.toString();
    try {
      for await (const frame of source) {
        const bytes = frame.subarray();
        received(bytes.length);
        if (!admission.takeBytes(peer, bytes.length)) {
          report(peer, "Spam");
          continue;
        }
        const rpc = decoded(bytes);
        if (!rpc) {
          report(peer, "Malformed");
          continue;
        }
        rpc.messages = rpc.messages.filter((message) => admission.admit(peer, message));
        gossip
          .handleReceivedRpc(from, rpc)
          .catch((error) => log.debug("gossip was not handled", { peer, error }));
      }
    } catch (error) {
      const name = (error as Error).name;
      if (name === "InvalidDataLengthError") report(peer, "Oversized");
      else if (name.startsWith("Invalid")) report(peer, "Malformed");
      log.debug("gossip of a peer ended", { peer, error });
      // Without its stream the peer would stay a silent member of every mesh.
      gossip.onPeerDisconnected(from);
      disconnect(peer);
    }
  };

  function decoded(bytes: Uint8Array) {
    try {
      return gossip.decodeRpc(bytes);
    } catch {
      return undefined;
    }
  }
}

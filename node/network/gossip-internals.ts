import type { GossipSub } from "@libp2p/gossipsub";
import type { PeerId } from "@libp2p/interface";

/** One message as it is on the wire. */
export interface RawMessage {
  readonly topic: string;
  readonly data?: Uint8Array | null;
}

/** What a peer sends at a time: messages, subscriptions and control. */
export interface RawRpc {
  messages: RawMessage[];
}

/**
 * The parts of gossipsub, in the pinned version, between its stream and its router. They are public in its code but not
 * in its types; `gossip.test.ts` fails when another version lacks them.
 */
export interface GossipInternals extends GossipSub {
  decodeRpc(bytes: Uint8Array): RawRpc;
  handleReceivedRpc(from: PeerId, rpc: RawRpc): Promise<void>;
  /** Reads what a peer sends until its stream ends; replaced by `gossip-reader.ts`. */
  pipePeerReadStream(from: PeerId, source: AsyncIterable<{ subarray(): Uint8Array }>): Promise<void>;
  /** Streams to the peers that hear gossip from us. */
  readonly streamsOutbound: ReadonlyMap<string, unknown>;
  onPeerDisconnected(peer: PeerId): void;
  publish(
    topic: string,
    data: Uint8Array,
    options?: { readonly floodPublish?: boolean },
  ): ReturnType<GossipSub["publish"]>;
}

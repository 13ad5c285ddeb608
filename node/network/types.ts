/**
 * What the rest of the node knows of the network: peers with what they tell, requests with limits, gossip with
 * validation before forwarding, and reports that cost a peer its reputation. Bytes in, bytes out: what they mean is
 * the business of `node/sync` and of finality.
 */

import type { TopicName } from "./topics.ts";

/** A peer's id as text (base58 of its public key), as wallets and `system_peers` show it. */
export type PeerId = string;

/** What a node is: `authority` makes blocks and votes, `full` follows. */
export type Role = "full" | "authority";

export interface BlockRef {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  readonly number: number;
}

/** What a node tells its peers about itself: when they connect, and when it changes. */
export interface Status {
  readonly role: Role;
  readonly best: BlockRef;
  readonly finalized: BlockRef;
}

export interface PeerInfo extends Status {
  readonly id: PeerId;
  /** The multiaddress of the connection, seen from here. */
  readonly address: string;
  readonly direction: "in" | "out";
  readonly reserved: boolean;
  /** Program and version as the peer tells them; at most 128 characters, empty until they are known. */
  readonly agent: string;
  /** 0 is neutral and the most there is; at `banThreshold` the peer is disconnected and banned. */
  readonly reputation: number;
  /** Round trip of the last ping; undefined before the first. */
  readonly latencyMs: number | undefined;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
}

/** Listeners must not throw; one that does is logged and hurts no other. A peer is told of after its status only. */
export interface NetworkEvents {
  connected: [peer: PeerInfo];
  /** A peer told of another best or finalized block. */
  status: [peer: PeerInfo];
  disconnected: [peer: PeerId];
}

/**
 * A request/response protocol, declared once and used by both sides. Its name on the wire is
 * `/<genesis hex>[/<fork id>]/<name>`, so that nodes of other chains have none in common with ours.
 */
export interface Protocol {
  /** With a version, such as `headers/1`. */
  readonly name: string;
  readonly maxRequestBytes: number;
  /** Of a whole answer; of each part where the answer is a stream. */
  readonly maxResponseBytes: number;
  /** Parts of an answer that is a stream; 1 unless told. */
  readonly maxParts?: number;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Longest silence, so that a peer that sends byte by byte is let go before `timeoutMs`. */
  readonly idleMs: number;
  /** Requests that a peer may make of us on average; as many at once as in `burst`, which is the same unless told. */
  readonly perPeerPerSecond: number;
  readonly burst?: number;
  /** Requests of one peer that are answered at the same time; 4 unless told. */
  readonly concurrentPerPeer?: number;
  /** Requests of all peers that are answered at the same time; 32 unless told. */
  readonly concurrent?: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Less than the protocol's, where the caller is in a hurry. */
  readonly timeoutMs?: number;
}

/**
 * Answers a request: with bytes, or with parts that are sent as fast as the peer reads them. To say no it throws a
 * `Refusal`; `BadRequest` costs the peer reputation. Any other error is ours, is logged, and the peer hears `Internal`.
 */
export type RequestHandler = (
  body: Uint8Array,
  peer: PeerInfo,
  signal: AbortSignal,
) => Uint8Array | AsyncIterable<Uint8Array> | Promise<Uint8Array | AsyncIterable<Uint8Array>>;

/**
 * What becomes of a message: `accept` forwards it, `ignore` drops it (late, or known), `reject` drops it and costs the
 * peer that forwarded it, which had to check it first. A validator that throws counts as `ignore` and is logged.
 */
export type Verdict = "accept" | "ignore" | "reject";

/** Called once for each message that was not seen before, of any peer. The bytes are within the topic's limit. */
export type Validator = (bytes: Uint8Array, peer: PeerId) => Verdict | Promise<Verdict>;

/** Why a peer loses reputation; a label of metrics, so the list is closed. */
export type Misbehaviour =
  /** Bytes that are no message of the protocol. */
  | "Malformed"
  /** More bytes than a message may have. */
  | "Oversized"
  /** More messages or requests than the rate allows. */
  | "Spam"
  /** Answered too slowly, or stopped in the middle. */
  | "Slow"
  /** A message or block that breaks the rules of the chain. */
  | "Invalid"
  /** An answer that does not fit the request. */
  | "Unrequested"
  /** Asked for or promised what it cannot have. */
  | "Useless"
  /** Another chain. */
  | "Foreign";

export interface Network {
  readonly peerId: PeerId;
  /** Multiaddresses at which others reach this node, with its peer id. */
  listenAddresses(): readonly string[];
  /** Peers that told their status. */
  peers(): readonly PeerInfo[];
  peer(id: PeerId): PeerInfo | undefined;

  /** Returns the function that ends it. */
  on<Name extends keyof NetworkEvents>(
    event: Name,
    listener: (...args: NetworkEvents[Name]) => void,
  ): () => void;

  /** Tells the peers, at once or after a moment in which more may change. */
  setStatus(status: Status): void;

  /** One answer. @throws RequestError, or the reason of `signal`. */
  request(peer: PeerId, protocol: Protocol, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array>;
  /** The parts of an answer, as they come. @throws RequestError, or the reason of `signal`, while it is read. */
  requestStream(
    peer: PeerId,
    protocol: Protocol,
    body: Uint8Array,
    options?: RequestOptions,
  ): AsyncIterable<Uint8Array>;
  /** Answers requests from now on. */
  handle(protocol: Protocol, handler: RequestHandler): Promise<void>;

  /** Takes part in a topic of `topics.ts`. Returns the function that leaves it. */
  subscribe(topic: TopicName, validate: Validator): () => void;
  /**
   * Sends to those who subscribe; returns to how many. The own validator is not asked. What was said on the topic within
   * a minute, by anybody, goes to nobody, except on a topic that repeats.
   */
  publish(topic: TopicName, bytes: Uint8Array): Promise<number>;

  /** Takes `cost` (see `costs.ts`) from the peer, which may end its connection. */
  report(peer: PeerId, reason: Misbehaviour, cost?: number): void;

  /** Keeps a connection to this peer, beyond all limits. @throws Error when it is no multiaddress with a peer id. */
  addReserved(address: string): Promise<void>;
  removeReserved(peer: PeerId): Promise<void>;
  reserved(): readonly PeerId[];
  /** Tries to reach an address now. @throws Error that says why it cannot be reached. */
  dial(address: string, signal?: AbortSignal): Promise<PeerId>;
  disconnect(peer: PeerId): Promise<void>;

  stop(): Promise<void>;
}

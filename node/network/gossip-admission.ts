import { LRUCache } from "lru-cache";
import type { RawMessage } from "./gossip-internals.ts";
import { TokenBucket } from "./token-bucket.ts";
import { overheadOf, type TopicName, topicNames, topics } from "./topics.ts";
import type { Misbehaviour, PeerId } from "./types.ts";
import type { WireNames } from "./wire-names.ts";

/** Gossip of one peer, control messages included. */
const bytesPerSecond = 4 << 20;
const burstBytes = 32 << 20;

/** Bytes of one peer's messages that may wait for their validators. */
const maxPendingBytes = 8 << 20;

interface Account {
  readonly bytes: TokenBucket;
  readonly messages: Map<TopicName, TokenBucket>;
  pendingBytes: number;
}

export interface AdmissionComponents {
  readonly names: WireNames;
  report(peer: PeerId, reason: Misbehaviour): void;
  /** Counts a message that was dropped for a limit. */
  limited(topic: TopicName): void;
}

/** How much each peer may say; kept beyond connections, so that connecting again earns nothing. */
export class GossipAdmission {
  readonly #accounts = new LRUCache<PeerId, Account>({ max: 4096 });
  readonly #topicOf: ReadonlyMap<string, TopicName>;
  readonly #components: AdmissionComponents;

  constructor(components: AdmissionComponents) {
    this.#components = components;
    this.#topicOf = new Map(topicNames.map((name) => [components.names.topic(name), name]));
  }

  /** Whether bytes of this length are within the peer's share. */
  takeBytes(peer: PeerId, length: number): boolean {
    return this.#account(peer).bytes.take(performance.now(), length);
  }

  /** Whether the message may go on to be looked at; costs the peer where not. */
  admit(peer: PeerId, message: RawMessage): boolean {
    const topic = this.#topicOf.get(message.topic);
    // Other topics are dropped by the router without a trace.
    if (topic === undefined) return false;
    const length = (message.data?.length ?? 0) - overheadOf(topic);
    const { maxBytes, perPeerPerSecond, burst } = topics[topic];
    if (length <= 0 || length > maxBytes) {
      this.#components.report(peer, length <= 0 ? "Malformed" : "Oversized");
      return false;
    }
    const account = this.#account(peer);
    const bucket = account.messages.get(topic) ?? new TokenBucket(perPeerPerSecond, burst, performance.now());
    account.messages.set(topic, bucket);
    if (bucket.take(performance.now()) && account.pendingBytes + length <= maxPendingBytes) return true;
    this.#components.limited(topic);
    this.#components.report(peer, "Spam");
    return false;
  }

  /** Counts the message as waiting until `work` is done. */
  async pending<T>(peer: PeerId, length: number, work: () => Promise<T> | T): Promise<T> {
    const account = this.#account(peer);
    account.pendingBytes += length;
    try {
      return await work();
    } finally {
      account.pendingBytes -= length;
    }
  }

  #account(peer: PeerId): Account {
    const known = this.#accounts.get(peer);
    if (known) return known;
    const account: Account = {
      bytes: new TokenBucket(bytesPerSecond, burstBytes, performance.now()),
      messages: new Map(),
      pendingBytes: 0,
    };
    this.#accounts.set(peer, account);
    return account;
  }
}

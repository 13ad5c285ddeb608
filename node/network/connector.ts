import type { Libp2p, Peer } from "@libp2p/interface";
import type { Log } from "../log/log.ts";
import { Backoff } from "./backoff.ts";
import { deadline } from "./deadline.ts";
import type { PeerAddress } from "./peer-address.ts";
import { knownTag, type PeerShelf } from "./peer-shelf.ts";
import type { PeerId } from "./types.ts";

/** Longest wait before a reserved peer or a bootnode is tried again, and any peer while there are too few. */
const shortBackoffMs = 10_000;

/** With fewer, a node may be on the wrong side of a cut line, or alone: then it hurries. */
const enoughPeers = 4;

export interface ConnectorOptions {
  readonly maxOut: number;
  readonly reservedOnly: boolean;
  /** How often missing peers are looked for. */
  readonly connectMs: number;
  readonly dialMs: number;
  readonly bootnodes: readonly PeerAddress[];
}

export interface ConnectorComponents {
  readonly libp2p: Pick<Libp2p, "dial" | "getConnections" | "getPeers" | "peerId">;
  readonly shelf: PeerShelf;
  isBanned(peer: PeerId): boolean;
  /** Connections that this node opened. */
  countOut(): number;
  readonly log: Log;
}

/** Keeps this node connected: with its reserved peers always, with others until there are `maxOut` outgoing ones. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #components: ConnectorComponents;
  readonly #reserved = new Map<PeerId, PeerAddress>();
  readonly #backoff = new Backoff(() => performance.now());
  readonly #stopping = new AbortController();
  readonly #dialing = new Map<PeerId, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ConnectorOptions, components: ConnectorComponents) {
    this.#options = options;
    this.#components = components;
  }

  start(): void {
    this.#running = this.#round()
      .catch((error) => this.#components.log.warn("cannot look for peers", { error }))
      .finally(() => {
        if (this.#stopping.signal.aborted) return;
        this.#timer = setTimeout(() => this.start(), this.#options.connectMs);
      });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the network stops"));
    clearTimeout(this.#timer);
    await this.#running;
    await Promise.all(this.#dialing.values());
  }

  addReserved(peer: PeerAddress): void {
    this.#reserved.set(peer.peer.toString(), peer);
    this.#backoff.succeeded(peer.peer.toString());
    this.#hurry();
  }

  removeReserved(peer: PeerId): void {
    this.#reserved.delete(peer);
  }

  reserved(): PeerId[] {
    return [...this.#reserved.keys()];
  }

  isReserved(peer: PeerId): boolean {
    return this.#reserved.has(peer);
  }

  /** Reserved peers and bootnodes: addresses that an operator gave. */
  isNamed(peer: PeerId): boolean {
    return this.isReserved(peer) || this.#options.bootnodes.some(({ peer: id }) => id.toString() === peer);
  }

  /** A peer told its status. */
  succeeded(peer: PeerId): void {
    this.#backoff.succeeded(peer);
  }

  /** A peer was found, or left: time to look again, soon. */
  wake(): void {
    this.#hurry();
  }

  // Many peers are found at a time, so a round waits for the moment to pass.
  #hurry(): void {
    if (this.#timer === undefined || this.#stopping.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), Math.min(100, this.#options.connectMs));
  }

  async #round(): Promise<void> {
    const reserved = [...this.#reserved.values()].filter(({ peer }) => this.#isFree(peer.toString()));
    const others = this.#options.reservedOnly ? [] : await this.#candidates();
    // Not waited for: an address where nobody answers must not keep the others waiting.
    for (const peer of reserved) this.#begin(peer.peer.toString(), peer);
    for (const peer of others) this.#begin(peer.id.toString(), peer);
  }

  async #candidates(): Promise<Peer[]> {
    const missing = this.#options.maxOut - this.#components.countOut() - this.#dialing.size;
    if (missing <= 0) return [];
    const peers = (await this.#components.shelf.all()).filter(
      ({ id }) => this.#isFree(id.toString()) && !this.isReserved(id.toString()),
    );
    // Peers that were of this chain before come first; among equals chance decides, so that no order can be made use of.
    const rank = (peer: Peer) => (peer.tags.has(knownTag) ? 0 : 1) + Math.random();
    const ranked = peers.map((peer) => ({ peer, rank: rank(peer) })).sort((a, b) => a.rank - b.rank);
    return ranked.slice(0, missing).map(({ peer }) => peer);
  }

  #isFree(peer: PeerId): boolean {
    const { libp2p, isBanned } = this.#components;
    if (peer === libp2p.peerId.toString() || isBanned(peer)) return false;
    if (this.#dialing.has(peer) || !this.#backoff.mayTry(peer)) return false;
    return !libp2p.getConnections().some(({ remotePeer }) => remotePeer.toString() === peer);
  }

  #begin(peer: PeerId, target: PeerAddress | Peer): void {
    if (this.#stopping.signal.aborted) return;
    const dialled = this.#dial(peer, target).finally(() => this.#dialing.delete(peer));
    this.#dialing.set(peer, dialled);
  }

  async #dial(peer: PeerId, target: PeerAddress | Peer): Promise<void> {
    const { libp2p, log } = this.#components;
    const isUrgent = this.isNamed(peer) || libp2p.getPeers().length < enoughPeers;
    // Counted as failed until the peer tells its status: connections that end at once must not be tried at once.
    this.#backoff.failed(peer, isUrgent ? shortBackoffMs : undefined);
    const limit = deadline(this.#options.dialMs, this.#stopping.signal);
    try {
      await libp2p.dial("address" in target ? target.address : target.id, { signal: limit.signal });
    } catch (error) {
      if (!this.#stopping.signal.aborted) log.debug("cannot reach a peer", { peer, error });
    } finally {
      limit.clear();
    }
  }
}

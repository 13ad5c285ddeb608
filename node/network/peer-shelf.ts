import type { Peer, PeerStore } from "@libp2p/interface";
import type { PeerAddress } from "./peer-address.ts";
import { parsePeerId } from "./peer-address.ts";
import type { PeerId } from "./types.ts";

/** Marks peers that told a status of this chain. */
export const knownTag = "matrixai";

/** Peers kept on disk; strangers name as many as they like. */
const maxPeers = 1_000;

/** The peers that may be tried, in libp2p's store: it outlives restarts where the node has a folder. */
export class PeerShelf {
  readonly #store: PeerStore;
  readonly #own: PeerId;

  constructor(store: PeerStore, own: PeerId) {
    this.#store = store;
    this.#own = own;
  }

  /** Peers with an address, without this node. Drops what is too much: peers that never were of this chain first. */
  async all(): Promise<Peer[]> {
    const peers = (await this.#store.all()).filter(({ id }) => id.toString() !== this.#own);
    if (peers.length > maxPeers) {
      const excess = peers
        .sort((a, b) => Number(b.tags.has(knownTag)) - Number(a.tags.has(knownTag)))
        .splice(maxPeers);
      for (const { id } of excess) await this.#store.delete(id);
    }
    return peers.filter(({ addresses }) => addresses.length > 0);
  }

  async add({ peer, address }: PeerAddress): Promise<void> {
    await this.#store.merge(peer, { multiaddrs: [address] });
  }

  /** The peer told a status of this chain. */
  async markKnown(peer: PeerId): Promise<void> {
    await this.#store.merge(parsePeerId(peer), { tags: { [knownTag]: { value: 50 } } });
  }

  /** The peer is not of this chain. */
  async drop(peer: PeerId): Promise<void> {
    await this.#store.delete(parsePeerId(peer));
  }
}

import { bytesToHash, type Hash, hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { PeerId } from "../network/types.ts";
import { BlockPipeline } from "./block-pipeline.ts";
import { askBranch } from "./branch.ts";
import type { LinkedHeader } from "./line.ts";
import { faultOf, importProofs, judgeEnd, type SyncParts } from "./parts.ts";
import { PeerFailure } from "./peers.ts";

/** Heads that are fetched at the same time; more come again with the next status of their peers. */
const maxFetches = 16;

/**
 * Gets single new blocks near our own head, with the few before them that we lack: what is announced, and branches
 * that a peer prefers. Each head is fetched once, whoever tells of it.
 */
export class HeadFetcher {
  readonly #parts: SyncParts;
  readonly #signal: AbortSignal;
  readonly #fetches = new Map<Hash, Promise<void>>();
  /** Heads whose branch is too long for this. */
  readonly #far = new Set<Hash>();

  constructor(parts: SyncParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Resolves when a head that is being fetched is here, or given up; undefined for any other. */
  under(hash: Hash): Promise<void> | undefined {
    return this.#fetches.get(hash);
  }

  /** The branch of this head was longer than one answer; it is asked once. */
  takeFar(hash: Hash): boolean {
    return this.#far.delete(hash);
  }

  /**
   * Fetches and imports a peer's head. Resolves in any case; what is wrong costs the peer. Undefined where it is here, or
   * there is no room: who tries again as soon as something has ended must not take that for an end.
   */
  fetch(peer: PeerId, head: Head, announced?: LinkedHeader): Promise<void> | undefined {
    const running = this.#fetches.get(head.hash);
    if (running) return running;
    if (this.#fetches.size >= maxFetches || this.#parts.chain.header(head.hash)) return undefined;
    const fetch = this.#fetch(peer, head, announced)
      .catch((error) => {
        if (this.#signal.aborted || error instanceof PeerFailure) return;
        this.#parts.log.error("could not fetch a block", { hash: head.hash, error });
      })
      .finally(() => this.#fetches.delete(head.hash));
    this.#fetches.set(head.hash, fetch);
    return fetch;
  }

  async #fetch(peer: PeerId, head: Head, announced: LinkedHeader | undefined): Promise<void> {
    const { chain, peers, queue, refused } = this.#parts;
    const isChild = announced && chain.header(bytesToHash(announced.header.parentHash)) !== undefined;
    const line = isChild ? [announced] : await askBranch(this.#parts, peer, head, this.#signal);
    if (!line) {
      if (this.#far.size < maxFetches) this.#far.add(head.hash);
      return;
    }
    const [first] = line;
    if (!first) return;
    const bad = line.find(({ hash }) => refused.has(hash));
    if (bad) {
      refused.add(head.hash, "it stands on a block that was refused");
      throw peers.blame(
        peer,
        "Invalid",
        `it offers block ${bad.header.number} ${bad.hash}, which was refused`,
      );
    }
    const fault = faultOf(this.#parts, first.header);
    if (fault) {
      const result = { type: "refused", hash: first.hash, ...fault } as const;
      judgeEnd(this.#parts, { type: "refused", block: first, result }, peer);
      return;
    }
    const onImported = (block: LinkedHeader) => importProofs(this.#parts, block, peer);
    const pipeline = new BlockPipeline(
      { peers, queue, holder: peer, origin: "network", onImported },
      this.#signal,
    );
    await pipeline.add(line);
    judgeEnd(this.#parts, await pipeline.complete(), peer);
  }
}

/** A head as peers tell it. */
export const headOf = ({ hash, number }: { readonly hash: Uint8Array; readonly number: number }): Head => ({
  hash: bytesToHash(hash),
  number,
});

export const refOf = ({ hash, number }: Head) => ({ hash: hashToBytes(hash), number });

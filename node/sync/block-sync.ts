import { bytesToHash } from "../chain/hash.ts";
import type { PeerInfo } from "../network/types.ts";
import { type HeadFetcher, headOf } from "./head-fetcher.ts";
import type { SyncParts } from "./parts.ts";
import { PeerFailure } from "./peers.ts";
import { syncTo } from "./range-sync.ts";

/** Further from our best block than this, a head is reached by ranges of blocks instead of backwards from it. */
const nearBlocks = 64;
/** Further behind than this, a node neither makes blocks nor takes transactions. */
const majorBlocks = 16;
/** Peers change; what was paused is tried again. */
const tickMs = 1000;

/** Keeps our chain at the heads of our peers: takes any of their best blocks that is not here yet, far ones first. */
export class BlockSync {
  readonly #parts: SyncParts;
  readonly #heads: HeadFetcher;
  readonly #signal: AbortSignal;
  #target: PeerInfo | undefined;
  #wake: (() => void) | undefined;

  constructor(parts: SyncParts, heads: HeadFetcher, signal: AbortSignal) {
    this.#parts = parts;
    this.#heads = heads;
    this.#signal = signal;
  }

  /** The height that is being synchronised to; undefined at the head. */
  get target(): number | undefined {
    return this.#target?.best.number;
  }

  isMajor(): boolean {
    return (this.target ?? 0) - this.#parts.chain.best.number > majorBlocks;
  }

  /** Runs until the signal says otherwise. */
  async run(): Promise<void> {
    const { network } = this.#parts;
    const wake = () => this.#wake?.();
    const stops = [network.on("connected", wake), network.on("status", wake)];
    const tick = setInterval(wake, tickMs);
    this.#signal.addEventListener("abort", wake);
    try {
      while (!this.#signal.aborted) {
        const far = this.#fetchNear();
        if (far) await this.#range(far);
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearInterval(tick);
      for (const stop of stops) stop();
      this.#signal.removeEventListener("abort", wake);
    }
  }

  /** Starts fetching the heads nearby; gives the peer with the highest of the others. */
  #fetchNear(): PeerInfo | undefined {
    const { chain } = this.#parts;
    const wanted = this.#parts.peers.all().filter((peer) => this.#isWanted(peer));
    const far: PeerInfo[] = [];
    for (const peer of wanted) {
      const head = headOf(peer.best);
      if (Math.abs(head.number - chain.best.number) > nearBlocks || this.#heads.takeFar(head.hash))
        far.push(peer);
      else void this.#heads.fetch(peer.id, head)?.then(() => this.#wake?.());
    }
    return far.reduce<PeerInfo | undefined>(
      (highest, peer) => (peer.best.number > (highest?.best.number ?? -1) ? peer : highest),
      undefined,
    );
  }

  #isWanted({ best }: PeerInfo): boolean {
    const { chain, refused } = this.#parts;
    const hash = bytesToHash(best.hash);
    if (best.number <= chain.finalized.number || refused.has(hash) || this.#heads.under(hash)) return false;
    return chain.header(hash) === undefined;
  }

  async #range(peer: PeerInfo): Promise<void> {
    this.#target = peer;
    try {
      await syncTo(this.#parts, peer, this.#signal);
      // What its status promised did not come: it is not believed again at once.
      if (this.#isWanted(this.#parts.network.peer(peer.id) ?? peer)) this.#parts.peers.pause(peer.id);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof PeerFailure)) throw error;
      this.#parts.log.debug("a peer let us down", { peer: peer.id, reason: error.message });
    } finally {
      this.#target = undefined;
    }
  }
}

/**
 * The short way to a recent block: the proofs of finality from genesis on, which show the sets of voters one after
 * another; the state of the last block that they show, in parts, each proven by its root; then that block takes
 * genesis's place. Blocks after it are synchronised as usual, those before it filled in behind.
 */
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { Database } from "../db/database.ts";
import type { PeerId } from "../network/types.ts";
import { IncomingState } from "../state/incoming-state.ts";
import { askBodies } from "./ask.ts";
import { BadAnswer } from "./bad-answer.ts";
import type { SyncParts } from "./parts.ts";
import { PeerFailure } from "./peers.ts";
import { trailProtocol } from "./protocols.ts";
import { StateDownload } from "./state-download.ts";
import { StateRanges } from "./state-ranges.ts";
import type { FinalityTrail, SyncStage, TrailWalk } from "./types.ts";

/** Peers that are asked for later proofs than the first one's, which may be behind. */
const maxWitnesses = 4;
/** Below this height, executing all blocks is as quick. */
const leastHeight = 64;
const retryMs = 500;

export class FastSync {
  readonly #parts: SyncParts;
  readonly #trail: FinalityTrail;
  readonly #incoming: IncomingState;
  readonly #signal: AbortSignal;
  #stage: SyncStage = "idle";
  #ranges: StateRanges | undefined;

  constructor(parts: SyncParts, trail: FinalityTrail, database: Database, signal: AbortSignal) {
    this.#parts = parts;
    this.#trail = trail;
    this.#incoming = new IncomingState(database);
    this.#signal = signal;
  }

  get stage(): SyncStage {
    return this.#stage;
  }

  /** Height of the block whose state is being downloaded. */
  get target(): number | undefined {
    return this.#ranges?.header.number;
  }

  get entries(): number | undefined {
    return this.#ranges?.entries;
  }

  /** Resolves when the chain is at a recent block, or when there is no short way. @throws the reason of the signal. */
  async run(): Promise<void> {
    const { chain, log } = this.#parts;
    try {
      while (chain.best.number === 0) {
        const walk = await this.#follow();
        const { head } = walk;
        if (!head || head.number < leastHeight) {
          log.info("no state to begin with: all blocks are executed", { finalized: head?.number ?? 0 });
          return;
        }
        if (await this.#takeOver(walk, head)) return;
      }
    } finally {
      this.#stage = "idle";
      this.#ranges = undefined;
    }
  }

  /** Waits for peers and follows the finality that they prove, as far as the furthest of them goes. */
  async #follow(): Promise<TrailWalk> {
    const { peers } = this.#parts;
    const walk = this.#trail.begin();
    for (;;) {
      this.#signal.throwIfAborted();
      const witnesses = peers
        .all()
        .sort((a, b) => b.finalized.number - a.finalized.number)
        .slice(0, maxWitnesses);
      let answers = 0;
      for (const { id } of witnesses) {
        this.#stage = "proofs";
        if (await this.#walkWith(id, walk)) answers++;
      }
      if (answers > 0) return walk;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** True when the peer gave all that it has. */
  async #walkWith(peer: PeerId, walk: TrailWalk): Promise<boolean> {
    const { peers, log } = this.#parts;
    const read = (answer: Uint8Array): boolean => {
      try {
        return walk.follow(answer);
      } catch (error) {
        throw new BadAnswer(`it sent proofs that prove nothing: ${(error as Error).message}`);
      }
    };
    try {
      while (await peers.ask(peer, trailProtocol, u64(walk.setId), read, this.#signal));
      return true;
    } catch (error) {
      if (!(error instanceof PeerFailure)) throw error;
      log.debug("a peer does not prove its finality", { peer, reason: error.message });
      return false;
    }
  }

  /** False when the state is not to be had any more: there is a newer one by now. */
  async #takeOver(walk: TrailWalk, head: Header): Promise<boolean> {
    const { chain, peers, log } = this.#parts;
    this.#stage = "state";
    const ranges = await this.#begin(head);
    this.#ranges = ranges;
    const { number } = ranges.header;
    log.info("downloading a state", { number, entries: ranges.entries });
    const extrinsics = await this.#body(ranges.header);
    const isWhole = extrinsics && (await new StateDownload(peers, this.#incoming, ranges).run(this.#signal));
    if (!isWhole) {
      log.info("no peer has the state any more: beginning with a newer one", { number });
      await this.#incoming.discard();
      return false;
    }
    const isHead = number === head.number;
    const refused = await chain.adopt({
      block: { header: ranges.header, extrinsics },
      justifications: isHead && walk.justification ? [walk.justification] : [],
      alongside: (batch) => walk.write(batch),
    });
    if (!refused) return true;
    log.error("the state that was downloaded is damaged: beginning again", {
      number,
      reason: refused.message,
    });
    await this.#incoming.discard();
    return false;
  }

  /** What an earlier process left, or the whole state of `head`. */
  async #begin(head: Header): Promise<StateRanges> {
    const { note } = this.#incoming;
    if (note) return StateRanges.decode(note);
    const ranges = StateRanges.of(head);
    await this.#incoming.begin(ranges.encode());
    return ranges;
  }

  async #body(header: Header): Promise<readonly Uint8Array[] | undefined> {
    const { peers } = this.#parts;
    const block = { header, hash: bytesToHash(hashHeader(header)), justifications: [] };
    const not = new Set<PeerId>();
    for (
      let peer = peers.pick(header.number, { not }, 8);
      peer;
      peer = peers.pick(header.number, { not }, 8)
    ) {
      not.add(peer.id);
      try {
        return (await askBodies(peers, peer.id, [block], this.#signal))[0];
      } catch (error) {
        if (!(error instanceof PeerFailure)) throw error;
      }
    }
    return undefined;
  }
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

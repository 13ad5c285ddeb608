import { hashHeader } from "../../runtime/primitives/header.ts";
import { type KeyRange, readRangeProof } from "../../runtime/primitives/trie/range-proof.ts";
import type { PeerId } from "../network/types.ts";
import type { IncomingState } from "../state/incoming-state.ts";
import { BadAnswer } from "./bad-answer.ts";
import { decodeProof, encodeStateRequest } from "./messages.ts";
import { PeerFailure, type SyncPeers } from "./peers.ts";
import { stateProtocol } from "./protocols.ts";
import type { StateRanges } from "./state-ranges.ts";

const maxRequests = 12;
const maxRequestsOfPeer = 3;
/** Peers that are left alone for a moment are tried again; with none at all, so is the download. */
const retryMs = 250;

/**
 * Downloads what is missing of a state, from several peers at once, each answer proven against the state's root. What
 * has come is on disk with a note of what has not, so that it goes on after any end of the process.
 */
export class StateDownload {
  readonly #peers: SyncPeers;
  readonly #incoming: IncomingState;
  readonly #ranges: StateRanges;
  readonly #hash: Uint8Array;
  /** Peers that do not have this state any more. */
  readonly #without = new Set<PeerId>();
  #writes: Promise<void> = Promise.resolve();

  constructor(peers: SyncPeers, incoming: IncomingState, ranges: StateRanges) {
    this.#peers = peers;
    this.#incoming = incoming;
    this.#ranges = ranges;
    this.#hash = hashHeader(ranges.header);
  }

  /** True when all is there, false when no peer has the state any more. @throws the reason of `signal`. */
  async run(signal: AbortSignal): Promise<boolean> {
    const running = new Set<Promise<void>>();
    const { number } = this.#ranges.header;
    while (!this.#ranges.isComplete) {
      signal.throwIfAborted();
      const peer =
        running.size < maxRequests
          ? this.#peers.pick(number, { not: this.#without }, maxRequestsOfPeer)
          : undefined;
      const range = peer && this.#ranges.take();
      if (peer && range) {
        const request = this.#ask(peer.id, range, signal);
        running.add(request);
        // A failure is heard by the race below; one of several at a time must not end the process as unheard.
        request.finally(() => running.delete(request)).catch(() => undefined);
      } else if (running.size > 0) {
        await Promise.race(running);
      } else if (this.#peers.hasHolder(number, { not: this.#without })) {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      } else {
        return false;
      }
    }
    await this.#writes;
    return true;
  }

  /** @throws whatever is not the peer's fault. */
  async #ask(peer: PeerId, range: KeyRange, signal: AbortSignal): Promise<void> {
    const { header } = this.#ranges;
    const body = encodeStateRequest({ block: this.#hash, from: range.from, to: range.to });
    const read = (answer: Uint8Array) => {
      const result = readRangeProof(header.stateRoot, decodeProof(answer), range);
      if (!result.ok)
        throw new BadAnswer(`it sent a part of the state that is not proven: ${result.message}`);
      return result;
    };
    try {
      const { entries, rest } = await this.#peers.ask(peer, stateProtocol, body, read, signal);
      this.#ranges.settle(range, entries.length, rest);
      const note = this.#ranges.encode();
      // In this order, because a later note counts on the entries of the earlier ones.
      this.#writes = this.#writes.then(() => this.#incoming.add(entries, note));
      await this.#writes;
    } catch (error) {
      this.#ranges.giveBack(range);
      if (!(error instanceof PeerFailure)) throw error;
      if (error.isUnavailable) this.#without.add(peer);
    }
  }
}

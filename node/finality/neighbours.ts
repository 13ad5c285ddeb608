import type { View } from "./set-session.ts";
import type { FinalityNetwork } from "./types.ts";
import { type CatchUpAnswer, decodeCatchUpAnswer, encodeCatchUpRequest, encodeGossip } from "./wire.ts";

/** Looks at the neighbours between two repetitions of what this node is at. */
const looksUntilRepeated = 10;

/** How far the neighbours are. Tells them of this node, and asks one of them at a time for what is missing. */
export class Neighbours {
  readonly #network: FinalityNetwork;
  readonly #views = new Map<string, View>();
  #told: View | undefined;
  #looks = 0;
  #asked = 0;
  #isAsking = false;

  constructor(network: FinalityNetwork) {
    this.#network = network;
  }

  note(peer: string, view: View): void {
    this.#views.set(peer, view);
  }

  /** Forgets who is gone, and tells the others where this node is, if that is new or was long ago. */
  tell(own: View): void {
    const present = new Set(this.#network.neighbors());
    for (const peer of this.#views.keys()) if (!present.has(peer)) this.#views.delete(peer);
    const isNew = this.#told === undefined || !isSame(this.#told, own);
    if (!isNew && ++this.#looks < looksUntilRepeated) return;
    this.#looks = 0;
    this.#told = own;
    const packet = { round: own.round, set_id: own.setId, commit_finalized_height: own.finalized };
    this.#network.broadcast(encodeGossip({ type: "Neighbor", value: { type: "V1", value: packet } }));
  }

  /** Whether somebody has what this node cannot get from gossip any more. */
  isAnyAhead(own: View): boolean {
    return [...this.#views.values()].some((view) => isAhead(view, own));
  }

  /** Asks one neighbour, rather one that is ahead; undefined when there is no answer, or one is awaited already. */
  async ask(own: View): Promise<{ readonly peer: string; readonly answer: CatchUpAnswer } | undefined> {
    const peers = this.#network.neighbors();
    const ahead = peers.filter((peer) => isAhead(this.#views.get(peer), own));
    const among = ahead.length > 0 ? ahead : peers;
    const peer = among[this.#asked++ % among.length];
    if (peer === undefined || this.#isAsking) return undefined;
    this.#isAsking = true;
    const { setId, round, finalized } = own;
    try {
      const request = encodeCatchUpRequest({ set_id: setId, round, finalized });
      // Whoever does not answer was judged by the network, and the next peer is asked.
      const bytes = await this.#network.requestCatchUp(peer, request).catch(() => undefined);
      return bytes && { peer, answer: decodeCatchUpAnswer(bytes) };
    } catch {
      this.#network.reportBadAnswer(peer);
      return undefined;
    } finally {
      this.#isAsking = false;
    }
  }
}

const isSame = (a: View, b: View): boolean =>
  a.setId === b.setId && a.round === b.round && a.finalized === b.finalized;

/** In a later set, above the last final block, or more than a round further: one round is the time of messages. */
const isAhead = (view: View | undefined, own: View): boolean =>
  view !== undefined &&
  (view.setId > own.setId ||
    view.finalized > own.finalized ||
    (view.setId === own.setId && view.round > own.round + 1n));

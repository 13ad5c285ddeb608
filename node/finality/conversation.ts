import type { ChainReader, Head } from "../chain/types.ts";
import { answerCatchUp } from "./catch-up.ts";
import type { FinalityClock } from "./clock.ts";
import type { Finalizer } from "./finalizer.ts";
import { Neighbours } from "./neighbours.ts";
import type { ProofStore } from "./proof-store.ts";
import type { SetSession, View } from "./set-session.ts";
import { takeAnswer } from "./take-answer.ts";
import type { FinalityNetwork, Verdict } from "./types.ts";
import { decodeCatchUpRequest } from "./wire.ts";

/** Looks at the neighbours so often, in times that a message takes. */
const looksEvery = 3;
/** A round without news for so long, in times that a message takes, may lack messages that were lost. */
const patience = 6;

export interface ConversationParts {
  readonly network: FinalityNetwork;
  readonly clock: FinalityClock;
  readonly gossipMs: number;
  readonly chain: Pick<ChainReader, "header" | "finalized">;
  readonly finalizer: Finalizer;
  readonly proofs: ProofStore;
  readonly fetchBlock: ((peer: string, head: Head) => void) | undefined;
  /** The present one; undefined where nobody votes. */
  readonly session: () => SetSession | undefined;
  /** Whether asking makes sense. */
  readonly isNearHead: () => boolean;
  /** Something was taken that may change what the voter decides. */
  readonly onNews: () => void;
  readonly onError: (error: unknown) => void;
}

/** Listens to the network, answers it, and asks it when gossip does not bring what is needed. */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #neighbours: Neighbours;
  readonly #stops: (() => void)[];
  #cancelLook: (() => void) | undefined;
  #isStopped = false;
  #newsAt: number;

  constructor(parts: ConversationParts) {
    const { network, clock, session, proofs } = parts;
    this.#parts = parts;
    this.#neighbours = new Neighbours(network);
    this.#newsAt = clock.now();
    this.#stops = [
      network.onMessage((message, peer) => this.#take(message, peer)),
      network.onCatchUpRequest((body) => answerCatchUp(decodeCatchUpRequest(body), session(), proofs)),
    ];
    this.#look();
  }

  /** The voter went on: nothing is missing for the moment. */
  noteProgress(): void {
    this.#newsAt = this.#parts.clock.now();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelLook?.();
    for (const stop of this.#stops) stop();
  }

  #take(message: Uint8Array, peer: string): Verdict {
    const session = this.#parts.session();
    if (!session || this.#isStopped) return "ignore";
    const verdict = session.take(message, (view) => this.#neighbours.note(peer, view));
    if (verdict === "accept") {
      this.noteProgress();
      this.#parts.onNews();
    }
    return verdict;
  }

  #look(): void {
    const { clock, gossipMs, onError } = this.#parts;
    this.#cancelLook = clock.after(looksEvery * gossipMs, () => {
      this.#catchUp().catch(onError);
      if (!this.#isStopped) this.#look();
    });
  }

  /** Tells the neighbours where this node is, and asks one of them if it lacks something that they have. */
  async #catchUp(): Promise<void> {
    const { session: present, chain, clock, gossipMs, network, isNearHead } = this.#parts;
    const session = present();
    if (!session || !isNearHead()) return;
    const { setId, voter } = session;
    const own: View = { setId, round: BigInt(voter.round), finalized: chain.finalized.number };
    this.#neighbours.tell(own);
    const isStuck = !voter.isIdle && clock.now() - this.#newsAt > patience * gossipMs;
    if (!isStuck && !this.#neighbours.isAnyAhead(own)) return;
    const found = await this.#neighbours.ask(own);
    if (!found || this.#isStopped) return;
    const { peer, answer } = found;
    const fetch = (head: Head): void => this.#parts.fetchBlock?.(peer, head);
    const { finalizer } = this.#parts;
    if (!(await takeAnswer(answer, { chain, finalizer, session: present, fetch })))
      network.reportBadAnswer(peer);
    if (!this.#isStopped) this.#parts.onNews();
  }
}

import type { Hash } from "../chain/hash.ts";
import type { Refusal } from "../chain/rules.ts";
import type { Head, Justification } from "../chain/types.ts";
import { type Log, silentLog } from "../log/log.ts";
import { AuthoritySets } from "./authority-sets.ts";
import { chainTree } from "./chain-tree.ts";
import { type FinalityClock, systemClock } from "./clock.ts";
import { Conversation } from "./conversation.ts";
import { Finalizer } from "./finalizer.ts";
import type { FinalityComponents, FinalityOptions } from "./options.ts";
import { OwnVoter } from "./own-voter.ts";
import { type Hands, perform } from "./perform.ts";
import { ProofStore } from "./proof-store.ts";
import type { BlockTree } from "./protocol/block-tree.ts";
import { Voter } from "./protocol/voter.ts";
import { proveFinality } from "./prove-finality.ts";
import { reportRounds } from "./round-report.ts";
import { SetSession } from "./set-session.ts";
import type { Finality, FinalityProofAnswer, JustificationEvent, RoundStateReport } from "./types.ts";
import { VoteRecord } from "./vote-record.ts";
import { VoterSet } from "./voter-set.ts";

/**
 * Finality in the node: brings the voter of the present set together with the chain, the network, the clock and the
 * disk. One thing is done at a time, in the order in which the voter decided it.
 */
export class Gadget implements Finality {
  readonly failed: Promise<never>;
  readonly #parts: FinalityComponents;
  readonly #log: Log;
  readonly #clock: FinalityClock;
  readonly #gossipMs: number;
  readonly #sets: AuthoritySets;
  readonly #tree: BlockTree;
  readonly #proofs: ProofStore;
  readonly #finalizer: Finalizer;
  readonly #own: OwnVoter;
  readonly #hands: Hands;
  readonly #conversation: Conversation | undefined;
  readonly #stops: (() => void)[] = [];
  readonly #fail: (error: unknown) => void;
  #session: SetSession | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = false;
  #cancelWake: (() => void) | undefined;

  constructor(options: FinalityOptions, parts: FinalityComponents) {
    const { chain, database, network } = parts;
    this.#parts = parts;
    this.#log = parts.log ?? silentLog;
    this.#clock = parts.clock ?? systemClock;
    this.#gossipMs = options.gossipMs ?? 333;
    this.#sets = new AuthoritySets(chain, parts.readAuthorities);
    this.#tree = chainTree(chain, (head, tree) => {
      const setId = this.#session?.setId;
      return setId === undefined ? head : this.#sets.lastOf(setId, chain.finalized, head, tree);
    });
    this.#proofs = new ProofStore(database);
    const period = options.justificationPeriod ?? 512;
    this.#finalizer = new Finalizer({
      chain,
      sets: this.#sets,
      proofs: this.#proofs,
      period,
      log: this.#log,
    });
    this.#own = new OwnVoter(parts.keys, new VoteRecord(database));
    this.#hands = {
      ...parts,
      own: this.#own,
      finalizer: this.#finalizer,
      log: this.#log,
      isPresent: (session) => session === this.#session,
    };
    const { promise, reject } = Promise.withResolvers<never>();
    // The service listens once everything has started: a failure before that waits for it.
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = (error) => {
      this.#log.error("finality can not go on", { error });
      this.#isStopped = true;
      reject(error);
    };
    this.#listen();
    this.#openSession();
    this.#conversation =
      network &&
      new Conversation({
        network,
        clock: this.#clock,
        gossipMs: this.#gossipMs,
        chain,
        finalizer: this.#finalizer,
        proofs: this.#proofs,
        fetchBlock: parts.fetchBlock,
        session: () => this.#session,
        isNearHead: () => this.#isNearHead,
        onNews: () => this.#run(),
        onError: this.#fail,
      });
    this.#run();
  }

  roundState(): RoundStateReport | undefined {
    return this.#session && reportRounds(this.#session);
  }

  onJustification(listener: (event: JustificationEvent) => void): () => void {
    return this.#finalizer.onJustification(listener);
  }

  async importJustification(hash: Hash, justification: Justification): Promise<Refusal | undefined> {
    try {
      return await this.#finalizer.importJustification(hash, justification);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  proveFinality(number: number): FinalityProofAnswer {
    const setId = this.#sets.after(this.#parts.chain.finalized.hash)?.setId ?? 0n;
    return proveFinality(number, setId, this.#parts.chain, this.#proofs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    this.#conversation?.stop();
    this.#cancelWake?.();
    await this.#running;
  }

  #listen(): void {
    const { chain } = this.#parts;
    const onBlock = (): void => {
      // Who decides alone has nobody to wait for. Clients that hear of a block and of its finality in one breath miss the first.
      if (this.#session?.voters.decider !== undefined) this.#clock.after(this.#gossipMs, () => this.#run());
      else this.#run();
    };
    const onFinalized = (head: Head): void => {
      this.#session?.voter.setFinalized(head);
      const set = this.#sets.after(head.hash);
      if (set && set.setId !== this.#session?.setId) this.#openSession();
      this.#run();
    };
    chain.events.on("imported", onBlock);
    chain.events.on("best", onBlock);
    chain.events.on("finalized", onFinalized);
    this.#stops.push(() => {
      chain.events.off("imported", onBlock);
      chain.events.off("best", onBlock);
      chain.events.off("finalized", onFinalized);
    });
  }

  /** Begins with the set that votes on the children of the last final block, where this node was in it. */
  #openSession(): void {
    const { finalized } = this.#parts.chain;
    const set = this.#sets.after(finalized.hash);
    const voters = set && VoterSet.from(set.authorities);
    this.#session = undefined;
    if (!voters) return;
    const { setId } = set;
    const { last, voted, messages } = this.#own.restore(setId);
    const voter = new Voter({
      voters,
      tree: this.#tree,
      finalized,
      own: () => (this.#isNearHead ? this.#own.in(setId, voters) : undefined),
      gossipMs: this.#gossipMs,
      now: this.#clock.now(),
      last,
      voted,
    });
    this.#session = new SetSession(setId, voters, voter, this.#tree);
    for (const message of messages) {
      this.#session.take(message, () => undefined);
      this.#parts.network?.broadcast(message);
    }
    this.#log.info("voters of a new set", { set: setId, voters: voters.size, round: voter.round });
  }

  /** Has everything done that follows from what is known; once more when something came meanwhile. */
  #run(): void {
    this.#isWanted = true;
    if (this.#running || this.#isStopped) return;
    const work = async (): Promise<void> => {
      while (this.#isWanted && !this.#isStopped) {
        this.#isWanted = false;
        await this.#advance();
      }
    };
    this.#running = work()
      .catch(this.#fail)
      .finally(() => {
        this.#running = undefined;
        if (this.#isWanted) this.#run();
      });
  }

  async #advance(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    session.release();
    const now = this.#clock.now();
    const steps = session.voter.advance(now);
    for (const step of steps) await perform(step, session, this.#hands);
    if (steps.length > 0) {
      this.#conversation?.noteProgress();
      this.#isWanted = true;
    }
    this.#cancelWake?.();
    const at = session.voter.wakeAt(now);
    if (at === undefined || this.#isStopped || session !== this.#session) return;
    this.#cancelWake = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#run());
  }

  get #isNearHead(): boolean {
    return this.#parts.isNearHead?.() ?? true;
  }
}

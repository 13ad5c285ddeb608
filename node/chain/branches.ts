import type { Header } from "../../runtime/primitives/header.ts";
import type { Batch } from "../db/batch.ts";
import type { StateDb } from "../state/state-db.ts";
import type { BlockStore } from "./block-store.ts";
import type { ForkTree } from "./fork-tree.ts";
import type { Hash } from "./hash.ts";
import { headNamed, loadTree } from "./load-tree.ts";
import type { BranchHead, ForkChoice } from "./rules.ts";
import type { BestEvent, FinalizedEvent, Head } from "./types.ts";

/** Blocks of abandoned branches can be asked for until the finalized block is this much higher. */
const staleBlocksKept = 256;

/** What a batch is about to change, to be settled once it is written. */
export interface Moves {
  readonly best: BestEvent | undefined;
  readonly finalized: FinalizedEvent | undefined;
}

/**
 * Which blocks may still become final, which of them is the best, and how that moves. Moves are put into a batch;
 * `settle` makes them true in memory after the batch is on disk.
 */
export class Branches {
  readonly tree: ForkTree;
  readonly #store: BlockStore;
  readonly #states: StateDb;
  readonly #forkChoice: ForkChoice;
  #best: Head;

  constructor(store: BlockStore, states: StateDb, forkChoice: ForkChoice) {
    this.tree = loadTree(store);
    this.#store = store;
    this.#states = states;
    this.#forkChoice = forkChoice;
    this.#best = headNamed(store, "best");
  }

  get best(): Head {
    return this.#best;
  }

  isBetter(candidate: BranchHead): boolean {
    return this.#forkChoice(candidate, this.#headOf(this.#best.hash));
  }

  /** The head of the best branch that holds a block: the present one, or what fork choice says without it. */
  bestUnder(hash: Hash): Head {
    if (this.tree.isAncestor(hash, this.#best.hash)) return this.#best;
    const heads = this.tree.leaves().filter((leaf) => this.tree.isAncestor(hash, leaf.hash));
    return heads.reduce((best, head) =>
      this.#forkChoice(this.#headOf(head.hash), this.#headOf(best.hash)) ? head : best,
    );
  }

  /** Puts a new best chain into `batch`, the fast reads of its state apart; nothing if it is the best already. */
  moveBest(batch: Batch, head: Head, header?: Header): BestEvent | undefined {
    if (head.hash === this.#best.hash) return undefined;
    const route = this.tree.route(this.#best.hash, head.hash);
    if (!route) throw new Error(`no route from ${this.#best.hash} to ${head.hash}`);
    for (const { number } of route.retracted) {
      if (number > head.number) this.#store.putCanonical(batch, number, undefined);
    }
    for (const { hash, number } of route.enacted) this.#store.putCanonical(batch, number, hash);
    this.#store.putHead(batch, "best", head.hash);
    return { ...head, header: header ?? this.headerOf(head.hash), route };
  }

  /** Puts a new finalized block, and the end of what it rules out, into `batch`; nothing if it is final already. */
  async moveFinality(batch: Batch, hash: Hash): Promise<FinalizedEvent | undefined> {
    const { enacted, stale } = this.tree.finality(hash);
    const head = enacted.at(-1);
    if (!head) return undefined;
    this.#store.putHead(batch, "finalized", hash);
    await this.#states.finalize(batch, this.versionOf(hash));
    for (const { number } of enacted) {
      const canonical = this.#store.hashAt(number - staleBlocksKept);
      if (canonical) this.#store.removeAt(batch, number - staleBlocksKept, (other) => other !== canonical);
    }
    return { ...head, header: this.headerOf(hash), enacted, stale };
  }

  /** Puts the end of blocks that are not final, and of their states, into `batch`. */
  async remove(batch: Batch, heads: readonly Head[]): Promise<void> {
    await this.#states.discard(
      batch,
      heads.map(({ hash }) => this.versionOf(hash)),
    );
    const gone = new Set(heads.map(({ hash }) => hash));
    for (const number of new Set(heads.map((head) => head.number))) {
      this.#store.removeAt(batch, number, (hash) => gone.has(hash));
    }
  }

  settle({ best, finalized }: Moves): void {
    if (best) this.#best = { hash: best.hash, number: best.number };
    if (finalized) this.tree.finalize(finalized.hash);
  }

  headerOf(hash: Hash): Header {
    const header = this.#store.header(hash);
    if (!header) throw new Error(`the header of ${hash} is missing`);
    return header;
  }

  /** What a block and its ancestors weigh together, as far back as this database knows them. */
  weightOf(hash: Hash): number {
    const weight = this.#store.branchWeight(hash);
    if (weight === undefined) throw new Error(`block ${hash} has no weight`);
    return weight;
  }

  versionOf(hash: Hash): number {
    const version = this.#store.stateVersion(hash);
    if (version === undefined) throw new Error(`the state of ${hash} has no version`);
    return version;
  }

  #headOf(hash: Hash): BranchHead {
    return { header: this.headerOf(hash), weight: this.weightOf(hash) };
  }
}

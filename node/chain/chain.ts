/**
 * The chain: takes blocks, executes them on their parents' states, writes each in one atomic batch, and keeps
 * track of the best and the finalized one. What it announces is on disk and can be asked for.
 */
import { EventEmitter } from "node:events";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { Batch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import { type Log, silentLog } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { StateDb, StateView } from "../state/state-db.ts";
import { announce } from "./announce.ts";
import { BlockStore } from "./block-store.ts";
import type { ForkTree } from "./fork-tree.ts";
import { initialiseGenesis } from "./genesis.ts";
import { bytesToHash, type Hash, shortHash } from "./hash.ts";
import { type JudgeParts, judgeBlock } from "./judge.ts";
import { headNamed, loadTree } from "./load-tree.ts";
import { type FinalityRule, type ForkChoice, longestChain, type Refusal } from "./rules.ts";
import type {
  BestEvent,
  Block,
  BlockOrigin,
  ChainEvents,
  ChainReader,
  FinalizedEvent,
  Head,
  ImportResult,
  Justification,
  StateLookup,
  TreeRoute,
} from "./types.ts";

/** Blocks of abandoned branches can be asked for until this many blocks later. */
const staleBlocksKept = 256;

export interface ChainComponents extends JudgeParts {
  readonly database: Database;
  readonly states: StateDb;
  readonly finality: FinalityRule;
  readonly forkChoice?: ForkChoice;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export class Chain implements ChainReader {
  readonly events = new EventEmitter<ChainEvents>();
  readonly genesisHash: Hash;
  readonly #parts: ChainComponents;
  readonly #store: BlockStore;
  readonly #log: Log;
  readonly #forkChoice: ForkChoice;
  readonly #tree: ForkTree;
  #best: Head;
  /** Imports and finalizations happen one after another. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(genesisHash: Hash, store: BlockStore, parts: ChainComponents) {
    this.genesisHash = genesisHash;
    this.#parts = parts;
    this.#store = store;
    this.#log = parts.log ?? silentLog;
    this.#forkChoice = parts.forkChoice ?? longestChain;
    this.#tree = loadTree(store);
    this.#best = headNamed(store, "best");
    this.events.setMaxListeners(0);
    this.#measure();
  }

  /**
   * Opens the chain of a database, which becomes that of `genesis` (the first state) when it is new.
   * @throws DatabaseError `Foreign` when the database belongs to another genesis.
   */
  static async open(genesis: Changes, parts: ChainComponents): Promise<Chain> {
    const store = new BlockStore(parts.database);
    const genesisHash = await initialiseGenesis(genesis, { ...parts, store });
    return new Chain(genesisHash, store, parts);
  }

  get best(): Head {
    return this.#best;
  }

  get finalized(): Head {
    return this.#tree.root;
  }

  header(hash: Hash): Header | undefined {
    return this.#store.header(hash);
  }

  body(hash: Hash): readonly Uint8Array[] | undefined {
    return this.#store.body(hash);
  }

  justifications(hash: Hash): readonly Justification[] | undefined {
    return this.#store.header(hash) && this.#store.justifications(hash);
  }

  hashAt(number: number): Hash | undefined {
    return this.#store.hashAt(number);
  }

  hashesAt(number: number): readonly Hash[] {
    const [canonical, all] = [this.#store.hashAt(number), this.#store.hashesAt(number)];
    return canonical ? [canonical, ...all.filter((hash) => hash !== canonical)] : all;
  }

  stateAt(hash: Hash): StateLookup {
    const version = this.#store.stateVersion(hash);
    return version === undefined ? { type: "unknown" } : this.#parts.states.view(version);
  }

  leaves(): readonly Head[] {
    const others = this.#tree.leaves().filter(({ hash }) => hash !== this.#best.hash);
    return [this.#best, ...others];
  }

  unfinalized(): readonly Head[] {
    return this.#tree.blocks();
  }

  route(from: Hash, to: Hash): TreeRoute | undefined {
    return this.#tree.route(from, to);
  }

  /**
   * Verifies, executes, writes and announces a block; a bad one is refused with the reason and leaves no trace.
   * With `own`, the changes that its author computed are taken as they are.
   * @throws DatabaseError when it cannot be written; the node should stop then.
   */
  import(block: Block, origin: BlockOrigin, own?: { readonly changes: Changes }): Promise<ImportResult> {
    return this.#inTurn(() => this.#import(block, origin, own?.changes));
  }

  /** Makes a block final, with its ancestors; a branch that does not hold it is given up, even the best one. */
  finalize(hash: Hash, justification?: Justification): Promise<Refusal | undefined> {
    return this.#inTurn(() => this.#finalize(hash, justification));
  }

  /** Executes a stored block again on its parent's state, as if it came from a stranger. */
  async check(hash: Hash): Promise<Refusal | undefined> {
    const [header, extrinsics] = [this.header(hash), this.body(hash)];
    if (!header || !extrinsics) return { code: "UnknownBlock", message: `${hash} is not in the database` };
    if (header.number === 0) return undefined;
    const parent = this.#parentOf(header);
    if ("code" in parent) return parent;
    const judged = await judgeBlock({ header, extrinsics }, parent, "file", this.#parts);
    return judged.type === "bad" ? judged : undefined;
  }

  /** Takes back at most `count` blocks of the best chain, with the branches on them; final ones stay. */
  revert(count: number): Promise<number> {
    return this.#inTurn(async () => {
      const line = this.#tree.route(this.finalized.hash, this.#best.hash)?.enacted ?? [];
      const first = line[Math.max(0, line.length - count)];
      if (!first || count <= 0) return 0;
      const { database, states } = this.#parts;
      const target = line[line.indexOf(first) - 1] ?? this.finalized;
      const cut = this.#tree.blocks().filter(({ hash }) => this.#tree.isAncestor(first.hash, hash));
      const batch = database.batch();
      const { route } = this.#moveBest(batch, target);
      states.setBest(batch, this.#versionOf(target.hash));
      await states.discard(
        batch,
        cut.map(({ hash }) => this.#versionOf(hash)),
      );
      const heights = new Set(cut.map(({ number }) => number));
      for (const number of heights) {
        const gone = new Set(cut.filter((one) => one.number === number).map(({ hash }) => hash));
        this.#store.removeAt(batch, number, (hash) => gone.has(hash));
      }
      await database.write(batch, { sync: true });
      for (const { hash } of cut.toReversed()) this.#tree.remove(hash);
      this.#best = target;
      return route.retracted.length;
    });
  }

  /** Resolves when nothing is being written any more; nothing may be imported after. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    this.events.removeAllListeners();
  }

  async #import(block: Block, origin: BlockOrigin, own: Changes | undefined): Promise<ImportResult> {
    const { header, extrinsics } = block;
    const hash = bytesToHash(hashHeader(header));
    if (this.#store.header(hash)) return { type: "known", hash };
    const started = performance.now();
    const parent = this.#parentOf(header);
    const judged =
      "code" in parent
        ? { type: "bad" as const, ...parent }
        : own
          ? { type: "good" as const, changes: own }
          : await judgeBlock(block, parent, origin, this.#parts);
    if (judged.type === "bad") {
      const { code, message } = judged;
      this.#parts.metrics?.blocksRefused.inc({ reason: code });
      this.#log.warn("refused a block", {
        number: header.number,
        hash: shortHash(hash),
        code,
        reason: message,
      });
      return { type: "refused", hash, code, message };
    }

    const { database, states } = this.#parts;
    const parentHash = bytesToHash(header.parentHash);
    const head: Head = { hash, number: header.number };
    const isBest = this.#forkChoice(header, this.#headerOf(this.#best.hash));
    const batch = database.batch();
    const state = states.update(this.#versionOf(parentHash), judged.changes);
    if (!equalBytes(state.rootHash, header.stateRoot)) {
      throw new Error(`the changes of block ${hash} do not lead to its state root`);
    }
    states.write(batch, state, { best: isBest });
    this.#store.put(batch, hash, header, extrinsics, state.version);
    this.#tree.insert(hash, parentHash);
    const best = isBest ? this.#moveBest(batch, head, header) : undefined;
    const final = isBest ? this.#parts.finality(header) : undefined;
    const finalized = final === undefined ? undefined : await this.#moveFinality(batch, final);
    await database.write(batch);
    if (best) this.#best = head;
    if (finalized) this.#tree.finalize(finalized.hash);

    this.#parts.metrics?.blockImportSeconds.observe((performance.now() - started) / 1000);
    this.#measure();
    this.#log.info("imported", {
      number: head.number,
      hash: shortHash(hash),
      extrinsics: extrinsics.length,
      ...(!isBest && { best: shortHash(this.#best.hash) }),
      ms: Math.round(performance.now() - started),
    });
    announce(this.events, this.#log, "imported", { ...head, header, origin, isBest });
    this.#announceMoves(best, finalized);
    return { type: "imported", hash, isBest };
  }

  async #finalize(hash: Hash, justification: Justification | undefined): Promise<Refusal | undefined> {
    if (!this.#store.header(hash)) return { code: "UnknownBlock", message: `block ${hash} is not known` };
    if (!this.#tree.has(hash)) {
      const message = `block ${hash} does not descend from the finalized block ${this.finalized.hash}`;
      return { code: "NotOnFinalizedChain", message };
    }
    const { database, states } = this.#parts;
    const batch = database.batch();
    const head = this.#bestUnder(hash);
    const best = head.hash === this.#best.hash ? undefined : this.#moveBest(batch, head);
    if (best) states.setBest(batch, this.#versionOf(head.hash));
    if (justification) this.#store.putJustifications(batch, hash, [justification]);
    const finalized = await this.#moveFinality(batch, hash);
    await database.write(batch);
    this.#best = head;
    this.#tree.finalize(hash);
    this.#measure();
    this.#announceMoves(best, finalized);
    return undefined;
  }

  /** The head of the best branch that holds a block: the present one, or what fork choice says without it. */
  #bestUnder(hash: Hash): Head {
    if (this.#tree.isAncestor(hash, this.#best.hash)) return this.#best;
    const heads = this.#tree.leaves().filter((leaf) => this.#tree.isAncestor(hash, leaf.hash));
    return heads.reduce((best, head) =>
      this.#forkChoice(this.#headerOf(head.hash), this.#headerOf(best.hash)) ? head : best,
    );
  }

  /** Puts a new best chain into `batch`. */
  #moveBest(batch: Batch, head: Head, header = this.#headerOf(head.hash)): BestEvent {
    const route = this.#tree.route(this.#best.hash, head.hash);
    if (!route) throw new Error(`no route from ${this.#best.hash} to ${head.hash}`);
    for (const { number } of route.retracted) {
      if (number > head.number) this.#store.putCanonical(batch, number, undefined);
    }
    for (const { hash, number } of route.enacted) this.#store.putCanonical(batch, number, hash);
    this.#store.putHead(batch, "best", head.hash);
    return { ...head, header, route };
  }

  /** Puts a new finalized block, and the end of what it rules out, into `batch`; nothing if it is final already. */
  async #moveFinality(batch: Batch, hash: Hash): Promise<FinalizedEvent | undefined> {
    if (hash === this.#tree.root.hash) return undefined;
    const { enacted, stale } = this.#tree.finality(hash);
    const head = enacted.at(-1);
    if (!head) return undefined;
    this.#store.putHead(batch, "finalized", hash);
    await this.#parts.states.finalize(batch, this.#versionOf(hash));
    for (const { number } of enacted) {
      const canonical = this.#store.hashAt(number - staleBlocksKept);
      if (canonical) this.#store.removeAt(batch, number - staleBlocksKept, (other) => other !== canonical);
    }
    return { ...head, header: this.#headerOf(hash), enacted, stale };
  }

  #announceMoves(best: BestEvent | undefined, finalized: FinalizedEvent | undefined): void {
    if (best && best.route.retracted.length > 0) {
      const { common, retracted, enacted } = best.route;
      this.#parts.metrics?.reorganisations.inc();
      const depth = { retracted: retracted.length, enacted: enacted.length };
      this.#log.info("changed the branch", { from: common.number, ...depth, best: shortHash(best.hash) });
    }
    if (best) announce(this.events, this.#log, "best", best);
    if (finalized) announce(this.events, this.#log, "finalized", finalized);
  }

  /** The parent with its state, or why a block cannot stand on it. */
  #parentOf({ parentHash }: Header): { readonly header: Header; readonly state: StateView } | Refusal {
    const hash = bytesToHash(parentHash);
    const header = this.#store.header(hash);
    if (!header) return { code: "UnknownParent", message: `its parent ${hash} is not known` };
    const lookup = this.stateAt(hash);
    if (lookup.type !== "ok") {
      return { code: "ParentStateDiscarded", message: `the state of its parent ${hash} is pruned` };
    }
    return { header, state: lookup.state };
  }

  #headerOf(hash: Hash): Header {
    const header = this.#store.header(hash);
    if (!header) throw new Error(`the header of ${hash} is missing`);
    return header;
  }

  #versionOf(hash: Hash): number {
    const version = this.#store.stateVersion(hash);
    if (version === undefined) throw new Error(`the state of ${hash} has no version`);
    return version;
  }

  #measure(): void {
    const { metrics } = this.#parts;
    metrics?.blockHeight.set({ status: "best" }, this.#best.number);
    metrics?.blockHeight.set({ status: "finalized" }, this.finalized.number);
    metrics?.leaves.set(this.#tree.leaves().length);
  }

  /** One write at a time; after one has failed, what is in memory may not be what is on disk, so all others fail. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      try {
        return await work();
      } catch (error) {
        announce(this.events, this.#log, "failed", error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    });
    this.#last = turn;
    // Whoever asked hears of it too; the chain of turns itself must not be an unheard rejection.
    turn.catch(() => undefined);
    return turn;
  }
}

/**
 * The chain: takes blocks, executes them on their parents' states, writes each in one atomic batch, and keeps
 * track of the best and the finalized one. What it announces is on disk and can be asked for.
 */
import type { EventEmitter } from "node:events";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { Batch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import { type Log, silentLog } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { RootMismatch } from "../state/root-mismatch.ts";
import type { StateDb, StateLookup } from "../state/state-db.ts";
import { adoptBlock, adoptedEvents, belowGap, type FinalBlock, fillGap } from "./adopt.ts";
import { Announcer } from "./announcer.ts";
import { BlockStore, type Gap } from "./block-store.ts";
import { Branches, type Moves } from "./branches.ts";
import { initialiseGenesis } from "./genesis.ts";
import { bytesToHash, type Hash } from "./hash.ts";
import { type Judgement, type JudgeParts, judgeBlock } from "./judge.ts";
import { revert } from "./revert.ts";
import { type FinalityRule, type ForkChoice, longestChain, type Parent, type Refusal } from "./rules.ts";
import { Turns } from "./turns.ts";
import type {
  Block,
  BlockOrigin,
  ChainEvents,
  ChainReader,
  Head,
  ImportResult,
  Justification,
  TreeRoute,
} from "./types.ts";

export interface ChainComponents extends JudgeParts {
  readonly database: Database;
  readonly states: StateDb;
  readonly finality: FinalityRule;
  readonly forkChoice?: ForkChoice;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export class Chain implements ChainReader {
  readonly genesisHash: Hash;
  readonly #parts: ChainComponents;
  readonly #store: BlockStore;
  readonly #announcer: Announcer;
  #branches: Branches;
  /** Imports and finalizations happen one after another. */
  readonly #turns = new Turns((error) => this.#announcer.failed(error));

  private constructor(genesisHash: Hash, store: BlockStore, parts: ChainComponents) {
    this.genesisHash = genesisHash;
    this.#parts = parts;
    this.#store = store;
    this.#announcer = new Announcer(parts.log ?? silentLog, parts.metrics);
    this.#branches = this.#loadBranches();
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

  get events(): EventEmitter<ChainEvents> {
    return this.#announcer.events;
  }

  get best(): Head {
    return this.#branches.best;
  }

  get finalized(): Head {
    return this.#branches.tree.root;
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

  bestUnder(hash: Hash): Head | undefined {
    return this.#branches.tree.has(hash) ? this.#branches.bestUnder(hash) : undefined;
  }

  leaves(): readonly Head[] {
    const others = this.#branches.tree.leaves().filter(({ hash }) => hash !== this.best.hash);
    return [this.best, ...others];
  }

  unfinalized(): readonly Head[] {
    return this.#branches.tree.blocks();
  }

  route(from: Hash, to: Hash): TreeRoute | undefined {
    return this.#branches.tree.route(from, to);
  }

  /**
   * Verifies, executes, writes and announces a block; a bad one is refused with the reason and leaves no trace.
   * With `own`, the changes that its author computed are taken as they are.
   * @throws DatabaseError when it cannot be written; the node should stop then.
   */
  import(block: Block, origin: BlockOrigin, own?: { readonly changes: Changes }): Promise<ImportResult> {
    return this.#turns.take(() => this.#import(block, origin, own?.changes));
  }

  /**
   * Makes a block final, with its ancestors; a branch that does not hold it is given up, even the best one. What
   * `alongside` writes is on disk with the finality, or not at all.
   */
  finalize(
    hash: Hash,
    justification?: Justification,
    alongside?: (batch: Batch) => void,
  ): Promise<Refusal | undefined> {
    return this.#turns.take(() => this.#finalize(hash, justification, alongside));
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

  /**
   * Goes on from a final block far above genesis, whose state has come (`IncomingState`) and whose finality the caller
   * has proven. Refused when other blocks are here, or the state is not the block's; nothing has changed then.
   */
  adopt(final: FinalBlock): Promise<Refusal | undefined> {
    return this.#turns.take(() => this.#adopt(final));
  }

  /** Heights below the oldest executed block whose blocks are still missing, and the highest of these. */
  get gap(): (Gap & { readonly head: Head }) | undefined {
    const [gap, head] = [this.#store.gap(), belowGap(this.#store)];
    return gap && head && { ...gap, head };
  }

  /** Fills in blocks of the gap, from its upper end down. @throws Error for blocks that do not belong there. */
  async fillGap(blocks: readonly Block[]): Promise<void> {
    const batch = fillGap(blocks, { ...this.#parts, store: this.#store });
    await this.#turns.take(() => this.#parts.database.write(batch));
  }

  /** Has signatures checked that blocks after the best one will want; `ask` names them, as far as its state tells. */
  checkAhead(ask: (state: Overlay, check: SignatureCheck) => void): void {
    const lookup = this.stateAt(this.best.hash);
    if (lookup.type === "ok") ask(new Overlay(lookup.state), this.#parts.signatures.ahead);
  }

  /** Takes back at most `count` blocks of the best chain; final ones stay. Returns how many went. */
  revert(count: number): Promise<number> {
    return this.#turns.take(() => revert(count, { ...this.#parts, branches: this.#branches }));
  }

  /** Keeps the state of a block readable, whatever becomes of it, until the returned function is called. */
  pin(hash: Hash): (() => void) | undefined {
    const version = this.#store.stateVersion(hash);
    if (version === undefined || this.#parts.states.view(version).type !== "ok") return undefined;
    return this.#parts.states.pin(version);
  }

  /** Resolves when nothing is being written any more; nothing may be imported after. */
  async close(): Promise<void> {
    await this.#turns.idle();
    this.events.removeAllListeners();
  }

  async #import(block: Block, origin: BlockOrigin, own: Changes | undefined): Promise<ImportResult> {
    const { header } = block;
    const hash = bytesToHash(hashHeader(header));
    if (this.#store.header(hash)) return { type: "known", hash };
    const started = performance.now();
    const judged = await this.#judge(block, origin, own);
    const head: Head = { hash, number: header.number };
    if (judged.type === "bad") {
      const { code, message } = judged;
      this.#announcer.refused(head, judged);
      return { type: "refused", hash, code, message };
    }
    const moves = await this.#write(block, head, judged.changes);
    const isBest = moves.best !== undefined;
    const imported = { ...head, header, origin, isBest, extrinsics: block.extrinsics };
    this.#announcer.imported(imported, this.best, moves, performance.now() - started);
    return { type: "imported", hash, isBest };
  }

  async #judge(block: Block, origin: BlockOrigin, own: Changes | undefined): Promise<Judgement> {
    const parent = this.#parentOf(block.header);
    if ("code" in parent) return { type: "bad", ...parent };
    const parentHash = bytesToHash(block.header.parentHash);
    if (!this.#branches.tree.has(parentHash)) {
      return { type: "bad", ...this.#offTheChain(`its parent ${parentHash}`) };
    }
    return own ? { type: "good", changes: own } : judgeBlock(block, parent, origin, this.#parts);
  }

  /** Writes a block, its state, and what it moves, together. */
  async #write(block: Block, head: Head, changes: Changes): Promise<Moves> {
    const { header } = block;
    const { database, states, finality, consensus } = this.#parts;
    const branches = this.#branches;
    const parentHash = bytesToHash(header.parentHash);
    const state = states.update(branches.versionOf(parentHash), changes);
    if (!equalBytes(state.rootHash, header.stateRoot)) {
      throw new Error(`the changes of block ${head.hash} do not lead to its state root`);
    }
    const weight = branches.weightOf(parentHash) + consensus.weightOf(header);
    const isBest = branches.isBetter({ header, weight });
    const batch = database.batch();
    states.write(batch, state, { best: isBest });
    this.#store.put(batch, head.hash, block, { stateVersion: state.version, weight });
    branches.tree.insert(head.hash, parentHash);
    const best = isBest ? branches.moveBest(batch, head, header) : undefined;
    const final = isBest ? finality(header) : undefined;
    const finalized = final === undefined ? undefined : await branches.moveFinality(batch, final);
    await database.write(batch);
    branches.settle({ best, finalized });
    this.#measure();
    return { best, finalized };
  }

  async #finalize(
    hash: Hash,
    justification: Justification | undefined,
    alongside: ((batch: Batch) => void) | undefined,
  ): Promise<Refusal | undefined> {
    if (!this.#store.header(hash)) return { code: "UnknownBlock", message: `block ${hash} is not known` };
    if (!this.#branches.tree.has(hash)) return this.#offTheChain(`block ${hash}`);
    const { database, states } = this.#parts;
    const batch = database.batch();
    const best = this.#branches.moveBest(batch, this.#branches.bestUnder(hash));
    if (best) states.setBest(batch, this.#branches.versionOf(best.hash));
    if (justification) this.#store.putJustifications(batch, hash, [justification]);
    alongside?.(batch);
    const finalized = await this.#branches.moveFinality(batch, hash);
    await database.write(batch);
    this.#branches.settle({ best, finalized });
    this.#measure();
    this.#announcer.moved({ best, finalized });
    return undefined;
  }

  async #adopt(final: FinalBlock): Promise<Refusal | undefined> {
    const { header } = final.block;
    const common = this.finalized;
    if (this.best.number > 0 || this.#branches.tree.blocks().length > 0) {
      return { code: "NotOnFinalizedChain", message: `the chain is at block ${this.best.number} already` };
    }
    const adopted = await adoptBlock(final, { ...this.#parts, store: this.#store }).catch((error) => {
      if (error instanceof RootMismatch) return { code: "BadExecution", message: error.message } as const;
      throw error;
    });
    if ("code" in adopted) return adopted;
    this.#branches = this.#loadBranches();
    this.#measure();
    const { imported, moves } = adoptedEvents(adopted.hash, header, common);
    this.#announcer.adopted(imported, adopted.entries, moves);
    return undefined;
  }

  #loadBranches(): Branches {
    return new Branches(this.#store, this.#parts.states, this.#parts.forkChoice ?? longestChain);
  }

  /** The parent with its state, or why a block cannot stand on it. */
  #parentOf({ parentHash }: Header): Parent | Refusal {
    const hash = bytesToHash(parentHash);
    const header = this.#store.header(hash);
    if (!header) return { code: "UnknownParent", message: `its parent ${hash} is not known` };
    const lookup = this.stateAt(hash);
    if (lookup.type !== "ok") {
      return { code: "ParentStateDiscarded", message: `the state of its parent ${hash} is pruned` };
    }
    return { header, state: lookup.state };
  }

  #offTheChain(what: string): Refusal {
    const message = `${what} does not descend from the finalized block ${this.finalized.hash}`;
    return { code: "NotOnFinalizedChain", message };
  }

  #measure(): void {
    this.#announcer.measure(this.best, this.finalized, this.#branches.tree.leaves().length);
  }
}

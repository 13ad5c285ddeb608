/**
 * The transaction pool: what users and peers submit waits here until a block takes it.
 * `base-pool` knows the places, `validate` (the runtime) the rules, this file the order of events.
 */
import { EventEmitter } from "node:events";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import type { TransactionSource } from "../../runtime/primitives/validity.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { BestEvent, ChainReader, FinalizedEvent } from "../chain/types.ts";
import { type Log, silentLog } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Backlog } from "./backlog.ts";
import { Bans } from "./bans.ts";
import { BasePool, type Moves, type PoolLimits, standardLimits } from "./base-pool.ts";
import type { ReadyOrder } from "./ready-order.ts";
import { createTransaction } from "./transaction.ts";
import type {
  PoolApi,
  PoolError,
  PoolEvents,
  PoolSize,
  PoolTransaction,
  StatusListener,
  SubmitResult,
  Tag,
  Validate,
} from "./types.ts";
import { Watchers } from "./watchers.ts";

export interface PoolOptions {
  readonly limits?: PoolLimits;
  /** The clock of bans, in ms. */
  readonly now?: () => number;
}

export interface PoolComponents<Reason> {
  readonly chain: Pick<ChainReader, "best" | "body" | "events">;
  readonly validate: Validate<Reason>;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** Submissions that wait for their validation; more are turned away, so that a flood cannot fill the memory. */
const maxValidating = 4096;

export class Pool<Reason> implements PoolApi<Reason> {
  readonly events = new EventEmitter<PoolEvents>();
  readonly #base = new BasePool();
  readonly #watchers: Watchers;
  readonly #bans: Bans;
  readonly #limits: PoolLimits;
  readonly #chain: PoolComponents<Reason>["chain"];
  readonly #validate: Validate<Reason>;
  readonly #metrics: Metrics | undefined;
  readonly #validating = new Set<Hash>();
  readonly #backlog: Backlog;

  constructor(options: PoolOptions, parts: PoolComponents<Reason>) {
    const { chain, validate, log = silentLog } = parts;
    this.#limits = options.limits ?? standardLimits;
    this.#bans = new Bans(options.now ?? (() => performance.now()));
    this.#chain = chain;
    this.#validate = validate;
    this.#metrics = parts.metrics;
    this.#watchers = new Watchers(log);
    this.#backlog = new Backlog({
      log,
      takeBack: (bytes) => this.#takeBack(bytes),
      revalidate: (hash) => this.#revalidate(hash),
    });
    chain.events.on("best", this.#onBest);
    chain.events.on("finalized", this.#onFinalized);
  }

  get size(): PoolSize {
    return this.#base.size;
  }

  /** Resolves once everything that past blocks set off has been validated again. */
  settled(): Promise<void> {
    return this.#backlog.settled();
  }

  /** Stops listening to the chain and ends the revalidation in progress. */
  async close(): Promise<void> {
    this.#chain.events.off("best", this.#onBest);
    this.#chain.events.off("finalized", this.#onFinalized);
    await this.#backlog.close();
  }

  async submit(
    bytes: Uint8Array,
    source: TransactionSource,
    onStatus?: StatusListener,
  ): Promise<SubmitResult<Reason>> {
    const hash = hashOf(bytes);
    this.#metrics?.poolSubmissions.inc();
    const refuse = (error: PoolError<Reason>): SubmitResult<Reason> => ({ type: "refused", hash, error });
    if (this.#bans.has(hash)) return refuse({ code: "TemporarilyBanned" });
    if (this.#base.get(hash) || this.#validating.has(hash)) return refuse({ code: "AlreadyImported" });
    if (this.#validating.size >= maxValidating) return refuse({ code: "ImmediatelyDropped" });
    this.#validating.add(hash);
    try {
      const at = this.#chain.best;
      const validity = await this.#validate(bytes, source, at.hash);
      if (validity.type === "unknown") return refuse({ code: "Unknown", reason: validity.reason });
      if (validity.type === "invalid") {
        this.#bans.add(hash);
        return refuse({ code: "Invalid", reason: validity.reason });
      }
      if (!validity.value.propagate && source === "External") return refuse({ code: "Unactionable" });
      if (validity.value.provides.length === 0) return refuse({ code: "NoTagsProvided" });
      // A block that came during the validation may have brought it.
      if (this.#bans.has(hash)) return refuse({ code: "TemporarilyBanned" });
      const transaction = createTransaction(hash, bytes, source, validity.value, at.number);
      const error = this.#place(transaction, onStatus);
      return error ? refuse(error) : { type: "accepted", hash };
    } finally {
      this.#validating.delete(hash);
    }
  }

  unwatch(hash: Hash, onStatus: StatusListener): void {
    this.#watchers.remove(hash, onStatus);
  }

  pending(): readonly PoolTransaction[] {
    return [...this.#base.inOrder(), ...this.#base.futures()];
  }

  ready(): ReadyOrder {
    return this.#base.inOrder();
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#base.get(hash);
  }

  provides(tag: Tag): boolean {
    return this.#base.provides(tag);
  }

  remove(hashes: readonly Hash[]): readonly Hash[] {
    return this.#removeInvalid(hashes);
  }

  broadcasted(hash: Hash, peers: readonly string[]): void {
    this.#watchers.tell(hash, { type: "broadcast", peers });
  }

  #place(transaction: PoolTransaction, onStatus?: StatusListener): PoolError<Reason> | undefined {
    const { hash } = transaction;
    const placed = this.#base.place(transaction);
    if (placed.type === "cycle") return { code: "CycleDetected" };
    if (placed.type === "tooLowPriority") {
      return { code: "TooLowPriority", old: placed.old, new: transaction.priority };
    }
    const pushedOut = this.#base.enforce(this.#limits);
    const stays = this.#base.get(hash) !== undefined;
    if (stays && onStatus) this.#watchers.add(hash, onStatus);
    if (placed.type === "ready") this.#announce(placed);
    else this.#watchers.tell(hash, { type: "future" });
    for (const { hash: gone } of pushedOut) {
      this.#bans.add(gone);
      this.#watchers.tell(gone, { type: "dropped" });
    }
    this.#measure();
    return stays ? undefined : { code: "ImmediatelyDropped" };
  }

  #announce(moves: Moves): void {
    for (const { transaction, by } of moves.usurped) {
      this.#watchers.tell(transaction.hash, { type: "usurped", by });
    }
    for (const { hash } of moves.dropped) this.#watchers.tell(hash, { type: "dropped" });
    for (const transaction of moves.promoted) {
      // It may have been replaced or pushed out in the same breath.
      if (!this.#base.isReady(transaction.hash)) continue;
      this.#watchers.tell(transaction.hash, { type: "ready" });
      this.events.emit("ready", transaction);
    }
  }

  #removeInvalid(hashes: readonly Hash[]): readonly Hash[] {
    const removed = this.#base.remove(hashes).map((one) => one.hash);
    this.#metrics?.poolInvalid.inc(removed.length);
    this.#measure();
    for (const hash of removed) {
      this.#bans.add(hash);
      this.#watchers.tell(hash, { type: "invalid" });
    }
    return removed;
  }

  /** Effects at once: what the new blocks brought leaves the pool. Later: what they undid or spoilt is validated. */
  readonly #onBest = ({ number, route }: BestEvent): void => {
    for (const { hash: block } of route.retracted) this.#watchers.retracted(block);
    const brought = new Set<Hash>();
    for (const { hash: block } of route.enacted) {
      const hashes = (this.#chain.body(block) ?? []).map(hashOf);
      for (const hash of hashes) {
        brought.add(hash);
        this.#bans.add(hash);
      }
      // Tags of transactions that were never here are not known: revalidation finds what waited for those.
      const tags = hashes.flatMap((hash) => this.#base.get(hash)?.provides ?? []);
      this.#base.remove(hashes.filter((hash) => this.#base.get(hash) && !this.#base.isReady(hash)));
      const moves = this.#base.prune(tags);
      this.#metrics?.poolPruned.inc(moves.pruned.length);
      this.#watchers.included(block, hashes);
      for (const { hash } of moves.pruned) {
        if (!brought.has(hash)) this.#watchers.tell(hash, { type: "invalid" });
      }
      this.#announce(moves);
    }
    const outdated = Array.from(this.#base.transactions()).filter((one) => one.validTill <= number);
    this.#removeInvalid(outdated.map((one) => one.hash));
    const returned: Uint8Array[] = [];
    for (const { hash: block } of route.retracted) {
      for (const bytes of this.#chain.body(block) ?? []) {
        const hash = hashOf(bytes);
        if (brought.has(hash)) continue;
        this.#bans.lift(hash);
        returned.push(bytes);
      }
    }
    const unsure = Array.from(this.#base.transactions(), ({ hash }) => hash);
    this.#backlog.add(returned, unsure);
  };

  readonly #onFinalized = ({ enacted }: FinalizedEvent): void => {
    for (const { hash } of enacted) this.#watchers.finalized(hash);
  };

  #measure(): void {
    this.#metrics?.readyTransactions.set(this.#base.size.ready);
    this.#metrics?.futureTransactions.set(this.#base.size.future);
  }

  /** Submits a transaction of a retracted block again; who watched it hears if it can not come back. */
  async #takeBack(bytes: Uint8Array): Promise<void> {
    const result = await this.submit(bytes, "External");
    if (result.type === "accepted") return;
    const { code } = result.error;
    // It is here already, or a newer block brought it.
    if (code === "AlreadyImported" || code === "TemporarilyBanned") return;
    const isBad = code === "Invalid" || code === "Unknown";
    this.#watchers.tell(result.hash, { type: isBad ? "invalid" : "dropped" });
  }

  async #revalidate(hash: Hash): Promise<void> {
    const transaction = this.#base.get(hash);
    if (!transaction) return;
    const { bytes, source } = transaction;
    const at = this.#chain.best;
    const validity = await this.#validate(bytes, source, at.hash);
    if (this.#base.get(hash) !== transaction) return;
    if (validity.type !== "valid") this.#removeInvalid([hash]);
    else this.#update(transaction, createTransaction(hash, bytes, source, validity.value, at.number));
  }

  /** Moves a transaction whose requirements are met now, or which has new ones since a re-organisation. */
  #update(old: PoolTransaction, now: PoolTransaction): void {
    const isStricter = now.requires.some((tag) => !old.requires.includes(tag));
    const isFree = !this.#base.isReady(old.hash) && this.#base.isSatisfied(now);
    if (!isStricter && !isFree) return;
    const [, ...dependents] = this.#base.remove([old.hash]);
    for (const one of [now, ...dependents]) {
      if (this.#place(one)) this.#watchers.tell(one.hash, { type: "dropped" });
    }
  }
}

const hashOf = (bytes: Uint8Array): Hash => bytesToHash(blake2_256(bytes));

import type { Hash } from "../chain/hash.ts";
import { FutureQueue } from "./future-queue.ts";
import type { ReadyOrder } from "./ready-order.ts";
import { ReadyQueue } from "./ready-queue.ts";
import type { PoolSize, PoolTransaction, Tag } from "./types.ts";

export interface QueueLimit {
  readonly count: number;
  readonly bytes: number;
}

export interface PoolLimits {
  readonly ready: QueueLimit;
  readonly future: QueueLimit;
}

/** Substrate's defaults. */
export const standardLimits: PoolLimits = {
  ready: { count: 8192, bytes: 20 * 1024 * 1024 },
  future: { count: 512, bytes: 1024 * 1024 },
};

/** What moved inside the pool. */
export interface Moves {
  /** Became ready, in this order. */
  readonly promoted: readonly PoolTransaction[];
  readonly usurped: readonly { readonly transaction: PoolTransaction; readonly by: Hash }[];
  /** Were set free but could not enter: a better one provides the same. */
  readonly dropped: readonly PoolTransaction[];
}

export type PlaceResult =
  | { readonly type: "future" }
  | ({ readonly type: "ready" } & Moves)
  | { readonly type: "tooLowPriority"; readonly old: bigint }
  | { readonly type: "cycle" };

/** How many prunings a tag stays satisfied for newcomers that were validated just before the block. */
const rememberedPrunings = 2;

/** Where valid transactions stand: ready, or future until somebody provides what they require. Pure data. */
export class BasePool {
  readonly #ready = new ReadyQueue();
  readonly #future = new FutureQueue();
  #recentlyPruned: ReadonlySet<Tag>[] = [];

  get size(): PoolSize {
    const [ready, future] = [this.#ready, this.#future];
    return { ready: ready.size, readyBytes: ready.bytes, future: future.size, futureBytes: future.bytes };
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#ready.get(hash) ?? this.#future.get(hash);
  }

  isReady(hash: Hash): boolean {
    return this.#ready.get(hash) !== undefined;
  }

  inOrder(): ReadyOrder {
    return this.#ready.inOrder();
  }

  *transactions(): Iterable<PoolTransaction> {
    yield* this.#ready.transactions();
    yield* this.#future.transactions();
  }

  futures(): Iterable<PoolTransaction> {
    return this.#future.transactions();
  }

  /** Whether a ready transaction provides `tag`. */
  provides(tag: Tag): boolean {
    return this.#ready.provides(tag);
  }

  /** Whether every required tag is provided by a ready transaction or by a recent block. */
  isSatisfied(transaction: PoolTransaction): boolean {
    return transaction.requires.every(
      (tag) => this.#ready.provides(tag) || this.#recentlyPruned.some((tags) => tags.has(tag)),
    );
  }

  /** Places a transaction that is not in the pool, and moves up those that waited for it. */
  place(transaction: PoolTransaction): PlaceResult {
    if (!this.isSatisfied(transaction)) {
      this.#future.insert(transaction);
      return { type: "future" };
    }
    const first = this.#ready.insert(transaction);
    if (first.type !== "inserted") return first;
    const usurped = first.replaced.map((replaced) => ({ transaction: replaced, by: transaction.hash }));
    const moves = { promoted: [transaction], usurped, dropped: [] };
    this.#promote(this.#takeFree(transaction.provides), moves);
    return { type: "ready", ...moves };
  }

  /** A block provides these tags: their providers leave, those that waited for them move up. */
  prune(tags: Iterable<Tag>): { readonly pruned: readonly PoolTransaction[] } & Moves {
    const given = new Set(tags);
    this.#recentlyPruned = [given, ...this.#recentlyPruned].slice(0, rememberedPrunings);
    const pruned = Array.from(given, (tag) => this.#ready.prune(tag)).filter((one) => one !== undefined);
    const moves = { promoted: [], usurped: [], dropped: [] };
    this.#promote(this.#takeFree(given), moves);
    return { pruned, ...moves };
  }

  /** Inserts transactions that were set free, and those that they set free in turn. */
  #promote(
    free: readonly PoolTransaction[],
    moves: {
      promoted: PoolTransaction[];
      usurped: { transaction: PoolTransaction; by: Hash }[];
      dropped: PoolTransaction[];
    },
  ): void {
    const queue = [...free];
    // `queue` grows while it is walked.
    for (const next of queue) {
      // One that moved up before it may have replaced what it needs.
      if (!this.isSatisfied(next)) {
        this.#future.insert(next);
        continue;
      }
      const inserted = this.#ready.insert(next);
      if (inserted.type !== "inserted") {
        moves.dropped.push(next);
        continue;
      }
      moves.promoted.push(next);
      for (const replaced of inserted.replaced) moves.usurped.push({ transaction: replaced, by: next.hash });
      queue.push(...this.#takeFree(next.provides));
    }
  }

  /** Removes transactions and every ready one that depends on them. */
  remove(hashes: Iterable<Hash>): readonly PoolTransaction[] {
    const listed = Array.from(hashes);
    const waiting = listed.map((hash) => this.#future.remove(hash)).filter((one) => one !== undefined);
    return [...this.#ready.removeWithDependents(listed), ...waiting];
  }

  /** Gives up the worst until the limits hold: ready ones by priority, future ones by age. */
  enforce(limits: PoolLimits): readonly PoolTransaction[] {
    const removed: PoolTransaction[] = [];
    while (exceeds(this.#ready, limits.ready)) {
      const worst = this.#ready.worst();
      if (!worst) break;
      removed.push(...this.#ready.removeWithDependents([worst.hash]));
    }
    while (exceeds(this.#future, limits.future)) {
      const oldest = this.#future.oldest();
      if (!oldest) break;
      this.#future.remove(oldest.hash);
      removed.push(oldest);
    }
    return removed;
  }

  #takeFree(tags: Iterable<Tag>): readonly PoolTransaction[] {
    return this.#future.take(tags, (transaction) => this.isSatisfied(transaction));
  }
}

const exceeds = (queue: { size: number; bytes: number }, limit: QueueLimit): boolean =>
  queue.size > limit.count || queue.bytes > limit.bytes;

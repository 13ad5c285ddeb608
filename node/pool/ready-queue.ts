import type { Hash } from "../chain/hash.ts";
import { Heap } from "./heap.ts";
import { type ReadyEntry, ReadyOrder } from "./ready-order.ts";
import type { PoolTransaction, Tag } from "./types.ts";

export type InsertResult =
  | { readonly type: "inserted"; readonly replaced: readonly PoolTransaction[] }
  | { readonly type: "tooLowPriority"; readonly old: bigint }
  /** It would depend on itself, or replace a transaction on which it depends. */
  | { readonly type: "cycle" };

/**
 * Transactions all of whose required tags are provided by others here or by the chain.
 * Two indexes by tag hold the dependency graph: who provides it (at most one), and who requires it.
 */
export class ReadyQueue {
  readonly #entries = new Map<Hash, ReadyEntry>();
  readonly #providers = new Map<Tag, ReadyEntry>();
  readonly #dependents = new Map<Tag, Set<ReadyEntry>>();
  /** The first to go when the pool is full; dead entries are skipped when they come up. */
  #worstFirst = new Heap<ReadyEntry>(goesFirst);
  #arrivals = 0;
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#entries.get(hash)?.transaction;
  }

  provides(tag: Tag): boolean {
    return this.#providers.has(tag);
  }

  /** In the order of arrival. */
  *transactions(): Iterable<PoolTransaction> {
    for (const entry of this.#entries.values()) yield entry.transaction;
  }

  /** In the order in which a block takes them. */
  inOrder(): ReadyOrder {
    return new ReadyOrder(this.#entries.values(), this.#providers, this.#dependents);
  }

  /**
   * Takes a transaction, in place of those that provide one of its tags when its priority is above their sum.
   * What depended on a replaced one stays if the new one provides the same tag.
   */
  insert(transaction: PoolTransaction): InsertResult {
    if (transaction.requires.some((tag) => transaction.provides.includes(tag))) return { type: "cycle" };
    const rivals = new Set<ReadyEntry>();
    for (const tag of transaction.provides) {
      const rival = this.#providers.get(tag);
      if (rival) rivals.add(rival);
    }
    if (rivals.size > 0) {
      let old = 0n;
      for (const rival of rivals) old += rival.transaction.priority;
      if (transaction.priority <= old) return { type: "tooLowPriority", old };
    }
    const needed = transaction.requires.map((tag) => this.#providers.get(tag)).filter((e) => e !== undefined);
    const leaving = this.#withDependents(rivals, new Set(transaction.provides));
    const following = this.#dependentsOf(transaction);
    if (needed.some((entry) => leaving.has(entry) || following.has(entry))) return { type: "cycle" };
    for (const entry of leaving) this.#drop(entry);
    this.#add(transaction);
    return { type: "inserted", replaced: Array.from(leaving, (entry) => entry.transaction) };
  }

  /** Removes transactions and everything that depends on them; dependents come after what they need. */
  removeWithDependents(hashes: Iterable<Hash>): readonly PoolTransaction[] {
    const roots = Array.from(hashes, (hash) => this.#entries.get(hash)).filter(
      (entry) => entry !== undefined,
    );
    const leaving = this.#withDependents(roots, new Set());
    for (const entry of leaving) this.#drop(entry);
    return Array.from(leaving, (entry) => entry.transaction);
  }

  /** The chain now provides `tag` itself: its provider leaves, those that waited for it stay. */
  prune(tag: Tag): PoolTransaction | undefined {
    const entry = this.#providers.get(tag);
    if (entry) this.#drop(entry);
    return entry?.transaction;
  }

  /** Which one a full pool gives up first: lowest priority, then the oldest. */
  worst(): PoolTransaction | undefined {
    // Dead entries must not pile up in the heap of a pool that never fills.
    if (this.#worstFirst.size > 2 * this.#entries.size + 64) {
      this.#worstFirst = new Heap<ReadyEntry>(goesFirst, this.#entries.values());
    }
    for (let entry = this.#worstFirst.pop(); entry; entry = this.#worstFirst.pop()) {
      if (!entry.alive) continue;
      this.#worstFirst.push(entry);
      return entry.transaction;
    }
    return undefined;
  }

  #add(transaction: PoolTransaction): void {
    const entry: ReadyEntry = { transaction, arrival: this.#arrivals++, alive: true };
    this.#entries.set(transaction.hash, entry);
    this.#bytes += transaction.bytes.length;
    for (const tag of transaction.provides) this.#providers.set(tag, entry);
    for (const tag of transaction.requires) {
      const waiting = this.#dependents.get(tag);
      if (waiting) waiting.add(entry);
      else this.#dependents.set(tag, new Set([entry]));
    }
    this.#worstFirst.push(entry);
  }

  #drop(entry: ReadyEntry): void {
    const { hash, bytes, provides, requires } = entry.transaction;
    entry.alive = false;
    this.#entries.delete(hash);
    this.#bytes -= bytes.length;
    for (const tag of provides) if (this.#providers.get(tag) === entry) this.#providers.delete(tag);
    for (const tag of requires) {
      const waiting = this.#dependents.get(tag);
      waiting?.delete(entry);
      if (waiting?.size === 0) this.#dependents.delete(tag);
    }
  }

  /** Those that would wait, directly or not, for a transaction that is not here yet. */
  #dependentsOf(transaction: PoolTransaction): ReadonlySet<ReadyEntry> {
    const direct = new Set<ReadyEntry>();
    for (const tag of transaction.provides) {
      for (const dependent of this.#dependents.get(tag) ?? []) direct.add(dependent);
    }
    return this.#withDependents(direct, new Set());
  }

  /** `roots` and, transitively, those that require a tag of theirs that is not in `kept`. */
  #withDependents(roots: Iterable<ReadyEntry>, kept: ReadonlySet<Tag>): Set<ReadyEntry> {
    const leaving = new Set(roots);
    // A Set is walked in insertion order, and what is added meanwhile is walked too.
    for (const entry of leaving) {
      for (const tag of entry.transaction.provides) {
        if (kept.has(tag) || this.#providers.get(tag) !== entry) continue;
        for (const dependent of this.#dependents.get(tag) ?? []) leaving.add(dependent);
      }
    }
    return leaving;
  }
}

function goesFirst(a: ReadyEntry, b: ReadyEntry): boolean {
  if (a.transaction.priority !== b.transaction.priority)
    return a.transaction.priority < b.transaction.priority;
  return a.arrival < b.arrival;
}

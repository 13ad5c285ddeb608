import { Heap } from "./heap.ts";
import type { PoolTransaction, Tag } from "./types.ts";

/** A ready transaction and its place in the order of arrival. */
export interface ReadyEntry {
  readonly transaction: PoolTransaction;
  readonly arrival: number;
  /** False once it has left the pool. */
  alive: boolean;
}

/**
 * Walks ready transactions in block order: the best of those whose requirements have all been handed out.
 * Best is the highest priority, then the one that ends first, then the one that came first.
 * A snapshot: what enters the pool meanwhile is not seen; what leaves it does not come.
 */
export class ReadyOrder implements IterableIterator<PoolTransaction> {
  readonly #free: Heap<ReadyEntry>;
  /** How many required tags of a waiting entry are still to be handed out. */
  readonly #missing = new Map<ReadyEntry, number>();
  readonly #dependents: ReadonlyMap<Tag, ReadonlySet<ReadyEntry>>;
  #last: ReadyEntry | undefined;

  constructor(
    entries: Iterable<ReadyEntry>,
    providers: ReadonlyMap<Tag, ReadyEntry>,
    dependents: ReadonlyMap<Tag, ReadonlySet<ReadyEntry>>,
  ) {
    const free: ReadyEntry[] = [];
    for (const entry of entries) {
      let missing = 0;
      for (const tag of entry.transaction.requires) if (providers.has(tag)) missing++;
      if (missing === 0) free.push(entry);
      else this.#missing.set(entry, missing);
    }
    this.#free = new Heap(comesBefore, free);
    this.#dependents = dependents;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<PoolTransaction, undefined> {
    if (this.#last) this.#unlock(this.#last);
    do this.#last = this.#free.pop();
    while (this.#last && !this.#last.alive);
    return this.#last ? { done: false, value: this.#last.transaction } : { done: true, value: undefined };
  }

  /** The transaction just handed out did not go in: none that depends on it will come. */
  skipDependents(): void {
    this.#last = undefined;
  }

  #unlock(entry: ReadyEntry): void {
    for (const tag of entry.transaction.provides) {
      for (const dependent of this.#dependents.get(tag) ?? []) {
        const missing = this.#missing.get(dependent);
        if (missing === undefined) continue;
        if (missing > 1) this.#missing.set(dependent, missing - 1);
        else {
          this.#missing.delete(dependent);
          this.#free.push(dependent);
        }
      }
    }
  }
}

function comesBefore(a: ReadyEntry, b: ReadyEntry): boolean {
  const [x, y] = [a.transaction, b.transaction];
  if (x.priority !== y.priority) return x.priority > y.priority;
  if (x.validTill !== y.validTill) return x.validTill < y.validTill;
  return a.arrival < b.arrival;
}

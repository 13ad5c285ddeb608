import type { Hash } from "../chain/hash.ts";
import type { PoolTransaction, Tag } from "./types.ts";

/** Transactions that wait for a tag that nobody provides yet, in the order of arrival. */
export class FutureQueue {
  readonly #entries = new Map<Hash, PoolTransaction>();
  readonly #wanted = new Map<Tag, Set<PoolTransaction>>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(hash: Hash): PoolTransaction | undefined {
    return this.#entries.get(hash);
  }

  transactions(): Iterable<PoolTransaction> {
    return this.#entries.values();
  }

  /** The first to go when the queue is full. */
  oldest(): PoolTransaction | undefined {
    return this.#entries.values().next().value;
  }

  insert(transaction: PoolTransaction): void {
    this.#entries.set(transaction.hash, transaction);
    this.#bytes += transaction.bytes.length;
    for (const tag of transaction.requires) {
      const waiting = this.#wanted.get(tag);
      if (waiting) waiting.add(transaction);
      else this.#wanted.set(tag, new Set([transaction]));
    }
  }

  /** Removes and returns those that wanted one of `tags` and of which `isReady` says that they lack nothing now. */
  take(tags: Iterable<Tag>, isReady: (transaction: PoolTransaction) => boolean): readonly PoolTransaction[] {
    const taken: PoolTransaction[] = [];
    for (const tag of tags) {
      for (const transaction of this.#wanted.get(tag) ?? []) {
        if (!isReady(transaction)) continue;
        taken.push(transaction);
        this.remove(transaction.hash);
      }
    }
    return taken;
  }

  remove(hash: Hash): PoolTransaction | undefined {
    const transaction = this.#entries.get(hash);
    if (!transaction) return undefined;
    this.#entries.delete(hash);
    this.#bytes -= transaction.bytes.length;
    for (const tag of transaction.requires) {
      const waiting = this.#wanted.get(tag);
      waiting?.delete(transaction);
      if (waiting?.size === 0) this.#wanted.delete(tag);
    }
    return transaction;
  }
}

import type { Hash } from "../chain/hash.ts";
import type { Log } from "../log/log.ts";
import type { StatusListener, TransactionStatus } from "./types.ts";

/** Substrate's: who waits for more blocks than this is told that finality timed out. */
export const maxBlocksAwaitingFinality = 512;

interface Included {
  readonly transaction: Hash;
  readonly index: number;
}

const finalTypes: ReadonlySet<TransactionStatus["type"]> = new Set([
  "finalityTimeout",
  "finalized",
  "usurped",
  "dropped",
  "invalid",
]);

/** Tells those who watch a transaction how it fares, from the pool through a block to finality. */
export class Watchers {
  readonly #listeners = new Map<Hash, Set<StatusListener>>();
  /** Watched transactions of blocks that are not final yet, oldest block first. */
  readonly #included = new Map<Hash, readonly Included[]>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** How many transactions are watched. */
  get size(): number {
    return this.#listeners.size;
  }

  add(transaction: Hash, listener: StatusListener): void {
    const known = this.#listeners.get(transaction);
    if (known) known.add(listener);
    else this.#listeners.set(transaction, new Set([listener]));
  }

  remove(transaction: Hash, listener: StatusListener): void {
    const known = this.#listeners.get(transaction);
    known?.delete(listener);
    if (known?.size === 0) this.#listeners.delete(transaction);
  }

  /** Forgets everybody after a status that ends the story. */
  tell(transaction: Hash, status: TransactionStatus): void {
    const listeners = this.#listeners.get(transaction);
    if (!listeners) return;
    if (finalTypes.has(status.type)) this.#listeners.delete(transaction);
    for (const listener of listeners) {
      try {
        listener(status);
      } catch (error) {
        this.#log.error("a listener of a transaction failed", { transaction, error });
      }
    }
  }

  included(block: Hash, transactions: readonly Hash[]): void {
    const watched: Included[] = [];
    transactions.forEach((transaction, index) => {
      if (this.#listeners.has(transaction)) watched.push({ transaction, index });
    });
    if (watched.length === 0) return;
    this.#included.set(block, watched);
    for (const { transaction, index } of watched) this.tell(transaction, { type: "inBlock", block, index });
    if (this.#included.size <= maxBlocksAwaitingFinality) return;
    const [oldest, waiting] = this.#included.entries().next().value!;
    this.#included.delete(oldest);
    for (const { transaction } of waiting) this.tell(transaction, { type: "finalityTimeout", block: oldest });
  }

  retracted(block: Hash): void {
    for (const { transaction } of this.#included.get(block) ?? [])
      this.tell(transaction, { type: "retracted", block });
    this.#included.delete(block);
  }

  finalized(block: Hash): void {
    for (const { transaction, index } of this.#included.get(block) ?? []) {
      this.tell(transaction, { type: "finalized", block, index });
    }
    this.#included.delete(block);
  }
}

import type { Hash } from "../chain/hash.ts";

/** Substrate's half hour. */
const banMs = 30 * 60 * 1000;
/** Enough for every transaction of some dozens of full blocks. */
const capacity = 65_536;

/** Transactions that are not looked at again for a while: found invalid, pushed out, or just included. */
export class Bans {
  /** Hash to the moment (ms) when the ban ends; in the order of banning, so the first one ends first. */
  readonly #until = new Map<Hash, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(hash: Hash): void {
    this.#until.delete(hash);
    this.#until.set(hash, this.#now() + banMs);
    if (this.#until.size > capacity) this.#until.delete(this.#until.keys().next().value!);
  }

  lift(hash: Hash): void {
    this.#until.delete(hash);
  }

  has(hash: Hash): boolean {
    const until = this.#until.get(hash);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#until.delete(hash);
    return false;
  }
}

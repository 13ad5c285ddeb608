/** So much per second on average, and `burst` at once after a rest. Times are milliseconds that never go back. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #seen: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#left = burst;
    this.#seen = now;
  }

  /** Takes `amount`; false, and nothing taken, when there is less. */
  take(now: number, amount = 1): boolean {
    this.#earn(now);
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Milliseconds until `amount` is there, at least 1; 0 where it is. */
  missing(now: number, amount = 1): number {
    this.#earn(now);
    return this.#left >= amount ? 0 : Math.ceil((amount - this.#left) / this.#perMs);
  }

  #earn(now: number): void {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#seen) * this.#perMs);
    this.#seen = now;
  }
}

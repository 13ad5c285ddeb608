/** Calls that one connection may make: `perMinute` on average, and as many at once after a minute's rest. */
export class RateLimit {
  readonly #perMinute: number;
  #left: number;
  #seen: number;

  /** `now` is in milliseconds. */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#seen = now;
  }

  /** Takes one call; false when there is none left. */
  take(now: number): boolean {
    const earned = ((now - this.#seen) * this.#perMinute) / 60_000;
    this.#seen = now;
    this.#left = Math.min(this.#perMinute, this.#left + earned);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

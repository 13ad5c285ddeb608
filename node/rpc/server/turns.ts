/** How long requests may keep the event loop, in ms, before timers, sockets and the chain have their turn. */
const sliceMs = 10;

/**
 * Shares the event loop between requests and everything else. Methods run to their end without a pause, so a
 * client that sends a thousand costly ones at once would otherwise hold up block production until the last.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  /** When the first request of this turn began; undefined between turns. */
  #began: number | undefined;

  /** Whether the next request has to wait, because this turn is used up or others wait already. */
  get isOver(): boolean {
    if (this.#waiting.length > 0) return true;
    if (this.#began === undefined) this.#begin();
    return performance.now() - (this.#began as number) > sliceMs;
  }

  /** Does `work` in one of the next turns, in the order of asking. */
  later<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#began === undefined) this.#begin();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #begin(): void {
    this.#began = performance.now();
    setImmediate(() => this.#next());
  }

  #next(): void {
    if (this.#waiting.length === 0) {
      this.#began = undefined;
      return;
    }
    this.#begin();
    const end = performance.now() + sliceMs;
    while (this.#waiting.length > 0 && performance.now() < end) this.#waiting.shift()?.();
  }
}

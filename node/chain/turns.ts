/**
 * Work that is done one after another. After a failure, what is in memory may not be what is on disk: it is told once,
 * and all that follows fails with it.
 */
export class Turns {
  readonly #onFailure: (error: Error) => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      try {
        return await work();
      } catch (error) {
        this.#onFailure(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    });
    this.#last = turn;
    // Whoever asked hears of it too; the chain of turns itself must not be an unheard rejection.
    turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when nothing is being done any more. */
  async idle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }
}

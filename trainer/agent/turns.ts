/** What must not be done at once: under each key one after the other, in the order in which it was asked for. */
export class Turns {
  /** The end of the last in each queue. */
  readonly #queues = new Map<string, Promise<void>>();

  /** Waits until nothing else is under way under this key, and works. @throws the signal's reason, and what the work throws. */
  async take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    let done = () => {};
    const end = new Promise<void>((resolve) => {
      done = resolve;
    });
    // Whoever is given up keeps its place until its turn, so that nobody overtakes the one before.
    const last = before.then(() => end);
    this.#queues.set(key, last);
    void last.then(() => {
      if (this.#queues.get(key) === last) this.#queues.delete(key);
    });
    try {
      await orAborted(before, signal);
      return await work();
    } finally {
      done();
    }
  }
}

function orAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    turn.then(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, reject);
  });
}

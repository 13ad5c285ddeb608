import type { Hash } from "../chain/hash.ts";
import type { Log } from "../log/log.ts";

export interface BacklogWork {
  /** Submits a transaction of a retracted block again. */
  takeBack(bytes: Uint8Array): Promise<void>;
  /** Looks again whether a transaction is valid at the present best block. */
  revalidate(hash: Hash): Promise<void>;
  readonly log: Log;
}

/** So much is done between two turns of the event loop. */
const slice = 16;

/** What new blocks leave to do: it is worked off in the background, a little at a time, retracted transactions first. */
export class Backlog {
  readonly #work: BacklogWork;
  readonly #returned: Uint8Array[] = [];
  /** Those that waited longest come first; one that is named again keeps its place. */
  readonly #unsure = new Set<Hash>();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isClosed = false;

  constructor(work: BacklogWork) {
    this.#work = work;
  }

  /** Resolves once everything that was added is done. */
  settled(): Promise<void> {
    return this.#running;
  }

  add(returned: readonly Uint8Array[], unsure: Iterable<Hash>): void {
    for (const bytes of returned) this.#returned.push(bytes);
    for (const hash of unsure) this.#unsure.add(hash);
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** Ends the work in progress; what is left is forgotten. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsure.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let done = 1; !this.#isClosed; done++) {
      const returned = this.#returned.shift();
      const unsure = returned ? undefined : this.#unsure.values().next().value;
      if (!returned && !unsure) break;
      try {
        if (returned) await this.#work.takeBack(returned);
        else if (unsure) {
          this.#unsure.delete(unsure);
          await this.#work.revalidate(unsure);
        }
      } catch (error) {
        this.#work.log.error("a transaction could not be validated again", { error });
      }
      if (done % slice === 0) await new Promise((resume) => setImmediate(resume));
    }
    this.#isRunning = false;
  }
}

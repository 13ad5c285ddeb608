import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Log, silentLog } from "../log/log.ts";
import { packBatch } from "./batch.ts";
import type { SignatureItem, SignatureVerifier } from "./types.ts";

export interface SignatureWorkersOptions {
  /**
   * Threads at most; they start when there is work. As many as cores unless told: while a block's signatures are
   * checked the main thread has nothing else to do than wait.
   */
  readonly threads?: number;
  /** The program of a thread, for tests of its death. */
  readonly program?: URL;
  readonly log?: Log;
}

interface Job {
  readonly item: SignatureItem;
  readonly resolve: (isValid: boolean) => void;
  readonly reject: (error: Error) => void;
  /** Threads that died while they worked on this item alone. */
  deaths: number;
}

interface Thread {
  readonly worker: Worker;
  /** In the order in which the thread works on them. */
  readonly batches: (readonly Job[])[];
  jobs: number;
}

/** About 10 ms of work: long enough to hide the message, short enough to share a block evenly. */
const batchSize = 16;
/** An item is invalid when it kills a thread this often; once may be an accident from outside. */
const maxDeaths = 2;

/** Checks signatures in worker threads. A thread that dies is replaced and its work is done again. */
export class SignatureWorkers implements SignatureVerifier {
  readonly #threads = new Set<Thread>();
  readonly #maxThreads: number;
  readonly #program: URL;
  readonly #log: Log;
  #collecting: Job[] = [];
  #closed = false;
  /** Threads that died since the start. */
  deaths = 0;

  constructor(options: SignatureWorkersOptions = {}) {
    this.#maxThreads = options.threads ?? Math.min(availableParallelism(), 8);
    this.#program = options.program ?? new URL("./worker.ts", import.meta.url);
    this.#log = options.log ?? silentLog;
  }

  /** Items asked for before the event loop turns share batches; a full batch leaves at once, even in the middle of a long computation. */
  verify(item: SignatureItem): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error("signature workers are closed"));
      if (this.#collecting.length === 0) queueMicrotask(() => this.#flush());
      this.#collecting.push({ item, resolve, reject, deaths: 0 });
      if (this.#collecting.length >= batchSize) this.#flush();
    });
  }

  /** Ends all threads; what was not answered yet is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = [...this.#threads];
    this.#threads.clear();
    const open = [...this.#collecting, ...threads.flatMap((thread) => thread.batches.flat())];
    this.#collecting = [];
    for (const job of open) job.reject(new Error("signature workers are closed"));
    await Promise.all(threads.map((thread) => thread.worker.terminate()));
  }

  #flush(): void {
    const batch = this.#collecting;
    this.#collecting = [];
    if (batch.length > 0) this.#send(batch);
  }

  #send(batch: readonly Job[]): void {
    const thread = this.#leastBusy();
    thread.batches.push(batch);
    thread.jobs += batch.length;
    thread.worker.ref();
    const packed = packBatch(batch.map((job) => job.item));
    thread.worker.postMessage(packed, [packed.buffer]);
  }

  #leastBusy(): Thread {
    let best: Thread | undefined;
    for (const thread of this.#threads) if (!best || thread.jobs < best.jobs) best = thread;
    return best && (best.jobs === 0 || this.#threads.size >= this.#maxThreads) ? best : this.#start();
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(this.#program), batches: [], jobs: 0 };
    this.#threads.add(thread);
    thread.worker.on("message", (verdicts: Uint8Array) => {
      const batch = thread.batches.shift() ?? [];
      thread.jobs -= batch.length;
      // A process that waits for nothing else may end.
      if (thread.jobs === 0) thread.worker.unref();
      batch.forEach((job, i) => void job.resolve(verdicts[i] === 1));
    });
    thread.worker.on("error", (error) => this.#log.warn("a signature thread failed", { error }));
    thread.worker.on("exit", () => this.#replace(thread));
    return thread;
  }

  /** Threads work in order, so the oldest batch is what killed it; the others did nothing. */
  #replace(thread: Thread): void {
    if (!this.#threads.delete(thread)) return;
    this.deaths++;
    const [suspects = [], ...innocent] = thread.batches;
    for (const batch of innocent) this.#send(batch);
    for (const job of suspects) {
      if (suspects.length === 1 && ++job.deaths >= maxDeaths) job.resolve(false);
      else this.#send([job]);
    }
  }
}

/** Duties under way: each at most once, tried again after a failure, stopped when the chain does not ask for it any more. */
import type { AgentLog } from "./options.ts";

/** One thing to do now. */
export interface Duty {
  /** Names the duty and what it is about, as `order/7`. Nothing of the same key runs beside it. */
  readonly key: string;
  /**
   * Does the next step. Resolves when the chain knows of it, with the height of the block that does: what is read of
   * earlier blocks is too old to act on.
   */
  run(context: DutyContext): Promise<number | undefined>;
}

export interface DutyContext {
  readonly signal: AbortSignal;
  /** In a row, before this try. */
  readonly failures: number;
  /** Height of the block at which it is begun. */
  readonly block: number;
}

interface Entry {
  readonly stop: AbortController;
  running: Promise<void> | undefined;
  /** Nothing is done before a block of this height is seen. */
  notBefore: number;
  failures: number;
}

/** Longest pause after failures, in blocks. */
const maxPause = 16;

export class Duties {
  readonly #log: AgentLog;
  readonly #onFailure: (key: string) => void;
  readonly #entries = new Map<string, Entry>();
  /** Heights at which what was done is known, or is to be tried again. */
  #moves: number[] = [];

  /** `onFailure` is told the key of a duty whose step has failed. */
  constructor(log: AgentLog, onFailure: (key: string) => void = () => undefined) {
    this.#log = log;
    this.#onFailure = onFailure;
  }

  /** How many have begun and not ended. */
  get running(): number {
    return [...this.#entries.values()].filter(({ running }) => running !== undefined).length;
  }

  /** Whether a step was done, or is to be tried again, as of a block: what is due may be something else then. Asked once a block. */
  moved(block: number): boolean {
    const moved = this.#moves.some((height) => height <= block);
    this.#moves = this.#moves.filter((height) => height > block);
    return moved;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Begins what is due as of a block and is not under way; stops what is not due any more. */
  see(block: number, due: readonly Duty[]): void {
    const keys = new Set(due.map(({ key }) => key));
    for (const [key, { stop, running, notBefore }] of this.#entries) {
      // A step that this block is too old to know of is not over because the block does not ask for it.
      if (keys.has(key) || block < notBefore) continue;
      stop.abort();
      if (running === undefined) this.#entries.delete(key);
    }
    for (const duty of due) {
      const entry = this.#entries.get(duty.key) ?? {
        stop: new AbortController(),
        running: undefined,
        notBefore: 0,
        failures: 0,
      };
      this.#entries.set(duty.key, entry);
      if (entry.running === undefined && block >= entry.notBefore)
        entry.running = this.#run(duty, entry, block);
    }
  }

  /** Stops everything; resolves when all has ended. */
  async stop(): Promise<void> {
    const entries = [...this.#entries.values()];
    for (const { stop } of entries) stop.abort();
    await Promise.all(entries.map(({ running }) => running));
    this.#entries.clear();
  }

  async #run(duty: Duty, entry: Entry, block: number): Promise<void> {
    try {
      const known = await duty.run({ signal: entry.stop.signal, failures: entry.failures, block });
      entry.notBefore = known ?? block + 1;
      if (known !== undefined) this.#moves.push(known);
      entry.failures = 0;
    } catch (error) {
      if (entry.stop.signal.aborted) return;
      entry.failures += 1;
      const pause = Math.min(2 ** (entry.failures - 1), maxPause);
      entry.notBefore = block + pause;
      this.#moves.push(entry.notBefore);
      const { name, message } = error as Error;
      this.#onFailure(duty.key);
      this.#log.warn("failed", {
        duty: duty.key,
        error: `${name}: ${message}`,
        failures: entry.failures,
        again: entry.notBefore,
      });
    } finally {
      entry.running = undefined;
      if (entry.stop.signal.aborted) this.#entries.delete(duty.key);
    }
  }
}

import { mkdir } from "node:fs/promises";
import { Level } from "level";
import { AgentError } from "./agent-error.ts";

/**
 * What an agent must not forget, on the disk before it matters: verdicts with their salts, roots of products, addresses of
 * packages. What the chain knows is read from the chain and is not written here.
 */
export class Journal {
  readonly #folder: string;
  readonly #rows: Level<string, string>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#rows = new Level<string, string>(folder);
  }

  /** Opens the journal in a folder, which is made if need be. @throws AgentError `Busy` while another agent has it. */
  static async open(folder: string): Promise<Journal> {
    try {
      // Journal and folder hold keys of what is sealed, and data that was opened: no other user reads them.
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new AgentError("Journal", `${folder} cannot be made: ${(error as Error).message}`);
    }
    const journal = new Journal(folder);
    await journal.#opened();
    return journal;
  }

  async get<T>(key: string): Promise<T | undefined> {
    const text = await (await this.#opened()).get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** Resolves when the value is on the disk. @throws AgentError `Journal`. */
  async put(key: string, value: unknown): Promise<void> {
    const rows = await this.#opened();
    await this.#written(rows.put(key, JSON.stringify(value), { sync: true }));
  }

  /** @throws AgentError `Journal`. */
  async forget(key: string): Promise<void> {
    await this.#written((await this.#opened()).del(key));
  }

  /** Keys that begin with a prefix. */
  async keys(prefix: string): Promise<string[]> {
    return (await this.#opened()).keys({ gte: prefix, lt: `${prefix}\u{10ffff}` }).all();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  async #opened(): Promise<Level<string, string>> {
    if (this.#rows.status === "open") return this.#rows;
    try {
      await this.#rows.open();
      return this.#rows;
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      if (cause?.code === "LEVEL_LOCKED")
        throw new AgentError(
          "Busy",
          `another agent works in ${this.#folder}: each needs a folder of its own`,
        );
      throw new AgentError("Journal", `${this.#folder} cannot be opened: ${cause?.message ?? error}`);
    }
  }

  /** What the disk did not take leaves a log that must not be written further: it is opened anew for what comes next. */
  async #written(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      await this.#rows.close().catch(() => undefined);
      const { cause, message } = error as Error;
      const why = (cause as Error | undefined)?.message ?? message;
      const isFull = /No space left|Disk quota|File too large/.test(why);
      throw new AgentError(
        "Journal",
        `${this.#folder} cannot be written: ${isFull ? "the disk is full, or this account's share of it" : why}`,
      );
    }
  }
}

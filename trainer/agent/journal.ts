import { Level } from "level";
import { AgentError } from "./agent-error.ts";

/**
 * What an agent must not forget, on the disk before it matters: verdicts with their salts, roots of products, addresses of
 * packages. What the chain knows is read from the chain and is not written here.
 */
export class Journal {
  readonly #rows: Level<string, string>;

  private constructor(rows: Level<string, string>) {
    this.#rows = rows;
  }

  /** Opens the journal in a folder. @throws AgentError `Busy` while another agent has it. */
  static async open(folder: string): Promise<Journal> {
    const rows = new Level<string, string>(folder);
    try {
      await rows.open();
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      if (cause?.code === "LEVEL_LOCKED")
        throw new AgentError("Busy", `another agent works in ${folder}: each needs a folder of its own`);
      throw new AgentError("Journal", `${folder} cannot be opened: ${cause?.message ?? error}`);
    }
    return new Journal(rows);
  }

  async get<T>(key: string): Promise<T | undefined> {
    const text = await this.#rows.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  /** Resolves when the value is on the disk. */
  put(key: string, value: unknown): Promise<void> {
    return this.#rows.put(key, JSON.stringify(value), { sync: true });
  }

  forget(key: string): Promise<void> {
    return this.#rows.del(key);
  }

  /** Keys that begin with a prefix. */
  keys(prefix: string): Promise<string[]> {
    return this.#rows.keys({ gte: prefix, lt: `${prefix}\u{10ffff}` }).all();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}

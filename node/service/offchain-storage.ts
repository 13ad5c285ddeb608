import { keyText } from "../../runtime/primitives/key-text.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import type { Log } from "../log/log.ts";

/** Small values that operators keep on their node; they survive a restart and are no part of the chain. */
export class OffchainStorage {
  readonly #database: Database;
  readonly #log: Log;
  /** Values on their way to the disk; undefined where a key is being deleted. */
  readonly #pending = new Map<string, Uint8Array | undefined>();
  #last: Promise<void> = Promise.resolve();

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = keyText(key);
    return this.#pending.has(name) ? this.#pending.get(name) : this.#database.get(columns.offchain, key);
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value);
  }

  delete(key: Uint8Array): void {
    this.#write(key, undefined);
  }

  /** Resolves when everything is on disk. */
  close(): Promise<void> {
    return this.#last;
  }

  #write(key: Uint8Array, value: Uint8Array | undefined): void {
    const name = keyText(key);
    this.#pending.set(name, value);
    this.#last = this.#last
      .then(async () => {
        const batch = this.#database.batch();
        if (value) batch.put(columns.offchain, key, value);
        else batch.delete(columns.offchain, key);
        await this.#database.write(batch);
        if (this.#pending.get(name) === value) this.#pending.delete(name);
      })
      .catch((error) => this.#log.error("could not keep an offchain value", { error }));
  }
}

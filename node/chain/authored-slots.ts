import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";

/**
 * The last slot that this node made a block for, kept on disk: two blocks for one slot would cost the trainer its bond,
 * even if the node stopped between them and forgot the first.
 */
export class AuthoredSlots {
  readonly #database: Database;
  #last: bigint;

  constructor(database: Database) {
    this.#database = database;
    const row = database.get(columns.meta, key);
    this.#last = row ? Buffer.from(row).readBigUInt64BE() : -1n;
  }

  /** The last slot taken; -1 before the first. */
  get last(): bigint {
    return this.#last;
  }

  /**
   * Takes a slot for one block; false when it, or a later one, was taken before. What is taken is on disk by then, so
   * the block may leave. Effects: writes one synced batch.
   */
  async take(slot: bigint): Promise<boolean> {
    if (slot <= this.#last) return false;
    // At once, for another block may be asked for while the disk is busy.
    this.#last = slot;
    const row = Buffer.alloc(8);
    row.writeBigUInt64BE(slot);
    const batch = this.#database.batch();
    batch.put(columns.meta, key, row);
    await this.#database.write(batch, { sync: true });
    return true;
  }
}

const key = Buffer.from("authored");

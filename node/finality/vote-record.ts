import { decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { record } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { prevote } from "../../runtime/primitives/grandpa.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";

const row = record({
  set_id: u64,
  round: u64,
  prevote: option(prevote),
  precommit: option(prevote),
  /** The signed votes of this round, as they were sent. */
  messages: vec(bytes),
  /** All votes of the round before, as a `CatchUp` message; a set begins without. */
  last: option(bytes),
});

/** What a voter has said last, and on what ground. */
export type VoteRecordRow = Value<typeof row>;

/**
 * The memory of a voter: what it said in its round survives any end of the process or the machine, because it is on
 * disk before it is sent. So no restart makes it say something else in the same round.
 */
export class VoteRecord {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(): VoteRecordRow | undefined {
    const stored = this.#database.get(columns.finality, key);
    return stored && decode(row, stored);
  }

  /** Resolves when it is on disk for good. @throws DatabaseError */
  async write(value: VoteRecordRow): Promise<void> {
    const batch = this.#database.batch();
    batch.put(columns.finality, key, encode(row, value));
    await this.#database.write(batch, { sync: true });
  }
}

const key = Buffer.from("votes");

import { decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { record } from "../../runtime/primitives/codec-struct.ts";
import { headerCodec } from "../../runtime/primitives/header.ts";
import type { Batch } from "../db/batch.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";

/** A header with the proof that its block is final. */
export const provenHeader = record({ header: headerCodec, justification: bytes });
export type ProvenHeader = Value<typeof provenHeader>;

/**
 * The proofs that matter for ever: of the last block of each set of voters, which lead from genesis to now, and of
 * the last block that became final.
 */
export class ProofStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The last block of a set; undefined while the set votes, or where it is not known. */
  endOf(setId: bigint): ProvenHeader | undefined {
    return this.#read(endKey(setId));
  }

  /** The last block whose justification was seen here. */
  latest(): ProvenHeader | undefined {
    return this.#read(latestKey);
  }

  putEnd(batch: Batch, setId: bigint, proven: ProvenHeader): void {
    batch.put(columns.finality, endKey(setId), encode(provenHeader, proven));
  }

  putLatest(batch: Batch, proven: ProvenHeader): void {
    batch.put(columns.finality, latestKey, encode(provenHeader, proven));
  }

  #read(key: Uint8Array): ProvenHeader | undefined {
    const row = this.#database.get(columns.finality, key);
    return row && decode(provenHeader, row);
  }
}

const latestKey = Buffer.from("latest");

function endKey(setId: bigint): Uint8Array {
  const key = Buffer.alloc(11);
  key.write("end");
  key.writeBigUInt64BE(setId, 3);
  return key;
}

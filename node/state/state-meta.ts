import { readVersion, versionPrefix } from "../../runtime/primitives/trie/node-address.ts";
import type { Batch } from "../db/batch.ts";
import { type Column, columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";

/** Numbers that the states keep about themselves. */
export type MetaName =
  /** The version that the next state gets. */
  | "next"
  /** Depth of the newest final state. */
  | "final"
  /** Depth of the oldest final state that is kept. */
  | "oldest"
  /** 1 when the database was made to keep all states. */
  | "archive"
  /** 1 while a state is being restored in several batches. */
  | "restoring"
  /** Version of the state that the flat rows mirror. */
  | "flat"
  /** 1 when they lie in the other one of the two columns. */
  | "flatColumn";

/** A number that the states keep; undefined before it was first written. */
export function readMeta(database: Database, name: MetaName): number | undefined {
  const bytes = database.get(columns.meta, Buffer.from(`state ${name}`));
  return bytes && readVersion(bytes, 0);
}

/** Puts a number into a batch. */
export function writeMeta(batch: Batch, name: MetaName, value: number): void {
  batch.put(columns.meta, Buffer.from(`state ${name}`), versionPrefix(value));
}

/** The column with the rows of the best state, and the one that is free. */
export function flatColumns(database: Database): { readonly used: Column; readonly free: Column } {
  return readMeta(database, "flatColumn") === 1
    ? { used: columns.otherFlat, free: columns.flat }
    : { used: columns.flat, free: columns.otherFlat };
}

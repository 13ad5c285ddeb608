import { type Version, versionPrefix } from "../../runtime/primitives/trie/node-address.ts";
import type { StateVersion } from "../../runtime/primitives/trie/state-version.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import type { NodeCache } from "./node-cache.ts";
import { type Entry, entriesPerBatch, StateBuilder } from "./state-builder.ts";
import { flatColumns } from "./state-meta.ts";

/**
 * A state that comes together from elsewhere, beside the one that is in use: its entries become plain rows of the
 * free column, together with a note on how far it is, so that it goes on after any end of the process.
 */
export class IncomingState {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What came with the last entries; undefined when nothing is coming. */
  get note(): Uint8Array | undefined {
    return this.#database.get(columns.meta, noteKey);
  }

  /** Forgets what there is, and begins with this note. */
  async begin(note: Uint8Array): Promise<void> {
    await this.discard();
    await this.add([], note);
  }

  /** Entries in any order, and the note that goes with them: together or not at all. */
  async add(entries: readonly Entry[], note: Uint8Array): Promise<void> {
    const { free } = flatColumns(this.#database);
    const batch = this.#database.batch();
    for (const [key, value] of entries) batch.put(free, key, value);
    batch.put(columns.meta, noteKey, note);
    await this.#database.write(batch);
  }

  /** Removes the note first, then the rows of the free column, whoever left them there. */
  async discard(): Promise<void> {
    const { free } = flatColumns(this.#database);
    let batch = this.#database.batch();
    batch.delete(columns.meta, noteKey);
    for await (const key of this.#database.keys(free)) {
      batch.delete(free, key);
      if (batch.size < entriesPerBatch) continue;
      await this.#database.write(batch);
      batch = this.#database.batch();
    }
    await this.#database.write(batch);
  }
}

/** For `StateDb`: the trie of the free column's rows, in versions from `first` on. */
export async function buildIncoming(
  database: Database,
  cache: NodeCache,
  first: Version,
  stateVersion: StateVersion,
): Promise<StateBuilder> {
  const builder = new StateBuilder(database, cache, first - 1, stateVersion);
  let part: Entry[] = [];
  for await (const entry of database.entries(flatColumns(database).free)) {
    part.push(entry);
    if (part.length < entriesPerBatch) continue;
    await builder.add(part);
    part = [];
  }
  await builder.add(part);
  return builder;
}

/** Removes trie nodes from a version on, to which no state refers. */
export async function removeNodes(database: Database, from: Version): Promise<void> {
  let batch = database.batch();
  for await (const key of database.keys(columns.node, { from: versionPrefix(from) })) {
    batch.delete(columns.node, key);
    if (batch.size < entriesPerBatch) continue;
    await database.write(batch);
    batch = database.batch();
  }
  if (batch.size > 0) await database.write(batch);
}

const noteKey = Buffer.from("incoming state");

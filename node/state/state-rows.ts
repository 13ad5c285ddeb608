import { readVersion, type Version, versionPrefix } from "../../runtime/primitives/trie/node-address.ts";
import type { TrieUpdate } from "../../runtime/primitives/trie/update.ts";
import type { Batch } from "../db/batch.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { corrupt } from "../db/errors.ts";
import {
  decodeJournal,
  decodeStateRecord,
  encodeJournal,
  encodeStateRecord,
  type StateRecord,
} from "./state-record.ts";

/**
 * The rows that each state has in a database: what is known of it, the nodes that it wrote, its journal (the nodes that it made
 * obsolete), and which of them are canonical. Every change goes into a batch; what is in one counts as there.
 */
export class StateRows {
  readonly #database: Database;
  /** What is in a batch but not on disk yet. */
  readonly #unwritten = new Map<Version, TrieUpdate>();

  constructor(database: Database) {
    this.#database = database;
  }

  record(version: Version): StateRecord | undefined {
    const bytes = this.#database.get(columns.state, versionPrefix(version));
    return bytes && decodeStateRecord(version, bytes);
  }

  /** The records of all states from a version on, in their order. */
  async *recordsFrom(version: Version): AsyncGenerator<StateRecord> {
    const from = versionPrefix(version);
    for await (const [key, bytes] of this.#database.entries(columns.state, { from })) {
      yield decodeStateRecord(readVersion(key, 0), bytes);
    }
  }

  putRecord(batch: Batch, record: StateRecord): void {
    batch.put(columns.state, versionPrefix(record.version), encodeStateRecord(record));
  }

  /** Puts the nodes that a state wrote, and its journal where it will be wanted for pruning. */
  putNodes(
    batch: Batch,
    version: Version,
    trie: TrieUpdate,
    { journal }: { readonly journal: boolean },
  ): void {
    for (const { address, row } of trie.nodes) batch.put(columns.node, address, row);
    if (journal) batch.put(columns.journal, versionPrefix(version), encodeJournal(trie.stale));
    this.#unwritten.set(version, trie);
    batch.watch({ written: () => this.#unwritten.delete(version) });
  }

  /** The final state at a depth. @throws DatabaseError `Corrupt` when there is none. */
  canonicalAt(depth: number): Version {
    const bytes = this.#database.get(columns.canonical, versionPrefix(depth));
    if (!bytes) throw corrupt(`the final state at depth ${depth} is missing in ${this.#database.path}`);
    return readVersion(bytes, 0);
  }

  putCanonical(batch: Batch, depth: number, version: Version | undefined): void {
    if (version === undefined) batch.delete(columns.canonical, versionPrefix(depth));
    else batch.put(columns.canonical, versionPrefix(depth), versionPrefix(version));
  }

  /** Deletes a final state at a depth, with the nodes that its successor, which stays, made obsolete. */
  prune(batch: Batch, depth: number, version: Version, successor: Version): void {
    const journal = this.#unwritten.get(successor)?.stale ?? this.#journal(successor);
    for (const address of journal) batch.delete(columns.node, address);
    // The first state's own journal is empty, the others' went with their parents.
    batch.delete(columns.journal, versionPrefix(version));
    batch.delete(columns.journal, versionPrefix(successor));
    batch.delete(columns.state, versionPrefix(version));
    batch.delete(columns.canonical, versionPrefix(depth));
  }

  /** Deletes a state with all that it wrote: nothing may stand on it. */
  async remove(batch: Batch, version: Version): Promise<void> {
    const key = versionPrefix(version);
    for (const { address } of this.#unwritten.get(version)?.nodes ?? []) batch.delete(columns.node, address);
    for await (const address of this.#database.keys(columns.node, { prefix: key })) {
      batch.delete(columns.node, address);
    }
    for (const column of [columns.state, columns.journal, columns.doomed]) batch.delete(column, key);
  }

  /** Notes that a state is to be removed once nobody reads it, at the next start at the latest. */
  doom(batch: Batch, version: Version): void {
    batch.put(columns.doomed, versionPrefix(version), new Uint8Array(0));
  }

  /** What earlier runs have left to be removed. */
  async doomed(): Promise<Version[]> {
    const versions: Version[] = [];
    for await (const key of this.#database.keys(columns.doomed)) versions.push(readVersion(key, 0));
    return versions;
  }

  #journal(version: Version): Uint8Array[] {
    const bytes = this.#database.get(columns.journal, versionPrefix(version));
    return bytes ? decodeJournal(bytes) : [];
  }
}

import type { Version } from "../../runtime/primitives/trie/node-address.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import type { StateVersion } from "../../runtime/primitives/trie/state-version.ts";
import type { Root } from "../../runtime/primitives/trie/stored-node.ts";
import { updateTrie } from "../../runtime/primitives/trie/update.ts";
import { type Column, columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { corrupt } from "../db/errors.ts";
import type { NodeCache } from "./node-cache.ts";

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Entries that are put together into one batch: memory is bounded by them. */
export const entriesPerBatch = 10_000;

/**
 * Puts a whole state's trie into a database, part by part. Each part is a version of its own, and nothing refers to
 * them before the caller writes a record of the last one.
 */
export class StateBuilder {
  readonly #database: Database;
  readonly #cache: NodeCache;
  readonly #stateVersion: StateVersion;
  version: Version;
  root: Root;
  rootHash = emptyRoot;
  /** Entries so far. */
  count = 0;

  /** The first part gets the version after `before`. */
  constructor(database: Database, cache: NodeCache, before: Version, stateVersion: StateVersion) {
    this.#database = database;
    this.#cache = cache;
    this.version = before;
    this.#stateVersion = stateVersion;
  }

  /** Adds entries in key order, which no earlier part had; with a column, as plain rows too. */
  async add(sorted: readonly Entry[], flat?: Column): Promise<void> {
    const batch = this.#database.batch();
    const changes = sorted.map(([key, value]) => ({ key, value }));
    const update = updateTrie(this.#nodes, this.root, ++this.version, changes, this.#stateVersion);
    if (!update) return;
    for (const { address, row } of update.nodes) batch.put(columns.node, address, row);
    for (const address of update.stale) batch.delete(columns.node, address);
    for (const [key, value] of flat ? sorted : []) batch.put(flat!, key, value);
    await this.#database.write(batch);
    for (const node of update.nodes) this.#cache.add(node);
    this.root = update.root;
    this.rootHash = update.rootHash;
    this.count += sorted.length;
  }

  readonly #nodes = {
    node: (address: Uint8Array) => {
      const node = this.#cache.get(address);
      if (!node) throw corrupt(`trie node 0x${Buffer.from(address).toString("hex")} is missing`);
      return node;
    },
  };
}

import { TrieError } from "../../runtime/primitives/trie/encoded-node.ts";
import { StoredNode } from "../../runtime/primitives/trie/stored-node.ts";
import type { NewNode } from "../../runtime/primitives/trie/update.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { corrupt } from "../db/errors.ts";
import { RowCache } from "./row-cache.ts";

/**
 * Trie nodes of the database. Branches are kept in memory, because every update passes through the upper
 * ones; leaves are not, because the values of the best state are cached by key.
 */
export class NodeCache {
  readonly #database: Database;
  readonly #branches: RowCache;

  constructor(database: Database, maxBytes: number) {
    this.#database = database;
    this.#branches = new RowCache(maxBytes);
  }

  /** The node at an address, or undefined when there is none. Throws `Corrupt` when it is not a node. */
  get(address: Uint8Array): StoredNode | undefined {
    const cached = this.#branches.get(address);
    if (cached) return new StoredNode(cached);
    const row = this.#database.get(columns.node, address);
    if (!row) return undefined;
    const node = parse(address, row);
    this.add({ address, row, isLeaf: node.isLeaf });
    return node;
  }

  /** Keeps a node that was written. */
  add({ address, row, isLeaf }: NewNode): void {
    if (!isLeaf && address.length < 256) this.#branches.set(address, row);
  }

  get bytes(): number {
    return this.#branches.bytes;
  }
}

function parse(address: Uint8Array, row: Uint8Array): StoredNode {
  try {
    return new StoredNode(row);
  } catch (error) {
    if (!(error instanceof TrieError)) throw error;
    throw corrupt(`trie node 0x${Buffer.from(address).toString("hex")}: ${error.message}`, error);
  }
}

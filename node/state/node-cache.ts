import { LRUCache } from "lru-cache";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { TrieError } from "../../runtime/primitives/trie/encoded-node.ts";
import { StoredNode } from "../../runtime/primitives/trie/stored-node.ts";
import { columns } from "../db/columns.ts";
import type { Database } from "../db/database.ts";
import { corrupt } from "../db/errors.ts";

/**
 * Trie nodes of the database. Branches are kept in memory, because every update passes through the upper
 * ones; leaves are not, because the values of the best state are cached by key.
 */
export class NodeCache {
  readonly #database: Database;
  readonly #branches: LRUCache<string, StoredNode>;

  constructor(database: Database, maxBytes: number) {
    this.#database = database;
    this.#branches = new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeOf });
  }

  /** The node at an address, or undefined when there is none. Throws `Corrupt` when it is not a node. */
  get(address: Uint8Array): StoredNode | undefined {
    const text = keyText(address);
    const cached = this.#branches.get(text);
    if (cached) return cached;
    const row = this.#database.get(columns.node, address);
    if (!row) return undefined;
    const node = parse(address, row);
    if (!node.isLeaf) this.#branches.set(text, node);
    return node;
  }

  /** Keeps a node that was written. Addresses are never used twice, so there is nothing to take out. */
  add(address: Uint8Array, node: StoredNode): void {
    if (!node.isLeaf) this.#branches.set(keyText(address), node);
  }

  get bytes(): number {
    return this.#branches.calculatedSize;
  }
}

// What an entry takes besides its row: the objects around it, its key and its place in the cache.
const overhead = 500;
const sizeOf = (node: StoredNode): number => node.row.length + overhead;

function parse(address: Uint8Array, row: Uint8Array): StoredNode {
  try {
    return new StoredNode(row);
  } catch (error) {
    if (!(error instanceof TrieError)) throw error;
    throw corrupt(`trie node 0x${Buffer.from(address).toString("hex")}: ${error.message}`, error);
  }
}

import { keyText } from "../key-text.ts";
import { TrieError } from "./encoded-node.ts";
import { type NodeStore, StoredNode } from "./stored-node.ts";
import type { TrieUpdate } from "./update.ts";

/** Trie nodes in a map; for tests and for building a state before it is stored. */
export class MemoryNodes implements NodeStore {
  readonly rows = new Map<string, StoredNode>();

  node(address: Uint8Array): StoredNode {
    const node = this.rows.get(keyText(address));
    if (!node) throw new TrieError(`no trie node at ${Buffer.from(address).toString("hex")}`);
    return node;
  }

  add(update: TrieUpdate): void {
    for (const { address, row } of update.nodes) this.rows.set(keyText(address), new StoredNode(row));
  }

  remove(addresses: Iterable<Uint8Array>): void {
    for (const address of addresses) this.rows.delete(keyText(address));
  }
}

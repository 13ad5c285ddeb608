import { corrupt } from "../db/errors.ts";
import type { BlockStore } from "./block-store.ts";
import { ForkTree } from "./fork-tree.ts";
import { bytesToHash } from "./hash.ts";
import type { Head } from "./types.ts";

/** The best or the finalized block of a database that has been initialised. */
export function headNamed(store: BlockStore, name: "best" | "finalized"): Head {
  const hash = store.head(name);
  const header = hash && store.header(hash);
  if (!header) throw corrupt(`the ${name} block ${hash ?? ""} is missing`);
  return { hash, number: header.number };
}

/** The finalized block and all stored blocks that descend from it; stale ones are left out. */
export function loadTree(store: BlockStore): ForkTree {
  const root = headNamed(store, "finalized");
  const tree = new ForkTree(root);
  for (let number = root.number + 1; ; number++) {
    const hashes = store.hashesAt(number);
    if (hashes.length === 0) return tree;
    for (const hash of hashes) {
      const header = store.header(hash);
      if (!header) throw corrupt(`the header of block ${hash} at height ${number} is missing`);
      const parent = bytesToHash(header.parentHash);
      if (tree.has(parent)) tree.insert(hash, parent);
    }
  }
}

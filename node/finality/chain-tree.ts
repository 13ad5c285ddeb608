import { LRUCache } from "lru-cache";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { ChainReader, Head } from "../chain/types.ts";
import type { BlockTree } from "./protocol/block-tree.ts";

interface Link {
  readonly number: number;
  readonly parent: Hash;
}

/** The blocks of a chain as votes see them; `limit` keeps votes from going beyond the set's last block. */
export function chainTree(chain: ChainReader, limit: (head: Head, tree: BlockTree) => Head): BlockTree {
  const links = new LRUCache<Hash, Link>({ max: 16_384 });
  const linkOf = (hash: Hash): Link | undefined => {
    const known = links.get(hash);
    if (known) return known;
    const header = chain.header(hash);
    if (!header) return undefined;
    const link = { number: header.number, parent: bytesToHash(header.parentHash) };
    links.set(hash, link);
    return link;
  };
  const ancestorAt = (hash: Hash, number: number): Hash | undefined => {
    for (let at = hash; ; ) {
      const link = linkOf(at);
      if (!link || link.number < number) return undefined;
      if (link.number === number) return at;
      // From the best chain downwards there is no need to walk.
      if (chain.hashAt(link.number) === at) return chain.hashAt(number);
      at = link.parent;
    }
  };
  const tree: BlockTree = {
    numberOf: (hash) => linkOf(hash)?.number,
    ancestorAt,
    bestAbove(hash) {
      const head = chain.bestUnder(hash);
      return head && limit(head, tree);
    },
  };
  return tree;
}

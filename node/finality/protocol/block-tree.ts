import type { Hash } from "../../chain/hash.ts";
import type { Head } from "../../chain/types.ts";

/** The blocks that votes are about. Answers never change, but for blocks that become known and heads that grow. */
export interface BlockTree {
  /** Undefined for a block that is not known. */
  numberOf(hash: Hash): number | undefined;
  /** The ancestor of a known block at a height up to its own, where it is itself; undefined where that is not kept. */
  ancestorAt(hash: Hash, number: number): Hash | undefined;
  /**
   * The block to vote for: the head of the best branch through a block, but no block beyond the one that changes the
   * set of voters. Undefined when the block cannot become final any more.
   */
  bestAbove(hash: Hash): Head | undefined;
}

/** Whether `block` is `ancestor` or descends from it. */
export const descends = (tree: BlockTree, block: Head, ancestor: Head): boolean =>
  block.number >= ancestor.number && tree.ancestorAt(block.hash, ancestor.number) === ancestor.hash;

/** The highest block that both descend from; undefined when it lies below `floor`. */
export function commonAncestor(tree: BlockTree, a: Head, b: Head, floor: number): Head | undefined {
  for (let number = Math.min(a.number, b.number); number >= floor; number--) {
    const hash = tree.ancestorAt(a.hash, number);
    if (hash !== undefined && hash === tree.ancestorAt(b.hash, number)) return { hash, number };
  }
  return undefined;
}

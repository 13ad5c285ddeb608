import type { Hash } from "../../chain/hash.ts";
import type { Head } from "../../chain/types.ts";
import type { BlockTree } from "../protocol/block-tree.ts";

export interface ModelBlock extends Head {
  readonly parent: ModelBlock | undefined;
  /** The set that votes on its children. */
  readonly setAfter: number;
}

/** Every block that was ever made; what a node knows of them is a `ModelView`. */
export class ModelTree {
  readonly blocks: ModelBlock[] = [];
  readonly byHash = new Map<Hash, ModelBlock>();
  readonly genesis = this.add(undefined, false);

  add(parent: ModelBlock | undefined, changesSet: boolean): ModelBlock {
    const hash: Hash = `0x${this.blocks.length.toString(16).padStart(64, "0")}`;
    const setAfter = (parent?.setAfter ?? 0) + (changesSet ? 1 : 0);
    const block: ModelBlock = { hash, number: parent ? parent.number + 1 : 0, parent, setAfter };
    this.blocks.push(block);
    this.byHash.set(hash, block);
    return block;
  }

  /** Whether `block` is `ancestor` or descends from it. */
  descends(block: ModelBlock, ancestor: ModelBlock): boolean {
    let at: ModelBlock | undefined = block;
    while (at && at.number > ancestor.number) at = at.parent;
    return at === ancestor;
  }
}

/** What one node knows: parents before children. */
export class ModelView implements BlockTree {
  readonly #tree: ModelTree;
  readonly #known = new Set<ModelBlock>();
  /** The node's last final block: only what stands on it can become final. */
  finalized: ModelBlock;

  constructor(tree: ModelTree) {
    this.#tree = tree;
    this.finalized = tree.genesis;
    this.#known.add(tree.genesis);
  }

  learn(block: ModelBlock): void {
    for (let at: ModelBlock | undefined = block; at && !this.#known.has(at); at = at.parent)
      this.#known.add(at);
  }

  numberOf(hash: Hash): number | undefined {
    return this.#block(hash)?.number;
  }

  ancestorAt(hash: Hash, number: number): Hash | undefined {
    let at = this.#block(hash);
    while (at && at.number > number) at = at.parent;
    return at?.number === number ? at.hash : undefined;
  }

  bestAbove(hash: Hash): Head | undefined {
    const base = this.#block(hash);
    if (!base || !this.#tree.descends(base, this.finalized)) return undefined;
    let best = base;
    for (const block of this.#known) {
      if (block.number > best.number && this.#tree.descends(block, base)) best = block;
    }
    // The block that ends the set of the final block is the last that this set votes on.
    let end = best;
    for (let at = best; at !== this.finalized; at = at.parent!) {
      if (at.parent!.setAfter !== this.finalized.setAfter) end = at.parent!;
    }
    return { hash: end.hash, number: end.number };
  }

  #block(hash: Hash): ModelBlock | undefined {
    const block = this.#tree.byHash.get(hash);
    return block && this.#known.has(block) ? block : undefined;
  }
}

import type { Hash } from "./hash.ts";
import type { Head, TreeRoute } from "./types.ts";

interface ForkNode extends Head {
  parent: ForkNode | undefined;
  readonly children: Set<ForkNode>;
}

export interface Finality {
  readonly enacted: readonly Head[];
  readonly stale: readonly Head[];
}

/** All blocks that may still become final: the finalized one, as the root, and everything that descends from it. */
export class ForkTree {
  readonly #nodes = new Map<Hash, ForkNode>();
  /** Kept apart, because the tree grows long where nobody finalizes. */
  readonly #leaves = new Set<ForkNode>();
  #root: ForkNode;

  constructor(root: Head) {
    this.#root = this.#add(root, undefined);
  }

  get root(): Head {
    return headOf(this.#root);
  }

  has(hash: Hash): boolean {
    return this.#nodes.has(hash);
  }

  get(hash: Hash): Head | undefined {
    const node = this.#nodes.get(hash);
    return node && headOf(node);
  }

  /** Adds a block on a parent of the tree; a bug in the caller when the parent is not there. */
  insert(hash: Hash, parentHash: Hash): void {
    if (this.#nodes.has(hash)) return;
    const parent = this.#nodes.get(parentHash);
    if (!parent) throw new Error(`block ${hash} was inserted without its parent ${parentHash}`);
    parent.children.add(this.#add({ hash, number: parent.number + 1 }, parent));
    this.#leaves.delete(parent);
  }

  /** Every block above the root, parents before children, in the order of insertion. */
  blocks(): Head[] {
    return Array.from(this.#nodes.values(), headOf).filter(({ hash }) => hash !== this.#root.hash);
  }

  /** Heads of all branches. */
  leaves(): Head[] {
    return Array.from(this.#leaves, headOf);
  }

  isAncestor(ancestor: Hash, hash: Hash): boolean {
    const target = this.#nodes.get(ancestor);
    if (!target) return false;
    let node = this.#nodes.get(hash);
    while (node && node.number > target.number) node = node.parent;
    return node === target;
  }

  /** How to walk from one block of the tree to another; undefined when one is not in it. */
  route(from: Hash, to: Hash): TreeRoute | undefined {
    let [down, up] = [this.#nodes.get(from), this.#nodes.get(to)];
    if (!down || !up) return undefined;
    const retracted: Head[] = [];
    const enacted: Head[] = [];
    while (down !== up) {
      // Every pair of blocks has the root in common, so neither side runs out.
      if (down.number >= up.number) {
        retracted.push(headOf(down));
        down = down.parent!;
      } else {
        enacted.push(headOf(up));
        up = up.parent!;
      }
    }
    return { retracted, common: headOf(down), enacted: enacted.reverse() };
  }

  /**
   * What making a block of the tree final would mean. `enacted` leads from the root to it, without the root;
   * `stale` are all blocks that are neither its ancestors nor its descendants, parents before children.
   */
  finality(hash: Hash): Finality {
    const route = this.route(this.#root.hash, hash);
    if (!route) throw new Error(`block ${hash} is not in the tree, so it cannot become final`);
    const stale: ForkNode[] = [];
    let parent = this.#root;
    for (const { hash: next } of route.enacted) {
      const node = this.#nodes.get(next)!;
      for (const child of parent.children) if (child !== node) stale.push(child);
      parent = node;
    }
    // `stale` grows while it is walked.
    for (const node of stale) stale.push(...node.children);
    return { enacted: route.enacted, stale: stale.map(headOf) };
  }

  /** Makes a block of the tree the root and forgets whatever does not descend from it. */
  finalize(hash: Hash): void {
    const { enacted, stale } = this.finality(hash);
    if (enacted.length === 0) return;
    for (const gone of [this.#root, ...enacted.slice(0, -1), ...stale])
      this.#drop(this.#nodes.get(gone.hash)!);
    this.#root = this.#nodes.get(hash)!;
    // Ancestors that hang on to each other would stay in memory for ever.
    this.#root.parent = undefined;
  }

  /** Takes out a block without children: one that could not be written, or is reverted. */
  remove(hash: Hash): void {
    const node = this.#nodes.get(hash);
    if (!node?.parent || node.children.size > 0) throw new Error(`block ${hash} is no leaf above the root`);
    node.parent.children.delete(node);
    if (node.parent.children.size === 0) this.#leaves.add(node.parent);
    this.#drop(node);
  }

  #drop(node: ForkNode): void {
    this.#nodes.delete(node.hash);
    this.#leaves.delete(node);
  }

  #add(head: Head, parent: ForkNode | undefined): ForkNode {
    const node: ForkNode = { hash: head.hash, number: head.number, parent, children: new Set() };
    this.#nodes.set(head.hash, node);
    this.#leaves.add(node);
    return node;
  }
}

const headOf = ({ hash, number }: Head): Head => ({ hash, number });

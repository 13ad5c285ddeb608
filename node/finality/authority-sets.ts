import { LRUCache } from "lru-cache";
import { currentAuthorities, setId as setIdOf } from "../../pallets/grandpa/index.ts";
import type { AuthorityList } from "../../runtime/primitives/grandpa.ts";
import type { Storage } from "../../runtime/primitives/storage.ts";
import type { Hash } from "../chain/hash.ts";
import type { ChainReader, Head } from "../chain/types.ts";
import type { BlockTree } from "./protocol/block-tree.ts";

/** A set of voters with its number; sets are counted from 0. */
export interface AuthoritySet {
  readonly setId: bigint;
  readonly authorities: AuthorityList;
}

/** Reads the set out of a state; the Grandpa pallet's unless told. */
export type ReadAuthorities = (storage: Pick<Storage, "get" | "nextKey">) => AuthoritySet;

const readPallet: ReadAuthorities = (storage) => ({
  setId: setIdOf({ storage }),
  authorities: currentAuthorities({ storage }),
});

/**
 * The set that votes on the *children* of a block: what its state says. The block itself, though it may have changed
 * the set, is voted on by the set of its parent. Undefined when the state is not there.
 */
export function authoritiesAt(
  chain: Pick<ChainReader, "stateAt">,
  hash: Hash,
  read: ReadAuthorities = readPallet,
): AuthoritySet | undefined {
  const lookup = chain.stateAt(hash);
  return lookup.type === "ok" ? read(lookup.state) : undefined;
}

/** The sets of a chain by block, remembered. */
export class AuthoritySets {
  readonly #chain: ChainReader;
  readonly #read: ReadAuthorities;
  readonly #known = new LRUCache<Hash, AuthoritySet>({ max: 1024 });

  constructor(chain: ChainReader, read: ReadAuthorities = readPallet) {
    this.#chain = chain;
    this.#read = read;
  }

  /** The set that votes on the children of a block; undefined when its state is not there. */
  after(hash: Hash): AuthoritySet | undefined {
    const known = this.#known.get(hash) ?? authoritiesAt(this.#chain, hash, this.#read);
    if (known) this.#known.set(hash, known);
    return known;
  }

  /** Whether a block changes the set: its children are voted on by others than it is itself. */
  changesAt(hash: Hash, parent: Hash): boolean {
    const [after, before] = [this.after(hash), this.after(parent)];
    return after !== undefined && before !== undefined && after.setId !== before.setId;
  }

  /** The highest block up to `head`, above `floor`, that this set votes on; `floor` when there is none. */
  lastOf(setId: bigint, floor: Head, head: Head, tree: BlockTree): Head {
    const isOfSet = (number: number): boolean => {
      const parent = tree.ancestorAt(head.hash, number - 1);
      return parent !== undefined && this.after(parent)?.setId === setId;
    };
    if (head.number <= floor.number || isOfSet(head.number)) return head;
    // Sets only grow along a chain.
    let [low, high] = [floor.number, head.number];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (isOfSet(middle)) low = middle;
      else high = middle;
    }
    return { hash: tree.ancestorAt(head.hash, low)!, number: low };
  }
}

import { LRUCache } from "lru-cache";
import { currentAuthorities, setId as setIdOf } from "../../pallets/grandpa/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import { type AuthorityList, consensusLog, grandpaEngine } from "../../runtime/primitives/grandpa.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import type { Storage } from "../../runtime/primitives/storage.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
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

/** Without a state, so many headers are looked at. */
const maxHeaders = 1_024;

/** The set that a header announces; its own block is the last that the old set votes on. */
export function announcedSet({ digest }: Header): AuthorityList | undefined {
  for (const item of digest) {
    if (item.type !== "Consensus" || !equalBytes(item.value[0], grandpaEngine)) continue;
    const { value } = decode(consensusLog, item.value[1]);
    if (value.delay !== 0) throw new Error(`a change of voters with a delay of ${value.delay}; here it is 0`);
    return value.next_authorities;
  }
  return undefined;
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

  /**
   * The set that votes on the children of a block. Where its state is gone, headers tell what changed since the last
   * one that is there; undefined when that is too long ago.
   */
  after(hash: Hash): AuthoritySet | undefined {
    const announced: AuthorityList[] = [];
    let set: AuthoritySet | undefined;
    for (let at = hash, i = 0; i < maxHeaders; i++) {
      set = this.#known.get(at) ?? authoritiesAt(this.#chain, at, this.#read);
      const header = set ? undefined : this.#chain.header(at);
      if (!header) break;
      const next = announcedSet(header);
      if (next) announced.push(next);
      at = bytesToHash(header.parentHash);
    }
    if (!set) return undefined;
    for (const authorities of announced.toReversed()) set = { setId: set.setId + 1n, authorities };
    this.#known.set(hash, set);
    return set;
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

import type { Hash } from "../../chain/hash.ts";
import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";

/** One voter's word in one round. Who counts it has checked the signature, or trusts whoever did. */
export interface SignedVote {
  readonly voter: VoterId;
  readonly target: Head;
  readonly signature: Uint8Array;
}

/** What a vote was to a tally: the first of its voter, the second for another block, or nothing new. */
export type Counted = "counted" | "equivocation" | "known";

/**
 * The votes of one kind in one round. A vote for a block is one for all its ancestors. Who votes for two blocks
 * counts for every block from then on: others may have seen only one of the votes, and so must be reckoned with.
 */
export class Tally {
  readonly #voters: VoterSet;
  readonly #base: Head;
  readonly #votes = new Map<VoterId, readonly [SignedVote] | readonly [SignedVote, SignedVote]>();
  /** Weight of single votes by their block, of those that stand on the base. */
  readonly #targets = new Map<Hash, { readonly head: Head; weight: bigint }>();
  #cast = 0n;
  #equivocated = 0n;

  constructor(voters: VoterSet, base: Head) {
    this.#voters = voters;
    this.#base = base;
  }

  /** Weight of all who have voted. */
  get cast(): bigint {
    return this.#cast;
  }

  /** Weight of those who voted for two blocks. */
  get equivocated(): bigint {
    return this.#equivocated;
  }

  /** Blocks above the base with the weight of the single votes for exactly them. */
  get targets(): Iterable<{ readonly head: Head; readonly weight: bigint }> {
    return this.#targets.values();
  }

  /** What a voter said: nothing, one vote, or two that differ. */
  of(voter: VoterId): readonly SignedVote[] {
    return this.#votes.get(voter) ?? [];
  }

  /** Everything that was said, at most two votes of each voter. */
  all(): SignedVote[] {
    return [...this.#votes.values()].flat();
  }

  /** Counts a member's vote for a known block; a third block adds nothing to two. */
  add(vote: SignedVote, tree: BlockTree): Counted {
    const weight = this.#voters.weight(vote.voter);
    const before = this.#votes.get(vote.voter);
    if (before === undefined) {
      this.#votes.set(vote.voter, [vote]);
      this.#cast += weight;
      if (descends(tree, vote.target, this.#base)) this.#weigh(vote.target, weight);
      return "counted";
    }
    const [first] = before;
    if (before.length === 2 || first.target.hash === vote.target.hash) return "known";
    this.#votes.set(vote.voter, [first, vote]);
    this.#equivocated += weight;
    if (this.#targets.has(first.target.hash)) this.#weigh(first.target, -weight);
    return "equivocation";
  }

  /** Weight behind a block: of votes for it, for its descendants, and of those who voted twice. */
  weightOn(block: Head, tree: BlockTree): bigint {
    let weight = this.#equivocated;
    for (const target of this.#targets.values()) {
      if (descends(tree, target.head, block)) weight += target.weight;
    }
    return weight;
  }

  /**
   * GRANDPA's ghost: the highest block, not below the base, with at least the threshold behind it. Walks from the
   * highest votes downwards and adds up what meets, so that its time is that of how far the votes lie apart.
   */
  ghost(tree: BlockTree): Head | undefined {
    const { threshold } = this.#voters;
    if (this.#cast < threshold) return undefined;
    let front = new Map<Hash, { head: Head; weight: bigint }>();
    for (const { head, weight } of this.#targets.values()) front.set(head.hash, { head, weight });
    while (front.size > 0) {
      const heights = [...front.values()].map(({ head }) => head.number);
      const top = Math.max(...heights);
      for (const { head, weight } of front.values()) {
        if (head.number === top && weight + this.#equivocated >= threshold) return head;
      }
      if (top === this.#base.number) return undefined;
      // Alone at the top, one may go down to the next at once.
      const lower = Math.max(this.#base.number, ...heights.filter((number) => number < top));
      const isAlone = heights.filter((number) => number === top).length === 1;
      front = lowered(front, top, isAlone ? lower : top - 1, tree);
    }
    return undefined;
  }

  #weigh(head: Head, weight: bigint): void {
    const target = this.#targets.get(head.hash);
    const sum = (target?.weight ?? 0n) + weight;
    if (sum === 0n) this.#targets.delete(head.hash);
    else this.#targets.set(head.hash, { head, weight: sum });
  }
}

/** The front with its entries at height `top` taken down to height `to`. */
function lowered(
  front: ReadonlyMap<Hash, { head: Head; weight: bigint }>,
  top: number,
  to: number,
  tree: BlockTree,
): Map<Hash, { head: Head; weight: bigint }> {
  const next = new Map<Hash, { head: Head; weight: bigint }>();
  for (const { head, weight } of front.values()) {
    const hash = head.number === top ? tree.ancestorAt(head.hash, to) : head.hash;
    if (hash === undefined) continue;
    const number = head.number === top ? to : head.number;
    next.set(hash, { head: { hash, number }, weight: weight + (next.get(hash)?.weight ?? 0n) });
  }
  return next;
}

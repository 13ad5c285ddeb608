import type { Hash } from "../../chain/hash.ts";
import type { Head } from "../../chain/types.ts";
import type { VoterSet } from "../voter-set.ts";
import { type BlockTree, commonAncestor, descends } from "./block-tree.ts";
import { type Counted, type SignedVote, Tally } from "./tally.ts";

export type Phase = "prevote" | "precommit";

/** What the votes of a round mean so far, in the words of the GRANDPA paper. */
export interface RoundState {
  /** g(V): the highest block with a supermajority of prevotes. */
  readonly ghost: Head | undefined;
  /** g(C): the highest block with a supermajority of precommits. It is final. */
  readonly final: Head | undefined;
  /** E: the highest block on the ghost's chain that may still come to have a supermajority of precommits. */
  readonly estimate: Head | undefined;
  /** Nothing above the estimate can become final in this round any more, so the next one may begin. */
  readonly isCompletable: boolean;
}

/** The votes of one round, over blocks that stand on a final one. */
export class Round {
  readonly number: number;
  readonly base: Head;
  readonly prevotes: Tally;
  readonly precommits: Tally;
  readonly #voters: VoterSet;
  #state: RoundState | undefined;

  constructor(number: number, base: Head, voters: VoterSet) {
    this.number = number;
    this.base = base;
    this.#voters = voters;
    this.prevotes = new Tally(voters, base);
    this.precommits = new Tally(voters, base);
  }

  add(phase: Phase, vote: SignedVote, tree: BlockTree): Counted {
    const counted = this.tally(phase).add(vote, tree);
    if (counted !== "known") this.#state = undefined;
    return counted;
  }

  tally(phase: Phase): Tally {
    return phase === "prevote" ? this.prevotes : this.precommits;
  }

  state(tree: BlockTree): RoundState {
    this.#state ??= this.#compute(tree);
    return this.#state;
  }

  #compute(tree: BlockTree): RoundState {
    const ghost = this.prevotes.ghost(tree);
    const final = this.precommits.ghost(tree);
    if (!ghost) return { ghost, final, estimate: undefined, isCompletable: false };
    const { estimate, isPossibleAbove } = this.#estimate(ghost, tree);
    return { ghost, final, estimate, isCompletable: estimate.number < ghost.number || !isPossibleAbove };
  }

  /** The estimate on the chain of `ghost`; and whether a child of `ghost` may still win. */
  #estimate(ghost: Head, tree: BlockTree): { readonly estimate: Head; readonly isPossibleAbove: boolean } {
    const { base } = this;
    // How far up the ghost's chain each precommit reaches, and where it leaves upwards.
    const reaches: { readonly number: number; readonly weight: bigint }[] = [];
    const children = new Map<Hash, bigint>();
    for (const { head, weight } of this.precommits.targets) {
      reaches.push({ number: commonAncestor(tree, ghost, head, base.number)!.number, weight });
      if (head.number <= ghost.number || !descends(tree, head, ghost)) continue;
      const child = tree.ancestorAt(head.hash, ghost.number + 1)!;
      children.set(child, (children.get(child) ?? 0n) + weight);
    }
    const weightAt = (height: number): bigint =>
      reaches.reduce((sum, { number, weight }) => (number >= height ? sum + weight : sum), 0n);
    // A child that nobody has precommitted to, seen or unseen, has no weight yet.
    const isPossibleAbove = [0n, ...children.values()].some((weight) => this.#isPossible(weight));
    const heights = [ghost.number, ...reaches.map(({ number }) => number)].sort((a, b) => b - a);
    const height = heights.find((number) => this.#isPossible(weightAt(number)));
    // Below the base there is no need to look: it is final.
    if (height === undefined) return { estimate: base, isPossibleAbove };
    return { estimate: { hash: tree.ancestorAt(ghost.hash, height)!, number: height }, isPossibleAbove };
  }

  /**
   * Whether a block with this weight of single precommits can still reach the threshold: all who are silent may vote
   * for it, and of those who voted otherwise so many may yet vote twice as are tolerated to be faulty.
   */
  #isPossible(single: bigint): boolean {
    const { total, threshold } = this.#voters;
    const { cast, equivocated } = this.precommits;
    const behind = single + equivocated;
    const against = cast - behind;
    const tolerated = total - threshold - equivocated;
    const turned = tolerated <= 0n ? 0n : against < tolerated ? against : tolerated;
    return behind + (total - cast) + turned >= threshold;
  }
}

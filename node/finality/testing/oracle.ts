/**
 * The definitions of the GRANDPA paper, word by word and without a thought for time: what the protocol computes is
 * compared with them.
 */
import type { VoterId, VoterSet } from "../voter-set.ts";
import type { ModelBlock, ModelTree } from "./model-tree.ts";

/** What each voter said, as a set of blocks. */
export type Said = ReadonlyMap<VoterId, ReadonlySet<ModelBlock>>;

export class Oracle {
  readonly #tree: ModelTree;
  readonly #voters: VoterSet;

  constructor(tree: ModelTree, voters: VoterSet) {
    this.#tree = tree;
    this.#voters = voters;
  }

  /** A set of votes has a supermajority for a block if who voted for it, or twice, weighs the threshold. */
  hasSupermajority(said: Said, block: ModelBlock): boolean {
    return (
      this.#weigh(said, (votes) => votes.size > 1 || this.#isFor(votes, block)) >= this.#voters.threshold
    );
  }

  /** It is impossible if who voted, once and otherwise, or twice beyond what may be faulty, leaves too little. */
  isPossible(said: Said, block: ModelBlock): boolean {
    const { ids, total, threshold } = this.#voters;
    const faulty = total - threshold;
    const twice = this.#weigh(said, (votes) => votes.size > 1);
    const against = this.#weigh(said, (votes) => votes.size === 1 && !this.#isFor(votes, block));
    // Of those against, as much as is still tolerated may yet vote for it, too.
    const left = faulty > twice ? faulty - twice : 0n;
    const turned = against < left ? against : left;
    const silent = ids.filter((id) => (said.get(id)?.size ?? 0) === 0);
    const rest = silent.reduce((sum, id) => sum + this.#voters.weight(id), 0n);
    const behind = this.#weigh(said, (votes) => votes.size === 1 && this.#isFor(votes, block));
    return behind + twice + rest + turned >= threshold;
  }

  /** g(S): the highest block with a supermajority. */
  ghost(said: Said): ModelBlock | undefined {
    const blocks = this.#tree.blocks.filter((block) => this.hasSupermajority(said, block));
    return blocks.reduce<ModelBlock | undefined>(
      (best, block) => (best && best.number >= block.number ? best : block),
      undefined,
    );
  }

  /** E: the last block on the chain of g(V) for which a supermajority in C is possible. */
  estimate(prevotes: Said, precommits: Said): ModelBlock | undefined {
    const ghost = this.ghost(prevotes);
    let at = ghost;
    while (at && !this.isPossible(precommits, at)) at = at.parent;
    return at;
  }

  /**
   * Completable: E lies below g(V), or a supermajority in C is impossible for every child of g(V): those that are
   * known, and one that nobody has seen.
   */
  isCompletable(prevotes: Said, precommits: Said): boolean {
    const [ghost, estimate] = [this.ghost(prevotes), this.estimate(prevotes, precommits)];
    if (!ghost || !estimate) return false;
    if (estimate !== ghost) return true;
    const children = this.#tree.blocks.filter(({ parent }) => parent === ghost);
    const unseen: ModelBlock = { hash: "0x", number: ghost.number + 1, parent: ghost, setAfter: 0 };
    return ![...children, unseen].some((child) => this.isPossible(precommits, child));
  }

  #isFor(votes: ReadonlySet<ModelBlock>, block: ModelBlock): boolean {
    return [...votes].some((vote) => this.#tree.descends(vote, block));
  }

  #weigh(said: Said, counts: (votes: ReadonlySet<ModelBlock>) => boolean): bigint {
    let sum = 0n;
    for (const [id, votes] of said) if (votes.size > 0 && counts(votes)) sum += this.#voters.weight(id);
    return sum;
  }
}

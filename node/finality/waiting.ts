import type { Hash } from "../chain/hash.ts";
import type { Commit } from "./protocol/commit.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";

export interface WaitingVote {
  readonly round: number;
  readonly phase: Phase;
  readonly vote: SignedVote;
}

export interface WaitingCommit {
  readonly round: number;
  readonly commit: Commit;
}

/** Of three open rounds, two votes of each kind. */
const maxVotesPerVoter = 12;
const maxCommits = 8;

/** Votes and commits, with signatures that were checked, about blocks that have not come yet. Bounded by their voters. */
export class Waiting {
  readonly #votes = new Map<string, WaitingVote[]>();
  #commits: WaitingCommit[] = [];

  /** False when the voter has too many already, or this one. */
  addVote(waiting: WaitingVote): boolean {
    const { voter } = waiting.vote;
    const votes = this.#votes.get(voter) ?? [];
    const isKnown = votes.some((other) => isSame(other, waiting));
    if (isKnown || votes.length >= maxVotesPerVoter) return false;
    this.#votes.set(voter, [...votes, waiting]);
    return true;
  }

  /** Keeps the latest few. */
  addCommit(waiting: WaitingCommit): void {
    const others = this.#commits.filter(({ commit }) => commit.target.hash !== waiting.commit.target.hash);
    this.#commits = [...others, waiting].slice(-maxCommits);
  }

  /** Gives back what need not wait any more, and forgets the votes of rounds before `oldestRound`. */
  release(
    isKnown: (hash: Hash) => boolean,
    oldestRound: number,
  ): { readonly votes: readonly WaitingVote[]; readonly commits: readonly WaitingCommit[] } {
    const ready: WaitingVote[] = [];
    for (const [voter, votes] of this.#votes) {
      const left: WaitingVote[] = [];
      for (const waiting of votes) {
        if (waiting.round < oldestRound) continue;
        (isKnown(waiting.vote.target.hash) ? ready : left).push(waiting);
      }
      if (left.length === 0) this.#votes.delete(voter);
      else this.#votes.set(voter, left);
    }
    const commits = this.#commits.filter(({ commit }) => isKnown(commit.target.hash));
    this.#commits = this.#commits.filter(({ commit }) => !isKnown(commit.target.hash));
    return { votes: ready, commits };
  }
}

const isSame = (a: WaitingVote, b: WaitingVote): boolean =>
  a.round === b.round && a.phase === b.phase && a.vote.target.hash === b.vote.target.hash;

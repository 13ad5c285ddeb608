import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";
import { Choice } from "./choice.ts";
import { buildCommit, type Commit, type CommitVerdict, excludesFinal, judgeCommit } from "./commit.ts";
import { OpenRounds } from "./open-rounds.ts";
import type { Phase, Round } from "./round.ts";
import type { Step } from "./step.ts";
import type { SignedVote } from "./tally.ts";
import { Telling } from "./telling.ts";
import type { CompleteRound, VoterOptions } from "./voter-options.ts";

/** How far the voter got in its round. */
type Progress = "waiting" | "prevoted" | "precommitted" | "abstaining";

/**
 * GRANDPA for one set of voters: votes and commits come in, decisions come out of `advance`. It knows no clock, no
 * key, no disk and no network, so that it can be run through any order of events.
 *
 * Two departures from the paper, both only in when one votes: nobody begins to vote while there is nothing new to
 * make final; and nobody waits for messages when all that can come and count are here.
 */
export class Voter {
  readonly #options: VoterOptions;
  readonly #voters: VoterSet;
  readonly #tree: BlockTree;
  readonly #rounds: OpenRounds;
  #finalized: Head;
  #progress: Progress = "waiting";
  #startedAt: number;
  #prevotedAt = 0;
  readonly #choice: Choice;
  #hasProposed = false;
  readonly #telling: Telling;
  #pending: Step[] = [];

  constructor(options: VoterOptions) {
    const { voters, tree, finalized, now, last, voted } = options;
    this.#options = options;
    this.#voters = voters;
    this.#tree = tree;
    this.#finalized = finalized;
    this.#startedAt = now;
    this.#telling = new Telling(voters, this.#patience);
    this.#rounds = new OpenRounds(voters, tree, finalized, last);
    this.#choice = new Choice(voters, tree, this.#rounds);
    if (voted && voted.round === this.round) {
      if (voted.precommit) this.#progress = "precommitted";
      else if (voted.prevote) this.#progress = "prevoted";
    } else if (voted && voted.round > this.round) this.#progress = "abstaining";
    this.#prevotedAt = now;
  }

  get round(): number {
    return this.#rounds.current.number;
  }

  get finalized(): Head {
    return this.#finalized;
  }

  /** Of the present round and the one before. */
  get rounds(): readonly Round[] {
    const { current, last } = this.#rounds;
    return last ? [current, last] : [current];
  }

  /** The last round in whole, for those who are behind. */
  completeRound(): CompleteRound | undefined {
    return this.#rounds.complete();
  }

  /** What was heard of a voter in a round that is still open: nothing, a vote, or two. */
  heard(round: number, phase: Phase, voter: VoterId): readonly SignedVote[] {
    return this.#rounds.find(round)?.tally(phase).of(voter) ?? [];
  }

  /** Counts a member's vote for a known block, with a signature that was checked. False if that changes nothing. */
  addVote(number: number, phase: Phase, vote: SignedVote): boolean {
    const round = this.#rounds.find(number);
    if (!round || !this.#voters.has(vote.voter)) return false;
    const counted = round.add(phase, vote, this.#tree);
    if (counted === "equivocation") {
      const [first, second] = round.tally(phase).of(vote.voter) as [SignedVote, SignedVote];
      this.#pending.push({ type: "equivocation", round: number, phase, voter: vote.voter, first, second });
    }
    return counted !== "known";
  }

  /** Takes a hint of a round's leader, whose signature was checked. */
  addProposal(round: number, voter: VoterId, target: Head): void {
    this.#choice.hint(round, voter, target);
  }

  /** Judges a commit whose signatures were checked; a valid one makes its block final. */
  addCommit(round: number, commit: Commit): CommitVerdict {
    const verdict = judgeCommit(commit, this.#voters, this.#tree);
    if (verdict === "unknownBlock" && excludesFinal(commit, this.#finalized, this.#voters, this.#tree)) {
      this.#pending.push({ type: "contradiction", round, commit });
    }
    if (verdict !== "valid") return verdict;
    for (const vote of commit.precommits) {
      if (this.#tree.numberOf(vote.target.hash) !== undefined) this.addVote(round, "precommit", vote);
    }
    this.#telling.heard(commit);
    this.#finalize(round, commit);
    return verdict;
  }

  /**
   * Goes on after a round that others completed, if it lies ahead. The votes are by members, for known blocks, and
   * their signatures were checked. False when they do not complete the round.
   */
  addCompleteRound(votes: CompleteRound): boolean {
    if (votes.round < this.round) return true;
    const round = this.#rounds.rebuild(votes, this.#finalized);
    if (!round.state(this.#tree).isCompletable) return false;
    this.#begin(round, this.#startedAt);
    return true;
  }

  /** A block became final otherwise: by a proof, or by order. */
  setFinalized(head: Head): void {
    if (head.number > this.#finalized.number) this.#finalized = head;
  }

  /** All that follows from what is known at `now` (ms); to be asked after each event. Steps are to be done in order. */
  advance(now: number): Step[] {
    for (;;) {
      for (const round of this.rounds) this.#settle(round, now);
      this.#propose();
      this.#prevote(now);
      this.#precommit(now);
      if (!this.#isOver()) break;
      this.#begin(this.#rounds.current, now);
    }
    return [...this.#pending.splice(0), ...this.#telling.due(now)];
  }

  /** When, after `now`, `advance` may decide something without another event; undefined when only an event can help. */
  wakeAt(now: number): number | undefined {
    const times: number[] = [];
    if (this.#telling.at !== undefined) times.push(this.#telling.at);
    if (this.#progress === "waiting" && this.#choice.useful(this.#finalized))
      times.push(this.#startedAt + this.#patience);
    if (this.#progress === "prevoted" || this.#progress === "abstaining") {
      times.push(this.#prevotedAt + this.#patience);
    }
    const later = times.filter((time) => time > now);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Nothing is new, and nothing was begun. */
  get isIdle(): boolean {
    return this.#progress === "waiting" && this.#choice.useful(this.#finalized) === undefined;
  }

  get #own(): VoterId | undefined {
    const own = this.#options.own();
    return own !== undefined && this.#voters.has(own) ? own : undefined;
  }

  get #patience(): number {
    return 2 * this.#options.gossipMs;
  }

  /** Makes final what the precommits of a round say. */
  #settle(round: Round, now: number): void {
    const { final } = round.state(this.#tree);
    if (!final || final.number <= this.#finalized.number) return;
    const commit = buildCommit(final, round.precommits, this.#voters, this.#tree);
    this.#finalize(round.number, commit);
    if (this.#own !== undefined) this.#telling.plan(this.#own, round.number, commit, now);
  }

  #finalize(round: number, commit: Commit): void {
    const { target } = commit;
    const isHigher = target.number > this.#finalized.number;
    const [higher, lower] = isHigher ? [target, this.#finalized] : [this.#finalized, target];
    const hash = this.#tree.ancestorAt(higher.hash, lower.number);
    if (hash !== undefined && hash !== lower.hash) {
      this.#pending.push({ type: "contradiction", round, commit });
    } else if (isHigher) {
      this.#finalized = target;
      this.#pending.push({ type: "finalize", round, commit });
    }
  }

  #propose(): void {
    const own = this.#own;
    if (this.#hasProposed || this.#progress !== "waiting" || own === undefined) return;
    if (this.#voters.distanceFromLeader(this.round, own) !== 0) return;
    if (!this.#choice.isOpen(this.#finalized)) return;
    const { estimate } = this.#choice.before(this.#finalized);
    this.#hasProposed = true;
    this.#choice.hint(this.round, own, estimate);
    this.#pending.push({ type: "propose", round: this.round, target: estimate });
  }

  #prevote(now: number): void {
    if (this.#progress !== "waiting") return;
    const { isCompletable } = this.#rounds.current.state(this.#tree);
    const target = this.#choice.useful(this.#finalized);
    const isDue =
      target !== undefined && (now >= this.#startedAt + this.#patience || this.#choice.isAllHeard);
    if (!isDue && !isCompletable) return;
    const vote = target ?? this.#choice.best(this.#finalized);
    // Nothing that may still become final holds what it should: no vote is better than a wrong one.
    this.#progress = vote ? "prevoted" : "abstaining";
    this.#prevotedAt = now;
    if (vote) this.#vote("prevote", vote);
  }

  #precommit(now: number): void {
    if (this.#progress !== "prevoted" && this.#progress !== "abstaining") return;
    const { ghost, isCompletable } = this.#rounds.current.state(this.#tree);
    if (!ghost || !descends(this.#tree, ghost, this.#choice.before(this.#finalized).estimate)) return;
    // Where one voter decides, the ghost is its prevote.
    const isAllHeard =
      this.#voters.decider !== undefined || this.#rounds.current.prevotes.cast === this.#voters.total;
    const isDue = now >= this.#prevotedAt + this.#patience || isAllHeard;
    if (!isDue && !isCompletable) return;
    const isVoting = this.#progress === "prevoted";
    this.#progress = "precommitted";
    if (isVoting) this.#vote("precommit", ghost);
  }

  #vote(phase: Phase, target: Head): void {
    if (this.#own === undefined) return;
    this.#pending.push({ type: "vote", round: this.round, phase, target });
  }

  /** No later round may begin before what the last one may have made final is final. */
  #isOver(): boolean {
    return (
      this.#progress === "precommitted" &&
      this.#rounds.current.state(this.#tree).isCompletable &&
      !this.#choice.isOpen(this.#finalized)
    );
  }

  #begin(last: Round, now: number): void {
    this.#rounds.begin(last, this.#finalized);
    const number = this.round;
    this.#progress = (this.#options.voted?.round ?? 0) >= number ? "abstaining" : "waiting";
    this.#startedAt = now;
    this.#prevotedAt = now;
    this.#hasProposed = false;
    this.#pending.push({ type: "round", round: number });
  }
}

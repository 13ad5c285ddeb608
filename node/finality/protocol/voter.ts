import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";
import { buildCommit, type Commit, type CommitVerdict, judgeCommit } from "./commit.ts";
import { type Phase, Round, type RoundState } from "./round.ts";
import type { Step } from "./step.ts";
import type { SignedVote } from "./tally.ts";

/** What was voted in a round before a restart: it is never voted otherwise. */
export interface OwnVotes {
  readonly round: number;
  readonly prevote?: Head | undefined;
  readonly precommit?: Head | undefined;
}

/** All votes of a complete round: enough for anybody to go on with the next. */
export interface CompleteRound {
  readonly round: number;
  readonly prevotes: readonly SignedVote[];
  readonly precommits: readonly SignedVote[];
}

export interface VoterOptions {
  readonly voters: VoterSet;
  readonly tree: BlockTree;
  /** The last final block: that which began the set, or a later one. */
  readonly finalized: Head;
  /** Who this node votes as just now; nobody where it only follows. */
  readonly own: () => VoterId | undefined;
  /** How long a message may take to reach all others, in ms: prevotes wait for twice this, and so do precommits. */
  readonly gossipMs: number;
  readonly now: number;
  /** Where to go on after a restart; a set begins with round 1. */
  readonly last?: CompleteRound | undefined;
  readonly voted?: OwnVotes | undefined;
}

/** How far the voter got in its round. */
type Progress = "waiting" | "prevoted" | "precommitted" | "abstaining";

/**
 * GRANDPA for one set of voters: votes and commits come in, decisions come out of `advance`. It knows no clock, no
 * key, no disk and no network, so that it can be run through any order of events.
 *
 * Two departures from the paper, both only in when one votes: nobody begins to vote while there is nothing new to
 * make final; and nobody waits for messages when all that can come are here.
 */
export class Voter {
  readonly #options: VoterOptions;
  readonly #voters: VoterSet;
  readonly #tree: BlockTree;
  /** The round before the present one; a set begins without. */
  #last: Round | undefined;
  #current: Round;
  /** Voters who are ahead of this node vote in the next round already. */
  #next: Round;
  #finalized: Head;
  #progress: Progress = "waiting";
  #startedAt: number;
  #prevotedAt = 0;
  /** What the leaders of the present and the next round hinted at. */
  readonly #hints = new Map<number, Head>();
  #hasProposed = false;
  /** What others shall hear of, and when, unless one of them says it first. */
  #toTell: { readonly at: number; readonly round: number; readonly commit: Commit } | undefined;
  #pending: Step[] = [];

  constructor(options: VoterOptions) {
    const { voters, tree, finalized, now, last, voted } = options;
    this.#options = options;
    this.#voters = voters;
    this.#tree = tree;
    this.#finalized = finalized;
    this.#startedAt = now;
    this.#last = last && this.#completeRound(last);
    this.#current = new Round((this.#last?.number ?? 0) + 1, finalized, voters);
    this.#next = new Round(this.#current.number + 1, finalized, voters);
    if (voted && voted.round === this.#current.number) {
      if (voted.precommit) this.#progress = "precommitted";
      else if (voted.prevote) this.#progress = "prevoted";
    } else if (voted && voted.round > this.#current.number) this.#progress = "abstaining";
    this.#prevotedAt = now;
  }

  get round(): number {
    return this.#current.number;
  }

  get finalized(): Head {
    return this.#finalized;
  }

  /** Of the present round and the one before. */
  get rounds(): readonly Round[] {
    return this.#last ? [this.#current, this.#last] : [this.#current];
  }

  /** The state of the round before; where a set begins, its first block stands for everything. */
  get #before(): { readonly ghost: Head; readonly estimate: Head } {
    const { ghost, estimate } = this.#last?.state(this.#tree) ?? {};
    return { ghost: ghost ?? this.#current.base, estimate: estimate ?? this.#finalized };
  }

  /** The last round in whole, for those who are behind. */
  completeRound(): CompleteRound | undefined {
    const round = this.#last;
    if (!round) return undefined;
    return { round: round.number, prevotes: round.prevotes.all(), precommits: round.precommits.all() };
  }

  /** What was heard of a voter in a round that is still open: nothing, a vote, or two. */
  heard(round: number, phase: Phase, voter: VoterId): readonly SignedVote[] {
    return this.#open(round)?.tally(phase).of(voter) ?? [];
  }

  /** Counts a member's vote for a known block, with a signature that was checked. False if that changes nothing. */
  addVote(number: number, phase: Phase, vote: SignedVote): boolean {
    const round = this.#open(number);
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
    if (this.#voters.distanceFromLeader(round, voter) !== 0 || this.#hints.has(round)) return;
    if (round === this.round || round === this.round + 1) this.#hints.set(round, target);
  }

  /** Judges a commit whose signatures were checked; a valid one makes its block final. */
  addCommit(round: number, commit: Commit): CommitVerdict {
    const verdict = judgeCommit(commit, this.#voters, this.#tree);
    if (verdict === "unknownBlock" && this.#excludesFinal(commit)) {
      this.#pending.push({ type: "contradiction", round, commit });
    }
    if (verdict !== "valid") return verdict;
    for (const vote of commit.precommits) {
      if (this.#tree.numberOf(vote.target.hash) !== undefined) this.addVote(round, "precommit", vote);
    }
    if (this.#toTell && this.#toTell.commit.target.number <= commit.target.number) this.#toTell = undefined;
    this.#finalize(round, commit);
    return verdict;
  }

  /**
   * Goes on after a round that others completed, if it lies ahead. The votes are by members, for known blocks, and
   * their signatures were checked. False when they do not complete the round.
   */
  addCompleteRound(votes: CompleteRound): boolean {
    if (votes.round < this.#current.number) return true;
    const round = this.#completeRound(votes);
    if (!round.state(this.#tree).isCompletable) return false;
    for (const phase of ["prevote", "precommit"] as const) {
      for (const vote of this.#open(votes.round)?.tally(phase).all() ?? [])
        round.add(phase, vote, this.#tree);
    }
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
      this.#begin(this.#current, now);
    }
    if (this.#toTell && this.#toTell.at <= now) {
      const { round, commit } = this.#toTell;
      this.#toTell = undefined;
      this.#pending.push({ type: "commit", round, commit });
    }
    return this.#pending.splice(0);
  }

  /** When, after `now`, `advance` may decide something without another event; undefined when only an event can help. */
  wakeAt(now: number): number | undefined {
    const times: number[] = [];
    if (this.#toTell) times.push(this.#toTell.at);
    if (this.#progress === "waiting" && this.#target()) times.push(this.#startedAt + this.#patience);
    if (this.#progress === "prevoted" || this.#progress === "abstaining") {
      times.push(this.#prevotedAt + this.#patience);
    }
    const later = times.filter((time) => time > now);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Nothing is new, and nothing was begun. */
  get isIdle(): boolean {
    return this.#progress === "waiting" && this.#target() === undefined;
  }

  get #own(): VoterId | undefined {
    const own = this.#options.own();
    return own !== undefined && this.#voters.has(own) ? own : undefined;
  }

  get #patience(): number {
    return 2 * this.#options.gossipMs;
  }

  #open(number: number): Round | undefined {
    return [this.#current, this.#next, this.#last].find((round) => round?.number === number);
  }

  /** Makes final what the precommits of a round say. */
  #settle(round: Round, now: number): void {
    const { final } = round.state(this.#tree);
    if (!final || final.number <= this.#finalized.number) return;
    const commit = buildCommit(final, round.precommits, this.#voters, this.#tree);
    this.#finalize(round.number, commit);
    const own = this.#own;
    if (own === undefined) return;
    // The leader tells at once, the others a little later each, should nobody have been heard.
    const distance = this.#voters.distanceFromLeader(round.number, own);
    const delay = distance === 0 ? 0 : this.#patience + (this.#patience * distance) / this.#voters.size;
    this.#toTell = { at: now + delay, round: round.number, commit };
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

  /** Whether a block that was never seen here is final in place of one that is: told without its ancestry. */
  #excludesFinal({ target, precommits }: Commit): boolean {
    if (target.number > this.#finalized.number) return false;
    const ours = this.#tree.ancestorAt(this.#finalized.hash, target.number);
    if (ours === undefined || ours === target.hash) return false;
    const voters = new Set(precommits.filter((vote) => vote.target.hash === target.hash).map((v) => v.voter));
    const weight = [...voters].reduce((sum, id) => sum + this.#voters.weight(id), 0n);
    return weight >= this.#voters.threshold;
  }

  #propose(): void {
    const own = this.#own;
    if (this.#hasProposed || this.#progress !== "waiting" || own === undefined) return;
    if (this.#voters.distanceFromLeader(this.round, own) !== 0) return;
    const { estimate } = this.#before;
    if (estimate.number <= this.#finalized.number) return;
    this.#hasProposed = true;
    if (!this.#hints.has(this.round)) this.#hints.set(this.round, estimate);
    this.#pending.push({ type: "propose", round: this.round, target: estimate });
  }

  #prevote(now: number): void {
    if (this.#progress !== "waiting") return;
    const { isCompletable } = this.#current.state(this.#tree);
    const target = this.#target();
    const isDue = target !== undefined && (now >= this.#startedAt + this.#patience || this.#hasHeardAll());
    if (!isDue && !isCompletable) return;
    const vote = target ?? this.#bestAbove();
    // Nothing that may still become final holds what it should: no vote is better than a wrong one.
    this.#progress = vote ? "prevoted" : "abstaining";
    this.#prevotedAt = now;
    if (vote) this.#vote("prevote", vote);
  }

  #precommit(now: number): void {
    if (this.#progress !== "prevoted" && this.#progress !== "abstaining") return;
    const { ghost, isCompletable } = this.#current.state(this.#tree);
    if (!ghost || !descends(this.#tree, ghost, this.#before.estimate)) return;
    const isDue =
      now >= this.#prevotedAt + this.#patience || this.#current.prevotes.cast === this.#voters.total;
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
      this.#current.state(this.#tree).isCompletable &&
      this.#before.estimate.number <= this.#finalized.number
    );
  }

  #begin(last: Round, now: number): void {
    this.#last = last;
    const number = last.number + 1;
    this.#current =
      this.#next.number === number ? this.#next : new Round(number, this.#finalized, this.#voters);
    this.#next = new Round(number + 1, this.#finalized, this.#voters);
    this.#progress = (this.#options.voted?.round ?? 0) >= number ? "abstaining" : "waiting";
    this.#startedAt = now;
    this.#prevotedAt = now;
    for (const round of this.#hints.keys()) if (round < number) this.#hints.delete(round);
    this.#hasProposed = false;
    this.#pending.push({ type: "round", round: number });
  }

  /** What to prevote for if that is of use: something is new, or the last round left something open. */
  #target(): Head | undefined {
    const target = this.#bestAbove();
    const isOpen = this.#before.estimate.number > this.#finalized.number;
    return target && (isOpen || target.number > this.#finalized.number) ? target : undefined;
  }

  /** The best chain with all that may have become final, and with the leader's block if the last round allows it. */
  #bestAbove(): Head | undefined {
    const { ghost, estimate } = this.#before;
    const floor = estimate.number > this.#finalized.number ? estimate : this.#finalized;
    const hint = this.#hints.get(this.round);
    const isFollowed = hint && hint.number > floor.number && this.#isOnWay(floor, hint, ghost);
    return this.#tree.bestAbove(isFollowed ? hint.hash : floor.hash);
  }

  #isOnWay(from: Head, block: Head, to: Head): boolean {
    return descends(this.#tree, block, from) && descends(this.#tree, to, block);
  }

  /** Whether waiting brings nothing: everybody was heard in the last round, and it made all final that it could. */
  #hasHeardAll(): boolean {
    if (this.#voters.size === 1) return true;
    const { ghost, final } = this.#last?.state(this.#tree) ?? ({} as Partial<RoundState>);
    return (
      ghost !== undefined && final?.hash === ghost.hash && this.#last?.precommits.cast === this.#voters.total
    );
  }

  #completeRound({ round, prevotes, precommits }: CompleteRound): Round {
    const complete = new Round(round, this.#finalized, this.#voters);
    for (const vote of prevotes) complete.add("prevote", vote, this.#tree);
    for (const vote of precommits) complete.add("precommit", vote, this.#tree);
    return complete;
  }
}

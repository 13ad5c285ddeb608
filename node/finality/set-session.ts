import { CodecError } from "../../runtime/primitives/codec-error.ts";
import type { Head } from "../chain/types.ts";
import type { BlockTree } from "./protocol/block-tree.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";
import type { Voter } from "./protocol/voter.ts";
import { isSigned, voteOf } from "./signatures.ts";
import type { Verdict } from "./types.ts";
import type { VoterId, VoterSet } from "./voter-set.ts";
import { Waiting } from "./waiting.ts";
import {
  decodeGossip,
  fromWireCommit,
  fromWirePrecommit,
  fromWirePrevote,
  fromWireTarget,
  type GossipMessage,
  type WireMessage,
} from "./wire.ts";

/** What a neighbour tells of itself. */
export interface View {
  readonly setId: bigint;
  readonly round: bigint;
  readonly finalized: number;
}

/**
 * One set of voters at work: judges what strangers say, cheap questions first, and hands the voter what holds.
 * Messages of other sets, or of rounds that are not open, are of no use here and are dropped without blame.
 */
export class SetSession {
  readonly setId: bigint;
  readonly voters: VoterSet;
  readonly voter: Voter;
  readonly #tree: BlockTree;
  readonly #waiting = new Waiting();

  constructor(setId: bigint, voters: VoterSet, voter: Voter, tree: BlockTree) {
    this.setId = setId;
    this.voters = voters;
    this.voter = voter;
    this.#tree = tree;
  }

  /** Judges a gossiped message and takes what it says; `onView` hears of neighbours, whose packets go no further. */
  take(bytes: Uint8Array, onView: (view: View) => void): Verdict {
    const message = decoded(bytes);
    switch (message?.type) {
      case "Vote":
        return this.#takeVote(message.value);
      case "Commit":
        return this.#takeCommit(message.value);
      case "Neighbor": {
        const { set_id, round, commit_finalized_height } = message.value.value;
        onView({ setId: set_id, round, finalized: commit_finalized_height });
        return "ignore";
      }
      // The other kinds are asked and answered, never gossiped.
      default:
        return "reject";
    }
  }

  /** Takes a round that others completed, out of an answer. False when nobody honest can have sent it. */
  takeCompleteRound({ set_id, message }: WireMessage<"CatchUp">): boolean {
    const round = Number(message.round_number);
    if (set_id !== this.setId || !isRound(message.round_number)) return false;
    if (round < this.voter.round) return true;
    const prevotes = message.prevotes.map(fromWirePrevote);
    const precommits = message.precommits.map(fromWirePrecommit);
    const phases = [
      ["prevote", prevotes],
      ["precommit", precommits],
    ] as const;
    for (const [phase, votes] of phases) {
      if (votes.length > 2 * this.voters.size) return false;
      for (const vote of votes) {
        if (!this.voters.has(vote.voter)) return false;
        const number = this.#tree.numberOf(vote.target.hash);
        // Its block will come; ask again then.
        if (number === undefined) return true;
        if (number !== vote.target.number || !this.#isSigned(round, phase, vote)) return false;
      }
    }
    const base = fromWireTarget({ target_hash: message.base_hash, target_number: message.base_number });
    this.voter.addCompleteRound({ round, base, prevotes, precommits });
    return true;
  }

  /** A block came: what waited for it is counted now. */
  release(): void {
    const isKnown = (hash: Head["hash"]): boolean => this.#tree.numberOf(hash) !== undefined;
    const { votes, commits } = this.#waiting.release(isKnown, this.voter.round - 1);
    for (const { round, phase, vote } of votes) {
      if (this.#tree.numberOf(vote.target.hash) === vote.target.number)
        this.voter.addVote(round, phase, vote);
    }
    for (const { round, commit } of commits) {
      if (this.voter.addCommit(round, commit) === "unknownBlock") this.#waiting.addCommit({ round, commit });
    }
  }

  #takeVote({ round, set_id, message: signed }: WireMessage<"Vote">): Verdict {
    if (set_id !== this.setId || !this.#isOpen(round)) return "ignore";
    const { voter, message, signature } = { ...signed, voter: idOf(signed.id) };
    if (!this.voters.has(voter)) return "reject";
    const target = fromWireTarget(message.value);
    const number = Number(round);
    if (message.type === "PrimaryPropose") {
      if (this.voters.distanceFromLeader(number, voter) !== 0) return "reject";
      if (!isSigned(message, signature, voter, { setId: set_id, round })) return "reject";
      this.voter.addProposal(number, voter, target);
      return "accept";
    }
    const phase = message.type === "Prevote" ? "prevote" : "precommit";
    const heard = this.voter.heard(number, phase, voter);
    if (heard.length === 2 || heard.some((vote) => vote.target.hash === target.hash)) return "ignore";
    if (!isSigned(message, signature, voter, { setId: set_id, round })) return "reject";
    const vote: SignedVote = { voter, target, signature };
    const height = this.#tree.numberOf(target.hash);
    if (height === undefined) {
      return this.#waiting.addVote({ round: number, phase, vote }) ? "accept" : "ignore";
    }
    // A signed lie about a block's height; whoever forwarded it may not have known the block.
    if (height !== target.number) return "ignore";
    return this.voter.addVote(number, phase, vote) ? "accept" : "ignore";
  }

  #takeCommit({ round, set_id, message }: WireMessage<"Commit">): Verdict {
    if (set_id !== this.setId) return "ignore";
    const commit = fromWireCommit(message);
    if (!commit || !isRound(round)) return "reject";
    const { finalized } = this.voter;
    const { target, precommits } = commit;
    const isOld = target.number <= finalized.number;
    if (isOld && this.#tree.ancestorAt(finalized.hash, target.number) === target.hash) return "ignore";
    const weight = this.voters.weightOf(precommits.map(({ voter }) => voter));
    if (precommits.length > 2 * this.voters.size || weight < this.voters.threshold) return "reject";
    for (const vote of precommits) {
      if (!this.voters.has(vote.voter) || !this.#isSigned(Number(round), "precommit", vote)) return "reject";
    }
    const verdict = this.voter.addCommit(Number(round), commit);
    if (verdict === "unknownBlock") this.#waiting.addCommit({ round: Number(round), commit });
    return verdict === "valid" || verdict === "unknownBlock" ? "accept" : "reject";
  }

  /** Whether a vote's signature holds; one that was counted before is known to. */
  #isSigned(round: number, phase: Phase, vote: SignedVote): boolean {
    const heard = this.voter.heard(round, phase, vote.voter);
    const isKnown = heard.some(
      ({ target, signature }) =>
        target.hash === vote.target.hash && Buffer.compare(signature, vote.signature) === 0,
    );
    const scope = { setId: this.setId, round: BigInt(round) };
    return isKnown || isSigned(voteOf(phase, vote.target), vote.signature, vote.voter, scope);
  }

  /** The present round, the one before, and the one after. */
  #isOpen(round: bigint): boolean {
    const present = BigInt(this.voter.round);
    return round >= present - 1n && round <= present + 1n && round > 0n;
  }
}

const decoded = (bytes: Uint8Array): GossipMessage | undefined => {
  try {
    return decodeGossip(bytes);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
};

// Rounds are numbers here; nobody gets that far in earnest.
const isRound = (round: bigint): boolean => round > 0n && round < 2n ** 48n;

const idOf = (id: Uint8Array): VoterId => `0x${Buffer.from(id).toString("hex")}`;

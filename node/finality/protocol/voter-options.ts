import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import type { BlockTree } from "./block-tree.ts";
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
  /** The final block that its votes were counted from. */
  readonly base: Head;
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

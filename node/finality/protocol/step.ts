import type { Head } from "../../chain/types.ts";
import type { VoterId } from "../voter-set.ts";
import type { Commit } from "./commit.ts";
import type { Phase } from "./round.ts";
import type { SignedVote } from "./tally.ts";

/** What a voter decided, for whoever signs, writes and sends. */
export type Step =
  /** Sign a vote for the target, make it durable, hand it to `addVote`, and send it. At most one of each in a round. */
  | { readonly type: "vote"; readonly round: number; readonly phase: Phase; readonly target: Head }
  /** Leading this round, hint at a block that should become final first. */
  | { readonly type: "propose"; readonly round: number; readonly target: Head }
  /** A block became final, by the votes of a round or by a commit. */
  | { readonly type: "finalize"; readonly round: number; readonly commit: Commit }
  /** Tell others of what became final here. */
  | { readonly type: "commit"; readonly round: number; readonly commit: Commit }
  /** A round began; the one before it is complete. */
  | { readonly type: "round"; readonly round: number }
  | {
      readonly type: "equivocation";
      readonly round: number;
      readonly phase: Phase;
      readonly voter: VoterId;
      readonly first: SignedVote;
      readonly second: SignedVote;
    }
  /** A commit that holds, of a block that excludes a final one. */
  | { readonly type: "contradiction"; readonly round: number; readonly commit: Commit };

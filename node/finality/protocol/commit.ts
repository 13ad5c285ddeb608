import type { Head } from "../../chain/types.ts";
import type { VoterId, VoterSet } from "../voter-set.ts";
import { type BlockTree, descends } from "./block-tree.ts";
import { type SignedVote, Tally } from "./tally.ts";

/** Precommits that make a block final. */
export interface Commit {
  readonly target: Head;
  readonly precommits: readonly SignedVote[];
}

/** What a commit is worth; `unknownBlock` may become something else when more blocks have come. */
export type CommitVerdict =
  | "valid"
  | "unknownBlock"
  | "stranger"
  | "tooManyVotes"
  | "wrongNumber"
  | "tooLight"
  | "notTheGhost";

/**
 * Judges a commit by counting alone: signatures are checked elsewhere. Its target must be the ghost of its
 * precommits, each by a member, and two by one member only if they differ.
 */
export function judgeCommit(
  { target, precommits }: Commit,
  voters: VoterSet,
  tree: BlockTree,
): CommitVerdict {
  if (precommits.length > 2 * voters.size) return "tooManyVotes";
  const said = new Map<VoterId, number>();
  for (const { voter } of precommits) {
    if (!voters.has(voter)) return "stranger";
    said.set(voter, (said.get(voter) ?? 0) + 1);
  }
  // Who voted twice counts for every block, wherever the two are.
  const single = precommits.filter(({ voter }) => said.get(voter) === 1);
  for (const head of [target, ...single.map((vote) => vote.target)]) {
    const number = tree.numberOf(head.hash);
    if (number === undefined) return "unknownBlock";
    if (number !== head.number) return "wrongNumber";
  }
  const tally = new Tally(voters, target);
  for (const vote of precommits) if (tally.add(vote, tree) === "known") return "tooManyVotes";
  if (tally.weightOn(target, tree) < voters.threshold) return "tooLight";
  return tally.ghost(tree)?.hash === target.hash ? "valid" : "notTheGhost";
}

/**
 * The commit of a block that the precommits of a round made final. Of a voter who voted twice the vote for the block
 * is enough; both are shown only of those who voted elsewhere twice, and only if their weight is needed.
 */
export function buildCommit(target: Head, precommits: Tally, voters: VoterSet, tree: BlockTree): Commit {
  const votes: SignedVote[] = [];
  const twice: SignedVote[][] = [];
  let weight = 0n;
  for (const id of voters.ids) {
    const said = precommits.of(id);
    const fitting = said.find((vote) => descends(tree, vote.target, target));
    if (fitting) {
      votes.push(fitting);
      weight += voters.weight(id);
    } else if (said.length === 2) twice.push([...said]);
  }
  for (const both of twice) {
    if (weight >= voters.threshold) break;
    votes.push(...both);
    weight += voters.weight(both[0]!.voter);
  }
  return { target, precommits: votes };
}

/** Whether a block that was never seen here is final in place of one that is: shown without its ancestry. */
export function excludesFinal(
  { target, precommits }: Commit,
  finalized: Head,
  voters: VoterSet,
  tree: BlockTree,
): boolean {
  if (target.number > finalized.number) return false;
  const ours = tree.ancestorAt(finalized.hash, target.number);
  if (ours === undefined || ours === target.hash) return false;
  const forIt = precommits.filter((vote) => vote.target.hash === target.hash);
  return voters.weightOf(forIt.map(({ voter }) => voter)) >= voters.threshold;
}

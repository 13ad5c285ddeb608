/** Proofs that a block is final, which anybody can check who knows the set of voters. */
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import type { AuthorityList } from "../../runtime/primitives/grandpa.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { ChainReader, Head } from "../chain/types.ts";
import type { BlockTree } from "./protocol/block-tree.ts";
import { type Commit, judgeCommit } from "./protocol/commit.ts";
import { isSigned, voteOf } from "./signatures.ts";
import { VoterSet } from "./voter-set.ts";
import {
  decodeJustification,
  encodeJustification,
  fromWirePrecommit,
  fromWireTarget,
  toWirePrecommit,
  toWireTarget,
} from "./wire.ts";

/** The engine under which a block keeps its justification. */
export const finalityEngine = "FRNK";

export type JustificationVerdict =
  | { readonly type: "valid"; readonly target: Head; readonly round: bigint; readonly commit: Commit }
  /** `message` says what is wrong. */
  | { readonly type: "invalid"; readonly message: string };

/**
 * The justification of a commit that was judged valid: its precommits, and the headers that lead from its target to
 * the blocks that they are for.
 */
export function buildJustification(
  round: number,
  { target, precommits }: Commit,
  chain: Pick<ChainReader, "header">,
): Uint8Array {
  const headers = new Map<Hash, Header>();
  for (const vote of precommits) {
    const path: [Hash, Header][] = [];
    let { hash, number } = vote.target;
    while (number > target.number && !headers.has(hash)) {
      const header = chain.header(hash);
      if (!header) break;
      path.push([hash, header]);
      hash = bytesToHash(header.parentHash);
      number--;
    }
    // Whoever voted twice may have voted elsewhere: no path leads there, and none is needed.
    if (hash === target.hash || headers.has(hash))
      for (const [each, header] of path) headers.set(each, header);
  }
  return encodeJustification({
    round: BigInt(round),
    commit: { ...toWireTarget(target), precommits: precommits.map(toWirePrecommit) },
    votes_ancestries: [...headers.values()],
  });
}

/**
 * Judges a proof of finality by the set that votes on the block: a pure function. It must hold no header that it does
 * not need, so that nobody makes it longer on its way.
 */
export function verifyJustification(
  proof: Uint8Array,
  setId: bigint,
  authorities: AuthorityList,
): JustificationVerdict {
  const invalid = (message: string): JustificationVerdict => ({ type: "invalid", message });
  const voters = VoterSet.from(authorities);
  if (!voters) return invalid("its authority set is empty");
  try {
    const { round, commit: wire, votes_ancestries } = decodeJustification(proof);
    const commit: Commit = {
      target: fromWireTarget(wire),
      precommits: wire.precommits.map(fromWirePrecommit),
    };
    const tree = ancestryTree(commit.target, votes_ancestries);
    const verdict = judgeCommit(commit, voters, tree);
    if (verdict !== "valid") return invalid(`its commit does not hold: ${verdict}`);
    for (const { voter, target, signature } of commit.precommits) {
      if (!isSigned(voteOf("precommit", target), signature, voter, { setId, round })) {
        return invalid(`the signature of ${voter} does not verify in set ${setId}, round ${round}`);
      }
    }
    if (tree.used(commit) !== votes_ancestries.length) return invalid("it holds headers that prove nothing");
    return { type: "valid", target: commit.target, round, commit };
  } catch (error) {
    if (error instanceof CodecError) return invalid(`it cannot be decoded: ${error.message}`);
    throw error;
  }
}

/** The blocks above a commit's target that its headers tell of. */
function ancestryTree(target: Head, headers: readonly Header[]) {
  const blocks = new Map<Hash, { readonly number: number; readonly parent: Hash }>();
  for (const header of headers) {
    const parent = bytesToHash(header.parentHash);
    blocks.set(bytesToHash(hashHeader(header)), { number: header.number, parent });
  }
  const ancestorAt = (hash: Hash, number: number): Hash | undefined => {
    let at: Hash | undefined = hash;
    for (let height = numberOf(hash); at !== undefined && height !== undefined; height--) {
      if (height === number) return at;
      const block = blocks.get(at);
      // A header that lies about its number leads nowhere.
      at = block?.number === height ? block.parent : undefined;
    }
    return undefined;
  };
  const numberOf = (hash: Hash): number | undefined =>
    hash === target.hash ? target.number : blocks.get(hash)?.number;
  const tree: BlockTree = { numberOf, ancestorAt, bestAbove: () => undefined };
  /** How many of the headers lie on a way from a vote down to the target. */
  const used = ({ precommits }: Commit): number => {
    const seen = new Set<Hash>();
    for (const vote of precommits) {
      if (ancestorAt(vote.target.hash, target.number) !== target.hash) continue;
      for (let at = vote.target.hash; at !== target.hash && !seen.has(at); at = blocks.get(at)!.parent) {
        seen.add(at);
      }
    }
    return seen.size;
  };
  return { ...tree, used };
}

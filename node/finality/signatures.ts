import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { type VoteMessage, votePayload } from "../../runtime/primitives/grandpa.ts";
import { hashToBytes } from "../chain/hash.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";
import type { VoterId } from "./voter-set.ts";
import { messageType, toWireTarget } from "./wire.ts";

/** Where a vote belongs; it is signed with it. */
export interface VoteScope {
  readonly setId: bigint;
  readonly round: bigint;
}

/** A vote in the form that is signed. */
export const voteOf = (phase: Phase, target: SignedVote["target"]): VoteMessage => ({
  type: messageType[phase],
  value: toWireTarget(target),
});

/**
 * Whether `voter` signed the message. All who judge finality use the runtime's one verifier, which also judges
 * reported double votes: implementations differ at the edges.
 */
export const isSigned = (
  message: VoteMessage,
  signature: Uint8Array,
  voter: VoterId,
  scope: VoteScope,
): boolean =>
  verifySignature(
    { type: "Ed25519", value: signature },
    votePayload(message, scope.round, scope.setId),
    hashToBytes(voter),
  );

/** What voters say to each other and what proves finality, in Substrate's SCALE forms. All of it comes from strangers. */
import { hash } from "../../runtime/primitives/account.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { bytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec, vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { record } from "../../runtime/primitives/codec-struct.ts";
import { tagged } from "../../runtime/primitives/codec-tagged.ts";
import { type VoteTarget, voteMessage } from "../../runtime/primitives/grandpa.ts";
import { headerCodec } from "../../runtime/primitives/header.ts";
import { bytesToHash, hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { Commit } from "./protocol/commit.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";

/** Two votes by each of the thousand voters that a set may have. */
const maxVotes = 2_000;
/** Headers between a final block and the blocks that were voted for. */
const maxAncestries = 4_096;

const key = fixedBytes(32);
const signature = fixedBytes(64);
const target = { target_hash: hash, target_number: u32 };

const signedMessage = record({ message: voteMessage, signature, id: key });
const signedPrevote = record({ prevote: record(target), signature, id: key });
const signedPrecommit = record({ precommit: record(target), signature, id: key });

const compactCommit = record({
  ...target,
  precommits: boundedVec(record(target), maxVotes),
  auth_data: boundedVec(record({ signature, id: key }), maxVotes),
});

/** `GossipMessage` of `sc-consensus-grandpa`. */
const gossipMessage = tagged("GossipMessage", {
  Vote: record({ round: u64, set_id: u64, message: signedMessage }),
  Commit: record({ round: u64, set_id: u64, message: compactCommit }),
  Neighbor: tagged(
    "VersionedNeighborPacket",
    { V1: record({ round: u64, set_id: u64, commit_finalized_height: u32 }) },
    { indices: [1] },
  ),
  CatchUpRequest: record({ round: u64, set_id: u64 }),
  CatchUp: record({
    set_id: u64,
    message: record({
      round_number: u64,
      prevotes: boundedVec(signedPrevote, maxVotes),
      precommits: boundedVec(signedPrecommit, maxVotes),
      base_hash: hash,
      base_number: u32,
    }),
  }),
});
export type GossipMessage = Value<typeof gossipMessage>;
export type WireMessage<T extends GossipMessage["type"]> = Extract<GossipMessage, { type: T }>["value"];

export const encodeGossip = (message: GossipMessage): Uint8Array => encode(gossipMessage, message);
/** @throws CodecError for bytes that are no message. */
export const decodeGossip = (message: Uint8Array): GossipMessage => decode(gossipMessage, message);

const catchUpRequest = record({ set_id: u64, round: u64, finalized: u32 });
/** What a node has: it asks for what others have beyond that. */
export type CatchUpRequest = Value<typeof catchUpRequest>;
export const encodeCatchUpRequest = (request: CatchUpRequest): Uint8Array => encode(catchUpRequest, request);
/** @throws CodecError */
export const decodeCatchUpRequest = (body: Uint8Array): CatchUpRequest => decode(catchUpRequest, body);

const catchUpAnswer = record({
  /** Proofs of final blocks that the asking node lacks, oldest first. */
  justifications: boundedVec(bytes, 4),
  /** Gossip messages of the rounds that are open. */
  messages: boundedVec(bytes, 2 * maxVotes + 8),
});
export type CatchUpAnswer = Value<typeof catchUpAnswer>;
export const encodeCatchUpAnswer = (answer: CatchUpAnswer): Uint8Array => encode(catchUpAnswer, answer);
/** @throws CodecError */
export const decodeCatchUpAnswer = (body: Uint8Array): CatchUpAnswer => decode(catchUpAnswer, body);

/** `GrandpaJustification`. */
const justification = record({
  round: u64,
  commit: record({ ...target, precommits: boundedVec(signedPrecommit, maxVotes) }),
  votes_ancestries: boundedVec(headerCodec, maxAncestries),
});
export type WireJustification = Value<typeof justification>;
export const encodeJustification = (value: WireJustification): Uint8Array => encode(justification, value);
/** @throws CodecError for bytes that are no justification. */
export const decodeJustification = (proof: Uint8Array): WireJustification => decode(justification, proof);

const finalityProof = record({ block: hash, justification: bytes, unknown_headers: vec(headerCodec) });
/** `FinalityProof` of `sc-consensus-grandpa`. */
export const encodeFinalityProof = (proof: Value<typeof finalityProof>): Uint8Array =>
  encode(finalityProof, proof);

export const toWireTarget = ({ hash, number }: Head): VoteTarget => ({
  target_hash: hashToBytes(hash),
  target_number: number,
});

export const fromWireTarget = ({ target_hash, target_number }: VoteTarget): Head => ({
  hash: bytesToHash(target_hash),
  number: target_number,
});

export const toWirePrecommit = ({ voter, target, signature }: SignedVote) => ({
  precommit: toWireTarget(target),
  signature,
  id: hashToBytes(voter),
});

export const fromWirePrecommit = (signed: Value<typeof signedPrecommit>): SignedVote => ({
  voter: toHex(signed.id),
  target: fromWireTarget(signed.precommit),
  signature: signed.signature,
});

export const toWirePrevote = ({ voter, target, signature }: SignedVote) => ({
  prevote: toWireTarget(target),
  signature,
  id: hashToBytes(voter),
});

export const fromWirePrevote = (signed: Value<typeof signedPrevote>): SignedVote => ({
  voter: toHex(signed.id),
  target: fromWireTarget(signed.prevote),
  signature: signed.signature,
});

export function toWireCommit({ target, precommits }: Commit): WireMessage<"Commit">["message"] {
  return {
    ...toWireTarget(target),
    precommits: precommits.map((vote) => toWireTarget(vote.target)),
    auth_data: precommits.map(({ voter, signature }) => ({ signature, id: hashToBytes(voter) })),
  };
}

/** Undefined when there are not as many signatures as votes. */
export function fromWireCommit(message: WireMessage<"Commit">["message"]): Commit | undefined {
  const { precommits, auth_data } = message;
  if (precommits.length !== auth_data.length) return undefined;
  const votes = precommits.map((vote, i) => ({
    voter: toHex(auth_data[i]!.id),
    target: fromWireTarget(vote),
    signature: auth_data[i]!.signature,
  }));
  return { target: fromWireTarget(message), precommits: votes };
}

/** The name of a kind of vote in what is signed. */
export const messageType = { prevote: "Prevote", precommit: "Precommit" } as const satisfies Record<
  Phase,
  string
>;

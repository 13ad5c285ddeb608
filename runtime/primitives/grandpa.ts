/**
 * The wire forms of GRANDPA that the runtime and the voters share: authorities, votes, proofs of double voting,
 * and what a header says of a new set. Types and bytes are those of `sp_consensus_grandpa` and `finality_grandpa`.
 */
import { hash } from "./account.ts";
import { concatBytes, textBytes } from "./bytes.ts";
import { alias, type Codec, encode, type Value } from "./codec.ts";
import { fixedBytes } from "./codec-bytes.ts";
import { vec } from "./codec-list.ts";
import { u32, u64 } from "./codec-number.ts";
import { newtype, record, struct, tuple } from "./codec-struct.ts";
import { tagged } from "./codec-tagged.ts";

/** By this engine, headers tell of a new authority set. */
export const grandpaEngine = textBytes("FRNK");

/** The ed25519 key with which an authority votes. */
export const authorityKey = newtype("sp_consensus_grandpa::app::Public", fixedBytes(32), "ed25519::Public");
const authoritySignature = newtype(
  "sp_consensus_grandpa::app::Signature",
  fixedBytes(64),
  "ed25519::Signature",
);

/** Keys and weights of a set, in the order in which the set was announced. */
export const authorityList = vec(tuple(authorityKey, u64));
export type AuthorityList = Value<typeof authorityList>;

const scheduledChange = struct(
  "sp_consensus_grandpa::ScheduledChange",
  { next_authorities: alias(authorityList, "AuthorityList"), delay: alias(u32, "N") },
  [{ name: "N", type: u32.type }],
);

/** What a `FRNK` consensus item holds; of Substrate's five kinds this chain writes one. */
export const consensusLog = tagged(
  "sp_consensus_grandpa::ConsensusLog",
  { ScheduledChange: scheduledChange },
  { indices: [1], params: [{ name: "N", type: u32.type }] },
);

/** What is voted for, as a field of each kind of vote. */
const target = { target_hash: alias(hash, "H"), target_number: alias(u32, "N") };
const ofChain = [
  { name: "H", type: hash.type },
  { name: "N", type: u32.type },
];
export const prevote = struct("finality_grandpa::Prevote", target, ofChain);
export const precommit = struct("finality_grandpa::Precommit", target, ofChain);
/** A block by hash and number. */
export type VoteTarget = Value<typeof prevote>;

/** A vote of any kind, as it is signed. */
export const voteMessage = tagged("finality_grandpa::Message", {
  Prevote: record(target),
  Precommit: record(target),
  PrimaryPropose: record(target),
});
export type VoteMessage = Value<typeof voteMessage>;

/** The bytes that a voter signs. Round and set are part of them, so no vote counts elsewhere. */
export const votePayload = (message: VoteMessage, round: bigint, setId: bigint): Uint8Array =>
  concatBytes(encode(voteMessage, message), encode(u64, round), encode(u64, setId));

const twoVotes = (vote: Codec<VoteTarget>) => {
  const signed = alias(tuple(vote, authoritySignature), "(V, S)");
  const params = [
    { name: "Id", type: authorityKey.type },
    { name: "V", type: vote.type },
    { name: "S", type: authoritySignature.type },
  ];
  const fields = {
    round_number: u64,
    identity: alias(authorityKey, "Id"),
    first: signed,
    second: signed,
  };
  return struct("finality_grandpa::Equivocation", fields, params);
};

/** Two votes of one kind by one authority in one round of one set. */
export const equivocationProof = struct(
  "sp_consensus_grandpa::EquivocationProof",
  {
    set_id: alias(u64, "SetId"),
    equivocation: alias(
      tagged(
        "sp_consensus_grandpa::Equivocation",
        { Prevote: twoVotes(prevote), Precommit: twoVotes(precommit) },
        { params: ofChain },
      ),
      "Equivocation<H, N>",
    ),
  },
  ofChain,
);
export type EquivocationProof = Value<typeof equivocationProof>;

import { constant } from "../../runtime/frame/constant.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec, vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { newtype, struct, tuple } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { authorityKey, authorityList } from "../../runtime/primitives/grandpa.ts";
import { docs } from "./docs.ts";

const maxAuthorities = 1_000;
/** More than the 42 epochs for which a live chain keeps unbonding stake, each with at most one new set. */
const maxSets = 64;

// The names of FRAME's type; the bound is kept by `setAuthorities`.
const storedAuthorities = newtype(
  "bounded_collections::weak_bounded_vec::WeakBoundedVec",
  authorityList,
  "Vec<T>",
  [{ name: "T", type: authorityList.item.type }, { name: "S" }],
);

/** A proven double vote that nobody has punished yet. */
const offence = struct("pallet_grandpa::Offence", {
  offender: accountId,
  /** Who is rewarded, if anybody. */
  reporter: option(accountId),
  /** BLAKE2b-256 of the encoded proof. */
  evidence: alias(fixedBytes(32), "[u8; 32]"),
  set_id: u64,
  round: u64,
});
export type Offence = Value<typeof offence>;

const self = schema("Grandpa", {
  docs,
  storage: {
    CurrentSetId: value(u64, 0n),
    Authorities: value(storedAuthorities, []),
    Members: map(twox64Concat(u64), boundedVec(tuple(authorityKey, accountId), maxAuthorities)),
    Reported: doubleMap(twox64Concat(u64), blake2Concat(authorityKey), u64),
    Offences: value(vec(offence), []),
  },
  events: { NewAuthorities: { authority_set: alias(authorityList, "AuthorityList") } },
  errors: {
    InvalidKeyOwnershipProof:
      "The key belonged to no trainer in that authority set, or the set is too long ago.",
    InvalidEquivocationProof: "These are not two different votes of one round, both signed by that key.",
    DuplicateOffenceReport: "A double vote of this key in this authority set was reported already.",
  },
  constants: {
    MaxAuthorities: constant(u32, maxAuthorities),
    MaxSets: constant(u64, BigInt(maxSets)),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

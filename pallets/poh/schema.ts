import { constant, parameter } from "../../runtime/frame/constant.ts";
import { twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map, value } from "../../runtime/frame/storage-item.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec, vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct, tuple } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { docs } from "./docs.ts";

const maxAuthorities = 1000;

/** A trainer that may author blocks: its sr25519 key, and its weight in uut per day as it was when the list was frozen. */
const authority = struct("pallet_poh::Authority", {
  trainer: accountId,
  key: fixedBytes(32),
  weight: u128,
});
export type Authority = Value<typeof authority>;
/** A list in the order by which headers name its members. */
export const authorityList = boundedVec(authority, maxAuthorities);

const offenceKind = unitEnum("pallet_poh::OffenceKind", ["BlockEquivocation"]);

/** A fault that was proven here, to be punished where the bonds are. */
const offence = struct("pallet_poh::Offence", {
  offender: accountId,
  reporter: option(accountId),
  kind: offenceKind,
  /** BLAKE2b-256 of the two headers, one after the other. */
  evidence: hash,
  slot: u64,
});
export type Offence = Value<typeof offence>;

const account = alias(accountId, "T::AccountId");
const bytes32 = fixedBytes(32);
const zeros = new Uint8Array(32);

const self = schema("Poh", {
  docs,
  storage: {
    GenesisSlot: value(u64),
    EpochIndex: value(u64, 0n),
    EpochStartBlock: value(u32, 0),
    CurrentSlot: value(u64, 0n),
    Authorities: value(authorityList, []),
    NextAuthorities: value(authorityList, []),
    PlannedAuthorities: value(authorityList, []),
    PastAuthorities: map(twox64Concat(u64), authorityList),
    Randomness: value(bytes32, zeros),
    NextRandomness: value(bytes32, zeros),
    BlockRandomness: value(bytes32, zeros),
    Outputs: map(twox64Concat(u32), vec(bytes32), []),
    OutputCount: value(u32, 0),
    Offenders: map(twox64Concat(u64), vec(accountId), []),
    Offences: value(vec(offence), []),
  },
  events: {
    EpochStarted: { epoch: u64, start_slot: alias(u64, "Slot"), randomness: bytes32 },
    EquivocationReported: {
      offender: account,
      reporter: alias(option(accountId), "Option<T::AccountId>"),
      slot: alias(u64, "Slot"),
      evidence: alias(hash, "T::Hash"),
    },
  },
  errors: {
    NotAClaim: "One of the headers claims no slot, or has no seal.",
    NoConflict: "The headers are of different slots or trainers, or they are one and the same.",
    UnknownEpoch: "The slot lies in an epoch whose authorities are not known: too old, or yet to come.",
    UnknownTrainer: "The epoch's list has no trainer in this place.",
    BadSeal: "One of the headers is not sealed with the trainer's key.",
    AlreadyReported: "This trainer is punished for this epoch already.",
  },
  constants: {
    EpochLength: parameter(u64, 4_800n),
    MaxAuthorities: constant(u32, maxAuthorities),
    /** Two weeks of the live chain, for which a bond stays within reach. */
    HistoryDepth: constant(u64, 42n),
    PrimaryChance: constant(tuple(u64, u64), [1n, 4n]),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

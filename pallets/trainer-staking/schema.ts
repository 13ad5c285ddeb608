import { constant, governed, parameter } from "../../runtime/frame/constant.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { record, struct } from "../../runtime/primitives/codec-struct.ts";
import { tagged, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { docs } from "./docs.ts";

const maxChunks = 32;
/** One MAI. */
const unit = 1_000_000_000_000n;

/** Why something was taken from a trainer. New reasons go to the end: the position is the wire form. */
const slashReason = unitEnum("pallet_trainer_staking::SlashReason", [
  "BlockEquivocation",
  "VoteEquivocation",
  "ChallengeFailed",
  "FalseResult",
  "ResultNotRevealed",
  "ProofRejected",
  "DeadlineMissed",
  "WrongVerdict",
  "VerdictNotRevealed",
  "CanaryFailed",
  "AppealLost",
]);
export type SlashReason = Value<typeof slashReason>;

/** What the fault happened in: enough to find everything else about it. New ones go to the end. */
const slashSubject = tagged("pallet_trainer_staking::SlashSubject", {
  /** The slot for which two blocks were made. */
  Slot: u64,
  /** The round of finality, of one set of voters, in which two votes were cast. */
  Round: record({ set_id: u64, round: u64 }),
  /** The machine whose challenge was answered wrongly. */
  Machine: fixedBytes(16),
  Unit: record({ task: u32, unit: u32 }),
  Order: u32,
});
export type SlashSubject = Value<typeof slashSubject>;

const publicKey = fixedBytes(32);

const trainer = struct("pallet_trainer_staking::Trainer", {
  /** What works for it: on hold, and not unbonding. */
  bond: u128,
  /** What its machines need, as `Machines` says. */
  required: u128,
  poh_key: publicKey,
  gran_key: publicKey,
  chilled: bool,
  /** Without weight and work in epochs below this one. */
  suspended_before: u64,
});
export type Trainer = Value<typeof trainer>;

/** Part of a former bond; it can be withdrawn from the first block of `epoch` on. */
const chunk = struct("pallet_trainer_staking::UnbondingChunk", { value: u128, epoch: u64 });
export type Chunk = Value<typeof chunk>;

const maxRecentSlashes = 8;
/** What was taken from an account lately, and in which block. */
export const pastSlash = struct("pallet_trainer_staking::PastSlash", {
  block: u32,
  reason: slashReason,
  subject: slashSubject,
  amount: u128,
  evidence: fixedBytes(32),
});

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const poh_key = publicKey;
const gran_key = publicKey;

const self = schema("TrainerStaking", {
  docs,
  holdReasons: ["Bond"],
  storage: {
    Trainers: map(blake2Concat(accountId), trainer),
    CounterForTrainers: value(u32, 0),
    Unbonding: map(blake2Concat(accountId), boundedVec(chunk, maxChunks), []),
    KeyOwner: doubleMap(twox64Concat(fixedBytes(4)), blake2Concat(publicKey), accountId),
    SealingKeys: map(blake2Concat(accountId), publicKey),
    RecentSlashes: map(blake2Concat(accountId), boundedVec(pastSlash, maxRecentSlashes), []),
  },
  events: {
    Registered: { trainer: account, bond: amount, poh_key, gran_key },
    Bonded: { trainer: account, amount },
    Unbonded: { trainer: account, amount, epoch: u64 },
    Withdrawn: { trainer: account, amount },
    KeysSet: { trainer: account, poh_key, gran_key },
    Chilled: { trainer: account },
    Resumed: { trainer: account },
    Deregistered: { trainer: account },
    SealingKeySet: { trainer: account, key: publicKey },
    Slashed: {
      trainer: account,
      reason: slashReason,
      subject: slashSubject,
      amount,
      evidence: fixedBytes(32),
    },
  },
  errors: {
    AlreadyRegistered: "The account is a trainer already.",
    NotRegistered: "The account is no trainer.",
    TooManyTrainers: "There are as many trainers as `MaxTrainers` allows.",
    BondTooLow: "A trainer's bond is at least `MinBond`.",
    BondRequired: "The trainer's machines need this bond: remove machines first.",
    AmountZero: "The amount is zero.",
    KeyInUse: "A trainer, perhaps this one, has this session key already.",
    InvalidProof:
      'The proof is not a signature by each of the two keys, in their order, over "POP_" and the account\'s 32 bytes.',
    TooManyChunks: "So many parts of the bond are unbonding that some must be withdrawn first.",
    NothingToWithdraw: "Nothing has finished unbonding.",
    AlreadyChilled: "The trainer has chilled already.",
    NotChilled: "The trainer has not chilled.",
    UnusableKey: "Nothing can be sealed to this key: it is a point of small order of Curve25519.",
  },
  constants: {
    /** 100 MAI unless the chain specification or a vote says otherwise: from 1 to 100,000. */
    MinBond: governed(u128, 100n * unit, unit, 100_000n * unit),
    /** 14 days of a live chain, whose epochs last 8 hours. */
    UnbondingEpochs: parameter(u32, 42),
    MaxTrainers: constant(u32, 1_000),
    MaxUnbondingChunks: constant(u32, maxChunks),
    EquivocationSlash: constant(u32, 50_000),
    ReporterShare: constant(u32, 100_000),
    SuspensionEpochs: constant(u32, 2),
    MaxRecentSlashes: constant(u32, maxRecentSlashes),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/** The reason under which a bond is held, all that is unbonding included. */
export const bondReason = { type: "TrainerStaking", value: "Bond" } as const;

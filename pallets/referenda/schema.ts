import { constant, governed, parameter } from "../../runtime/frame/constant.ts";
import { dispatchOutcome } from "../../runtime/frame/dispatch-outcome.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { alias, encode, type Value } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { weight, weightCodec } from "../../runtime/primitives/weight.ts";
import { docs } from "./docs.ts";

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const block = alias(u32, "BlockNumberFor<T>");
const index = alias(u32, "ReferendumIndex");

const tally = struct("pallet_referenda::Tally", { ayes: amount, nays: amount });
export type Tally = Value<typeof tally>;

const referendum = struct("pallet_referenda::Referendum", {
  proposer: account,
  deposit: amount,
  /** The block at whose start the votes are counted. */
  end: block,
  tally,
});

const vote = struct("pallet_referenda::Vote", { aye: bool, bonded: amount, locked: amount });
export type Vote = Value<typeof vote>;

/** What happens next: votes are counted, the proposal is enacted, or only locks remain to be released. */
const stage = unitEnum("pallet_referenda::Stage", ["Voting", "Approved", "Ended"]);
const openReferendum = struct("pallet_referenda::OpenReferendum", { index, stage, due: block });
export type OpenReferendum = Value<typeof openReferendum>;

const maxOpen = 16;

const self = schema("Referenda", {
  docs,
  holdReasons: ["Deposit", "Vote"],
  storage: {
    ReferendumCount: value(u32, 0),
    Open: value(boundedVec(openReferendum, maxOpen), []),
    ReferendumInfo: map(twox64Concat(u32), referendum),
    Proposals: map(twox64Concat(u32), runtimeCall),
    Votes: doubleMap(twox64Concat(u32), blake2Concat(accountId), vote),
  },
  events: {
    Proposed: { index, proposer: account, proposal: runtimeCall, deposit: amount, end: block },
    Voted: { index, voter: account, aye: bool, bonded: amount, locked: amount, tally },
    VoteRemoved: { index, voter: account, tally },
    Approved: { index, tally, needed: amount, enactment: block, proposer: account, deposit: amount },
    Rejected: { index, tally, needed: amount, proposer: account, deposit: amount, forfeited: bool },
    Canceled: { index, by: alias(option(accountId), "Option<T::AccountId>"), proposer: account },
    Enacted: { index, result: dispatchOutcome },
    VoteReleased: { index, voter: account, locked: amount },
    ParameterChanged: { parameter: bytes, old: u128, new: u128 },
  },
  errors: {
    TooManyOpen: "As many referenda are open as `MaxOpen` allows.",
    ProposalTooLong: "The proposal is longer than `MaxProposalLength`.",
    ProposalTooHeavy: "The proposal weighs more than `MaxProposalWeight`.",
    NotOpen: "There is no such referendum, or it has ended.",
    VotingEnded: "Its votes have been counted.",
    StakeTooSmall: "A vote counts at least `MinStake`, bonded and locked together.",
    NoVote: "This account has not voted on it.",
    NotProposer: "While votes are cast, only the proposer or root may cancel; after that, only root.",
    UnknownParameter: "No parameter that votes may change has this name.",
    OutOfBounds: "The parameter must stay within its bounds.",
  },
  constants: {
    /** A week of slots of six seconds: at most half of the time for which unbonding stake stays. */
    VotingPeriod: parameter(u32, 100_800),
    /** A day. */
    EnactmentDelay: parameter(u32, 14_400),
    /** 5 %. */
    MinSupport: governed(u32, 50_000, 10_000, 500_000),
    SubmissionDeposit: constant(u128, 10_000_000_000_000n),
    MinStake: constant(u128, 1_000_000_000_000n),
    MaxOpen: constant(u32, maxOpen),
    MaxProposalLength: constant(u32, 16_384),
    /** A tenth of a block: what is left free for what happens when it begins. */
    MaxProposalWeight: constant(weightCodec, weight(200_000_000_000n, 2n ** 64n - 1n)),
    MaxReleasedPerBlock: constant(u32, 50),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/** Under which topic the events of a referendum are found, besides the account that they are about. */
export const referendumTopic = (index: number): Uint8Array =>
  blake2_256(concatBytes(textBytes("referendum"), encode(u32, index)));

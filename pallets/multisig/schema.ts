import { constant } from "../../runtime/frame/constant.ts";
import { dispatchOutcome } from "../../runtime/frame/dispatch-outcome.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap } from "../../runtime/frame/storage-item.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { stateDeposit } from "../balances/index.ts";
import { docs } from "./docs.ts";

const maxSignatories = 100;

/** The extrinsic that opened an operation, by block and position. */
export const timepoint = struct(
  "pallet_multisig::Timepoint",
  { height: alias(u32, "BlockNumber"), index: u32 },
  [{ name: "BlockNumber", type: u32.type }],
);
export type Timepoint = Value<typeof timepoint>;

/** An operation under way. */
const operation = struct(
  "pallet_multisig::Multisig",
  {
    when: alias(timepoint, "Timepoint<BlockNumber>"),
    deposit: alias(u128, "Balance"),
    /** Who opened it, and owns the deposit. */
    depositor: alias(accountId, "AccountId"),
    /** Who has approved so far, sorted. */
    approvals: alias(boundedVec(accountId, maxSignatories), "BoundedVec<AccountId, MaxApprovals>"),
  },
  [
    { name: "BlockNumber", type: u32.type },
    { name: "Balance", type: u128.type },
    { name: "AccountId", type: accountId.type },
    { name: "MaxApprovals" },
  ],
);
export type Operation = Value<typeof operation>;

const account = alias(accountId, "T::AccountId");
const when = alias(timepoint, "Timepoint<BlockNumberFor<T>>");
const call_hash = alias(fixedBytes(32), "CallHash");
const amount = alias(u128, "BalanceOf<T>");

const self = schema("Multisig", {
  docs,
  storage: {
    Multisigs: doubleMap(twox64Concat(accountId), blake2Concat(fixedBytes(32)), operation),
  },
  events: {
    NewMultisig: { approving: account, multisig: account, call_hash },
    MultisigApproval: { approving: account, timepoint: when, multisig: account, call_hash },
    MultisigExecuted: {
      approving: account,
      timepoint: when,
      multisig: account,
      call_hash,
      result: dispatchOutcome,
    },
    MultisigCancelled: { cancelling: account, timepoint: when, multisig: account, call_hash },
    DepositPoked: { who: account, call_hash, old_deposit: amount, new_deposit: amount },
  },
  errors: {
    MinimumThreshold: "The threshold is at least 2.",
    AlreadyApproved: "This signatory has approved the call already.",
    NoApprovalsNeeded: "The call needs no more approvals.",
    TooFewSignatories: "There must be other signatories.",
    TooManySignatories: "There are more signatories than `MaxSignatories`.",
    SignatoriesOutOfOrder: "The other signatories must be sorted, each named once.",
    SenderInSignatories: "The sender is not to be among the other signatories.",
    NotFound: "There is no such operation.",
    NotOwner: "Only who opened the operation may cancel it or change its deposit.",
    NoTimepoint: "The operation is under way: its timepoint must be given.",
    WrongTimepoint: "The operation under way has another timepoint.",
    UnexpectedTimepoint: "No operation is under way: there is no timepoint to give.",
    MaxWeightTooLow: "The call weighs more than `max_weight`.",
    AlreadyStored: "The call is stored already.",
  },
  constants: {
    /** For an entry with its key and all but the approvals. */
    DepositBase: constant(u128, stateDeposit(1n, 88n)),
    /** For each approval that is needed. */
    DepositFactor: constant(u128, stateDeposit(0n, 32n)),
    MaxSignatories: constant(u32, maxSignatories),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

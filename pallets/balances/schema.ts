import { constant } from "../../runtime/frame/constant.ts";
import { blake2Concat } from "../../runtime/frame/hasher.ts";
import { runtimeFreezeReason, runtimeHoldReason } from "../../runtime/frame/reason.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map, value } from "../../runtime/frame/storage-item.ts";
import { accountId, balance } from "../../runtime/primitives/account.ts";
import { alias, type Codec, type Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec, vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { newtype, struct } from "../../runtime/primitives/codec-struct.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { accountData, emptyAccount } from "../system/index.ts";
import { docs } from "./docs.ts";

const account = alias(accountId, "T::AccountId");
const amountField = alias(u128, "Balance");

/** What a lock stops: fees, all else, or both. */
const lockReasons = unitEnum("pallet_balances::types::Reasons", ["Fee", "Misc", "All"]);
export type LockReasons = Value<typeof lockReasons>;

const balanceLock = struct(
  "pallet_balances::types::BalanceLock",
  { id: alias(fixedBytes(8), "LockIdentifier"), amount: amountField, reasons: alias(lockReasons, "Reasons") },
  [{ name: "Balance", type: u128.type }],
);
// Locks are not bounded: more than `MaxLocks` only weigh more.
const locks = newtype("bounded_collections::weak_bounded_vec::WeakBoundedVec", vec(balanceLock), "Vec<T>", [
  { name: "T", type: balanceLock.type },
  { name: "S" },
]);

const reserveIdentifier = fixedBytes(8);
const reserveData = struct(
  "pallet_balances::types::ReserveData",
  { id: alias(reserveIdentifier, "ReserveIdentifier"), amount: amountField },
  [
    { name: "ReserveIdentifier", type: reserveIdentifier.type },
    { name: "Balance", type: u128.type },
  ],
);

const idAmount = <T>(id: Codec<T>) =>
  struct("frame_support::traits::tokens::misc::IdAmount", { id: alias(id, "Id"), amount: amountField }, [
    { name: "Id", type: id.type },
    { name: "Balance", type: u128.type },
  ]);

const status = alias(
  unitEnum("frame_support::traits::tokens::misc::BalanceStatus", ["Free", "Reserved"]),
  "Status",
);

const maxLocks = 50;
const maxReserves = 50;
/** One byte numbers a pallet's reasons, and the runtime's reasons bound the list further. */
const maxReasons = 256;

const who = account;
const amount = balance;

const self = schema("Balances", {
  docs,
  storage: {
    TotalIssuance: value(u128, 0n),
    InactiveIssuance: value(u128, 0n),
    // Empty: balances are part of the system pallet's records.
    Account: map(blake2Concat(accountId), accountData, emptyAccount().data),
    Locks: map(blake2Concat(accountId), locks, []),
    Reserves: map(blake2Concat(accountId), boundedVec(reserveData, maxReserves), []),
    Holds: map(blake2Concat(accountId), boundedVec(idAmount(runtimeHoldReason), maxReasons), []),
    Freezes: map(blake2Concat(accountId), boundedVec(idAmount(runtimeFreezeReason), maxReasons), []),
  },
  events: {
    Endowed: { account, free_balance: amount },
    DustLost: { account, amount },
    Transfer: { from: account, to: account, amount },
    BalanceSet: { who, free: amount },
    Reserved: { who, amount },
    Unreserved: { who, amount },
    ReserveRepatriated: { from: account, to: account, amount, destination_status: status },
    Deposit: { who, amount },
    Withdraw: { who, amount },
    Slashed: { who, amount },
    Minted: { who, amount },
    Burned: { who, amount },
    Suspended: { who, amount },
    Restored: { who, amount },
    Upgraded: { who },
    Issued: { amount },
    Rescinded: { amount },
    Locked: { who, amount },
    Unlocked: { who, amount },
    Frozen: { who, amount },
    Thawed: { who, amount },
    TotalIssuanceForced: { old: amount, new: amount },
  },
  errors: {
    VestingBalance: "What the account holds has not vested yet.",
    LiquidityRestrictions: "Locks or freezes forbid to take this from the account.",
    InsufficientBalance: "The account does not have this much.",
    ExistentialDeposit: "The amount is less than an account must hold to exist.",
    Expendability: "The account would end by this payment.",
    ExistingVestingSchedule: "The account has a vesting schedule already.",
    DeadAccount: "The beneficiary does not exist.",
    TooManyReserves: "The account has as many named reserves as `MaxReserves` allows.",
    TooManyHolds: "The account has holds for all reasons that there are.",
    TooManyFreezes: "The account has as many freezes as `MaxFreezes` allows.",
    IssuanceDeactivated: "Issuance may not drop below what is inactive.",
    DeltaZero: "The difference is zero.",
  },
  constants: {
    /** A thousandth of a token. */
    ExistentialDeposit: constant(u128, 1_000_000_000n),
    MaxLocks: constant(u32, maxLocks),
    MaxReserves: constant(u32, maxReserves),
    MaxFreezes: constant(u32, 16),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

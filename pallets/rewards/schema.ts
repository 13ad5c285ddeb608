import { constant, parameter } from "../../runtime/frame/constant.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, value } from "../../runtime/frame/storage-item.ts";
import { accountId, palletAccount } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { bucketCodec, emptyBucket } from "./bucket.ts";
import { docs } from "./docs.ts";
import { halvingMs, initialReward } from "./emission.ts";

/** What an account's vesting rewards add up to. Live buckets hold `live`; `ended` are those that have vested whole. */
const ledger = struct("pallet_rewards::Ledger", { live: u128, ended: u128, released: u128 });
export type Ledger = Value<typeof ledger>;

/** A round of drilling that is being paid: so much for so much work. */
const payout = struct("pallet_rewards::Payout", { round: u32, pot: u128, work: u128 });
export type Payout = Value<typeof payout>;

const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");
const block = alias(u32, "BlockNumberFor<T>");

const self = schema("Rewards", {
  docs,
  holdReasons: ["Vesting"],
  storage: {
    BlockReward: value(u128, initialReward),
    Ledgers: map(blake2Concat(accountId), ledger, { live: 0n, ended: 0n, released: 0n }),
    Buckets: doubleMap(blake2Concat(accountId), twox64Concat(u32), bucketCodec, emptyBucket),
    Round: value(u32, 0),
    RoundWork: value(u128, 0n),
    Work: doubleMap(twox64Concat(u32), blake2Concat(accountId), u128, 0n),
    Paying: value(payout),
  },
  events: {
    RewardChanged: { epoch: u64, reward: amount },
    BlockRewarded: {
      author: account,
      reward: amount,
      author_share: amount,
      vesting: amount,
      drilling_pool: amount,
      treasury: amount,
    },
    DrillingRoundClosed: { round: u32, pot: amount, work: u128 },
    DrillingRewarded: { trainer: account, round: u32, work: u128, amount, vesting: amount },
    DrillingRewardSkipped: { trainer: account, round: u32, work: u128, amount },
    VestingScheduled: { who: account, amount, start: block, end: block },
    VestingForfeited: { who: account, amount },
    VestingClaimed: { who: account, amount, remaining: amount },
  },
  errors: {
    NothingVested: "Nothing has vested since the last claim.",
  },
  constants: {
    InitialReward: constant(u128, initialReward),
    HalvingPeriod: constant(u64, halvingMs),
    /** 180 days of blocks of six seconds. */
    VestingPeriod: parameter(u32, 2_592_000),
    AuthorPercent: constant(u8, 80),
    DrillingPercent: constant(u8, 10),
    TreasuryPercent: constant(u8, 10),
    FreePercent: constant(u8, 25),
    PoolAccount: constant(accountId, palletAccount("py/drill")),
    MaxPaidPerBlock: constant(u32, 50),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/**
 * Rewards come with every block, and a schedule for each would fill the state. All of one account that fall into one
 * window of blocks share a bucket, which vests as one reward given at their mean block:
 * `sum(a_i (t - t_i) / P) = (A t - sum(a_i t_i)) / P`. That is the exact sum until the first of them has vested whole;
 * from there to the end of the last the bucket is ahead by at most `A * window / (4 P)`, less than 1 % of it.
 */
import { floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";

/** Rewards of one window: their sum, and the sum of each times its distance in blocks from the window's start. */
export const bucketCodec = struct("pallet_rewards::Bucket", { amount: u128, moment: u128 });
export type Bucket = Value<typeof bucketCodec>;
export const emptyBucket: Bucket = { amount: 0n, moment: 0n };

/** So many windows span a vesting period. */
const windows = 30;

/** Blocks of one window. */
export const windowOf = (period: number): number => Math.ceil(period / windows);
/** The window that a block lies in. */
export const bucketNumber = (block: number, period: number): number => Math.floor(block / windowOf(period));

/** The bucket with a reward of this block added. */
export const withReward = ({ amount, moment }: Bucket, reward: bigint, offset: number): Bucket => ({
  amount: amount + reward,
  moment: moment + reward * BigInt(offset),
});

/** The bucket with `cut` of its rewards taken away, of each alike. */
export function withoutPart({ amount, moment }: Bucket, cut: bigint): Bucket {
  const left = amount - cut;
  return { amount: left, moment: amount === 0n ? 0n : (moment * left) / amount };
}

/** What of bucket `number` has vested at `block`, rounded down; all of it only after its window is over. */
export function vestedOf({ amount, moment }: Bucket, number: number, block: number, period: number): bigint {
  const elapsed = BigInt(block) - BigInt(number) * BigInt(windowOf(period));
  return smallerOf(amount, floorSub(amount * elapsed, moment) / BigInt(period));
}

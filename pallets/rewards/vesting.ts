/** Rewards that vest: on hold, in buckets, with a ledger of what they add up to. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import { balanceOnHold, hold, release } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import { type Bucket, bucketNumber, vestedOf, windowOf, withoutPart, withReward } from "./bucket.ts";
import { constants, errors, events, type Ledger, storage } from "./schema.ts";

export const vestingReason = { type: "Rewards", value: "Vesting" } as const;

/**
 * Puts `amount` of what `who` has just been paid on hold, to vest from this block on. Throws where the account cannot
 * have it on hold; then the caller undoes the payment, too.
 */
export function scheduleVesting(ctx: Ctx, who: AccountId, amount: bigint): void {
  const start = blockNumber(ctx);
  const period = constants.VestingPeriod(ctx);
  const number = bucketNumber(start, period);
  let ledger = reconciled(ctx, who);
  // Once in a window what has ended is swept up, so that even who never claims keeps few buckets.
  if (!storage.Buckets.exists(ctx, who, number)) ({ ledger } = withEndedFolded(ctx, who, ledger));
  hold(ctx, vestingReason, who, amount);
  const offset = start - number * windowOf(period);
  storage.Buckets.mutate(ctx, who, number, (bucket) => withReward(bucket, amount, offset));
  storage.Ledgers.set(ctx, who, { ...ledger, live: ledger.live + amount });
  events.VestingScheduled(ctx, { who, amount, start, end: start + period }, [who]);
}

/** Frees all that has vested and was not claimed before. Throws `NothingVested`. */
export function claimVested(ctx: Ctx, who: AccountId): void {
  const { ledger, vesting } = withEndedFolded(ctx, who, reconciled(ctx, who));
  const due = dueOf(ledger, vesting);
  ensure(due > 0n, errors.NothingVested);
  release(ctx, vestingReason, who, due, "Exact");
  const released = ledger.released + due;
  // What has ended and was released needs to be remembered no longer.
  const settled = smallerOf(ledger.ended, released);
  store(ctx, who, { live: ledger.live, ended: ledger.ended - settled, released: released - settled });
  events.VestingClaimed(ctx, { who, amount: due, remaining: owed(ledger) - due }, [who]);
}

/**
 * What `who` could claim at this block, and what would still be on hold after it. Effects: those of a claim's look at
 * slashes, so only for queries, whose state is thrown away.
 */
export function vestingOf(ctx: Ctx, who: AccountId): { claimable: bigint; remaining: bigint } {
  const { ledger, vesting } = withEndedFolded(ctx, who, reconciled(ctx, who));
  const claimable = dueOf(ledger, vesting);
  return { claimable, remaining: owed(ledger) - claimable };
}

/** What should be on hold, and is unless there was a slash. */
const owed = ({ live, ended, released }: Ledger): bigint => live + ended - released;

/** What can be claimed, where `vesting` of the live buckets has vested. */
const dueOf = ({ ended, released }: Ledger, vesting: bigint): bigint => floorSub(ended + vesting, released);

/**
 * The ledger with the buckets that have vested whole taken out of the state and counted as ended, and what the others
 * have vested so far.
 */
function withEndedFolded(ctx: Ctx, who: AccountId, ledger: Ledger): { ledger: Ledger; vesting: bigint } {
  const block = blockNumber(ctx);
  const period = constants.VestingPeriod(ctx);
  let { live, ended } = ledger;
  let vesting = 0n;
  for (const [, number, bucket] of storage.Buckets.iterate(ctx, who)) {
    const vested = vestedOf(bucket, number, block, period);
    if (vested === bucket.amount) {
      storage.Buckets.delete(ctx, who, number);
      live -= vested;
      ended += vested;
    } else vesting += vested;
  }
  return { ledger: { ...ledger, live, ended }, vesting };
}

/**
 * The ledger after what slashes took from the hold: the latest rewards lose it, since a slash reaches what has not
 * vested before what has. Effects: changes buckets and emits `VestingForfeited` where something is missing.
 */
function reconciled(ctx: Ctx, who: AccountId): Ledger {
  const ledger = storage.Ledgers.get(ctx, who);
  const missing = owed(ledger) - balanceOnHold(ctx, vestingReason, who);
  if (missing <= 0n) return ledger;
  let rest = missing;
  for (const [number, bucket] of latestFirst(ctx, who)) {
    if (rest === 0n) break;
    const cut = smallerOf(rest, bucket.amount);
    if (cut === bucket.amount) storage.Buckets.delete(ctx, who, number);
    else storage.Buckets.set(ctx, who, number, withoutPart(bucket, cut));
    rest -= cut;
  }
  const after = { ...ledger, live: ledger.live - (missing - rest), ended: ledger.ended - rest };
  store(ctx, who, after);
  events.VestingForfeited(ctx, { who, amount: missing }, [who]);
  return after;
}

const latestFirst = (ctx: ReadCtx, who: AccountId): [number: number, bucket: Bucket][] =>
  [...storage.Buckets.iterate(ctx, who)]
    .map(([, number, bucket]): [number, Bucket] => [number, bucket])
    .sort(([a], [b]) => b - a);

function store(ctx: Ctx, who: AccountId, ledger: Ledger): void {
  if (ledger.live + ledger.ended === 0n) storage.Ledgers.delete(ctx, who);
  else storage.Ledgers.set(ctx, who, ledger);
}

/**
 * The drilling pool, paid in rounds of an epoch: work is collected as it is credited, and when an epoch begins the
 * pool is shared out in proportion to it, some trainers in each block. A round that is still being paid when the next
 * epoch begins lets the next round last for two.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import { transactional } from "../../runtime/frame/transactional.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { reducibleBalance, transfer } from "../balances/index.ts";
import { vestingPart } from "./emission.ts";
import { constants, events, type Payout, storage } from "./schema.ts";
import { scheduleVesting } from "./vesting.ts";

/** Ends the round, unless one is being paid, nobody worked, or the pool is empty: then it goes on. */
export function closeRound(ctx: Ctx): void {
  const work = storage.RoundWork.get(ctx);
  if (work === 0n || storage.Paying.exists(ctx)) return;
  const round = storage.Round.get(ctx);
  const pot = reducibleBalance(ctx, constants.PoolAccount, "Preserve", "Polite");
  if (pot === 0n) return;
  storage.Paying.set(ctx, { round, pot, work });
  storage.Round.set(ctx, round + 1);
  storage.RoundWork.delete(ctx);
  events.DrillingRoundClosed(ctx, { round, pot, work });
}

/** Pays the next trainers of the round that has ended; returns how many. */
export function payRound(ctx: Ctx): number {
  const payout = storage.Paying.get(ctx);
  if (payout === undefined) return 0;
  let paid = 0;
  for (const [, trainer, work] of storage.Work.iterate(ctx, payout.round)) {
    if (paid === constants.MaxPaidPerBlock) return paid;
    paid++;
    storage.Work.delete(ctx, payout.round, trainer);
    payShare(ctx, trainer, work, payout);
  }
  storage.Paying.delete(ctx);
  return paid;
}

/** Shares are rounded down, so that they never exceed the pot; what is left over stays in the pool. */
function payShare(ctx: Ctx, trainer: AccountId, work: bigint, { round, pot, work: all }: Payout): void {
  const amount = (pot * work) / all;
  const vesting = vestingPart(amount);
  try {
    transactional(ctx, () => {
      transfer(ctx, constants.PoolAccount, trainer, amount, "Preserve");
      if (vesting > 0n) scheduleVesting(ctx, trainer, vesting);
      events.DrillingRewarded(ctx, { trainer, round, work, amount, vesting }, [trainer]);
    });
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    events.DrillingRewardSkipped(ctx, { trainer, round, work, amount }, [trainer]);
  }
}

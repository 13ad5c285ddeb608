/** How fees move: taken whole before the call, corrected after it, shared between the author and nobody. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import { blockAuthor } from "../../runtime/primitives/digest.ts";
import { deposit, payCredit, totalBalance, withdraw, withdrawFault } from "../balances/index.ts";
import { readAccount, storage as system } from "../system/index.ts";
import { events } from "./schema.ts";

/** Whether `who` could pay `fee`, their account possibly ending by it. */
export const canWithdrawFee = (ctx: ReadCtx, who: AccountId, fee: bigint): boolean =>
  withdrawFault(ctx, readAccount(ctx, who), fee, true) === undefined;

/** Takes the fee, tip included, before the call runs; false, and nothing taken, if `who` cannot pay and live. */
export function withdrawFee(ctx: Ctx, who: AccountId, fee: bigint): boolean {
  if (fee === 0n) return true;
  try {
    withdraw(ctx, who, fee, "Exact", "Preserve", "Polite");
    return true;
  } catch (error) {
    if (error instanceof DispatchError) return false;
    throw error;
  }
}

/**
 * Settles the fee after the call: gives back what it did not cost, hands half of the fee and all of the tip to
 * the block's author, and burns the rest.
 */
export function settleFee(ctx: Ctx, who: AccountId, taken: bigint, actual: bigint, tip: bigint): void {
  if (taken > 0n) {
    let paid = taken;
    const refund = floorSub(taken, actual);
    // Nobody is paid back into an account that the call has ended.
    if (refund > 0n && totalBalance(ctx, who) > 0n) paid -= deposit(ctx, who, refund, "BestEffort");
    const tipPaid = smallerOf(tip, paid);
    const share = tipPaid + (paid - tipPaid) / 2n;
    payCredit(ctx, blockAuthor(system.Digest.get(ctx).logs), share, paid);
  }
  events.TransactionFeePaid(ctx, { who, actual_fee: actual, tip });
}

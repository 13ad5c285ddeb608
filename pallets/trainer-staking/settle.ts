import type { Ctx } from "../../runtime/frame/ctx.ts";
import { type AccountId, treasuryAccount } from "../../runtime/primitives/account.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { deposit, rescind } from "../balances/index.ts";

/** To whom how much. */
export type Share = readonly [who: AccountId, amount: bigint];

/**
 * Places a `credit` taken from a hold: the shares in their order as far as it reaches, then what is to be burned; of
 * the rest the treasury gets half, rounded down, and the other half is burned. A share too small to bring its account
 * into being counts as the rest.
 */
export function settle(ctx: Ctx, credit: bigint, shares: readonly Share[], burn = 0n): void {
  let left = credit;
  for (const [who, amount] of shares) left -= pay(ctx, who, smallerOf(amount, left));
  const free = left - smallerOf(burn, left);
  left -= pay(ctx, treasuryAccount, free / 2n);
  if (left > 0n) rescind(ctx, left);
}

const pay = (ctx: Ctx, who: AccountId, amount: bigint): bigint =>
  amount > 0n ? deposit(ctx, who, amount, "BestEffort") : 0n;

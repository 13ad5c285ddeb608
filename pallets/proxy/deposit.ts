import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { reserve, unreserve } from "../balances/index.ts";

/** What a list costs: `base` and `factor` for each item, nothing when it is empty. */
export interface Deposit {
  readonly base: bigint;
  readonly factor: bigint;
}

/** Makes the deposit of `who` fit a list of this length; returns the new deposit. */
export function moveDeposit(
  ctx: Ctx,
  who: AccountId,
  before: bigint,
  { base, factor }: Deposit,
  length: number,
): bigint {
  const after = length === 0 ? 0n : base + factor * BigInt(length);
  if (after > before) reserve(ctx, who, after - before);
  if (after < before) unreserve(ctx, who, before - after);
  return after;
}

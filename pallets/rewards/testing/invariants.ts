import { expect } from "vitest";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import type { AccountId } from "../../../runtime/primitives/account.ts";
import { balanceOnHold } from "../../balances/index.ts";
import { storage } from "../schema.ts";
import { vestingReason } from "../vesting.ts";

/**
 * What must hold between any two calls: buckets add up to the ledger, which says what is on hold, less what slashes
 * took since the account's last reward or claim; collected work adds up to its round.
 */
export function assertRewards(ctx: Ctx): void {
  for (const [who] of storage.Ledgers.keys(ctx)) {
    expect(heldBy(ctx, who)).toBeLessThanOrEqual(owedTo(ctx, who));
    let sum = 0n;
    for (const [, , { amount }] of storage.Buckets.iterate(ctx, who)) sum += amount;
    expect(sum).toBe(storage.Ledgers.get(ctx, who).live);
  }
  for (const [who] of storage.Buckets.keys(ctx)) expect(storage.Ledgers.exists(ctx, who)).toBe(true);
  let work = 0n;
  for (const [, , uut] of storage.Work.iterate(ctx, storage.Round.get(ctx))) work += uut;
  expect(work).toBe(storage.RoundWork.get(ctx));
}

/** What should be on hold for `who`, by its ledger. */
export function owedTo(ctx: Ctx, who: AccountId): bigint {
  const { live, ended, released } = storage.Ledgers.get(ctx, who);
  return live + ended - released;
}

const heldBy = (ctx: Ctx, who: AccountId): bigint => balanceOnHold(ctx, vestingReason, who);

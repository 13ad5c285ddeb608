/**
 * What the chain does with held funds by itself. Nothing here fails: an amount too small to bring an account into
 * being is burned, as dust is everywhere.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { Reason } from "../../runtime/frame/reason.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { burnHeld, depositFault, events, release, transferOnHold } from "../balances/index.ts";
import { readAccount } from "../system/index.ts";

/** The buyer's price. */
export const escrowReason = { type: "Marketplace", value: "Escrow" } as const;
/** The buyer's, for inspectors. */
export const feeReason = { type: "Marketplace", value: "InspectionFee" } as const;
/** The trainer's, for orders and standing bids. */
export const orderBondReason = { type: "Marketplace", value: "OrderBond" } as const;

/** Makes held funds free again for their owner; returns how much it can use. */
export function giveBack(ctx: Ctx, reason: Reason, who: AccountId, amount: bigint): bigint {
  if (amount === 0n) return 0n;
  if (canTake(ctx, who, amount)) return release(ctx, reason, who, amount, "BestEffort");
  burnOnHold(ctx, reason, who, amount);
  return 0n;
}

/** Pays from funds on hold; returns how much arrived. */
export function payFrom(ctx: Ctx, reason: Reason, from: AccountId, to: AccountId, amount: bigint): bigint {
  if (amount === 0n) return 0n;
  if (canTake(ctx, to, amount)) {
    return transferOnHold(ctx, reason, from, to, amount, "BestEffort", "Free", "Force");
  }
  burnOnHold(ctx, reason, from, amount);
  return 0n;
}

/** Burns funds on hold. */
export function burnOnHold(ctx: Ctx, reason: Reason, who: AccountId, amount: bigint): void {
  const burned = burnHeld(ctx, reason, who, amount, "BestEffort", "Force");
  if (burned > 0n) events.Burned(ctx, { who, amount: burned });
}

const canTake = (ctx: Ctx, who: AccountId, amount: bigint): boolean =>
  depositFault(ctx, readAccount(ctx, who), amount, "Extant") === undefined;

/** Reserves: funds set aside for deposits without a name, as they were before holds; multisig and proxy use them. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { arithmetic, ensure, token } from "../../runtime/frame/dispatch-error.ts";
import { transactional } from "../../runtime/frame/transactional.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { maxU128, smallerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { readAccount } from "../system/index.ts";
import { mutateAccount } from "./account.ts";
import { checkedAdd, reducibleOnHold } from "./inspect.ts";
import { constants, errors, events } from "./schema.ts";
import type { Destination, Fortitude, Precision } from "./terms.ts";

/** Whether `amount` could be reserved now. */
export function canReserve(ctx: ReadCtx, who: AccountId, amount: bigint): boolean {
  if (amount === 0n) return true;
  const { free, frozen } = readAccount(ctx, who).data;
  const left = free - amount;
  return left >= constants.ExistentialDeposit && left >= frozen;
}

/** Moves `amount` from free to reserved. Throws `InsufficientBalance` or `LiquidityRestrictions`. */
export function reserve(ctx: Ctx, who: AccountId, amount: bigint): void {
  if (amount === 0n) return;
  mutateAccount(ctx, who, (data) => {
    ensure(data.free >= amount, errors.InsufficientBalance);
    data.free -= amount;
    data.reserved = checkedAdd(data.reserved, amount);
    ensure(data.free >= data.frozen, errors.LiquidityRestrictions);
  });
  events.Reserved(ctx, { who, amount });
}

/** Moves up to `amount` from reserved to free; returns what was not there. */
export function unreserve(ctx: Ctx, who: AccountId, amount: bigint): bigint {
  const { free, reserved } = readAccount(ctx, who).data;
  if (amount === 0n || free + reserved === 0n) return amount;
  const freed = smallerOf(amount, reserved);
  mutateAccount(ctx, who, (data) => {
    data.reserved -= freed;
    data.free += freed;
  });
  events.Unreserved(ctx, { who, amount: freed });
  return amount - freed;
}

/** Takes reserved funds for the caller to place or rescind; returns what was taken and what was not there. */
export function slashReserved(ctx: Ctx, who: AccountId, amount: bigint): { taken: bigint; missing: bigint } {
  const { free, reserved } = readAccount(ctx, who).data;
  if (amount === 0n || free + reserved === 0n) return { taken: 0n, missing: amount };
  const taken = smallerOf(amount, reserved);
  mutateAccount(ctx, who, (data) => {
    data.reserved -= taken;
  });
  events.Slashed(ctx, { who, amount: taken });
  return { taken, missing: amount - taken };
}

/**
 * Moves reserved funds to another account that exists, to be free or reserved there; returns how much was moved.
 * Throws `DeadAccount`, or `FundsUnavailable` for an `Exact` amount that is not there.
 */
export function transferReserved(
  ctx: Ctx,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  precision: Precision,
  fortitude: Fortitude,
  destination: Destination,
): bigint {
  if (amount === 0n) return 0n;
  const max = reducibleOnHold(readAccount(ctx, from), fortitude);
  const moved = precision === "BestEffort" ? smallerOf(amount, max) : amount;
  ensure(moved <= max, () => token("FundsUnavailable"));
  if (equalBytes(from, to)) return destination === "Free" ? moved - unreserve(ctx, from, moved) : moved;
  transactional(ctx, () => {
    const target = readAccount(ctx, to).data;
    ensure(target.free + target.reserved + target.frozen > 0n, errors.DeadAccount);
    const before = destination === "Free" ? target.free : target.reserved;
    ensure(before + moved <= maxU128, () => arithmetic("Overflow"));
    mutateAccount(ctx, from, (data) => {
      data.reserved -= moved;
    });
    mutateAccount(ctx, to, (data) => {
      if (destination === "Free") data.free += moved;
      else data.reserved += moved;
    });
  });
  events.ReserveRepatriated(ctx, { from, to, amount: moved, destination_status: destination });
  return moved;
}

/** `transferReserved` of what can be moved, respecting freezes; returns what could not. */
export const repatriateReserved = (
  ctx: Ctx,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  destination: Destination,
): bigint => amount - transferReserved(ctx, from, to, amount, "BestEffort", "Polite", destination);

/**
 * Holds: funds set aside under a named reason, apart from the free balance, which the owner cannot spend and
 * the reason's pallet can always take. They are part of the account's reserved balance.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure, token } from "../../runtime/frame/dispatch-error.ts";
import { holdReasonCount, type Reason, sameReason } from "../../runtime/frame/reason.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { ceilAdd, floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import { type AccountData, readAccount } from "../system/index.ts";
import { mutateAccount, reduceIssuance } from "./account.ts";
import { checkedAdd, depositFault, reducible, reducibleOnHold } from "./inspect.ts";
import { errors, storage } from "./schema.ts";
import { decrease, increase } from "./supply.ts";
import type { Destination, Fortitude, Precision, Preservation } from "./terms.ts";

/** What `who` has on hold for `reason`. */
export const balanceOnHold = (ctx: Ctx, reason: Reason, who: AccountId): bigint =>
  storage.Holds.get(ctx, who).find((hold) => sameReason(hold.id, reason))?.amount ?? 0n;

/** Whether `who` could have (more) funds on hold for `reason`, as far as its references and slots go. */
export function holdAvailable(ctx: Ctx, reason: Reason, who: AccountId): boolean {
  if (readAccount(ctx, who).providers === 0) return false;
  const holds = storage.Holds.get(ctx, who);
  return holds.length < holdReasonCount() || holds.some((hold) => sameReason(hold.id, reason));
}

/** Puts `amount` of the free balance on hold, on top of what is there. Throws `FundsUnavailable` or `CannotCreateHold`. */
export function hold(ctx: Ctx, reason: Reason, who: AccountId, amount: bigint): void {
  ensure(amount <= reducible(readAccount(ctx, who), "Protect", "Force"), () => token("FundsUnavailable"));
  ensure(holdAvailable(ctx, reason, who), () => token("CannotCreateHold"));
  decrease(ctx, who, amount, "Exact", "Protect", "Force");
  increaseOnHold(ctx, reason, who, amount, "BestEffort");
}

/** Returns held funds to the free balance; returns how much was freed. */
export function release(
  ctx: Ctx,
  reason: Reason,
  who: AccountId,
  amount: bigint,
  precision: Precision,
): bigint {
  ensureDepositable(ctx, who, amount);
  const released = decreaseOnHold(ctx, reason, who, amount, precision);
  return increase(ctx, who, released, "BestEffort");
}

/** Holds or releases so that exactly `amount` is on hold. */
export function setOnHold(ctx: Ctx, reason: Reason, who: AccountId, amount: bigint): void {
  const held = balanceOnHold(ctx, reason, who);
  if (held < amount) hold(ctx, reason, who, amount - held);
  else if (held > amount) release(ctx, reason, who, held - amount, "Exact");
}

/** Destroys held funds; returns how much. Throws `Frozen` if freezes forbid an exact amount. */
export function burnHeld(
  ctx: Ctx,
  reason: Reason,
  who: AccountId,
  amount: bigint,
  precision: Precision,
  fortitude: Fortitude,
): bigint {
  const liquid = reducibleOnHold(readAccount(ctx, who), fortitude);
  ensure(precision === "BestEffort" || amount <= liquid, () => token("Frozen"));
  const wanted = smallerOf(amount, liquid);
  const burned = decreaseOnHold(ctx, reason, who, wanted, precision);
  reduceIssuance(ctx, burned);
  return burned;
}

/**
 * Takes held funds from `who` for the caller to place or rescind. Returns what was taken and what was not there
 * to take; never fails.
 */
export function slashHeld(
  ctx: Ctx,
  reason: Reason,
  who: AccountId,
  amount: bigint,
): { taken: bigint; missing: bigint } {
  const taken = decreaseOnHold(ctx, reason, who, amount, "BestEffort");
  return { taken, missing: amount - taken };
}

/** Moves held funds to another account, to be free or still held there; returns how much arrived. */
export function transferOnHold(
  ctx: Ctx,
  reason: Reason,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  precision: Precision,
  destination: Destination,
  fortitude: Fortitude,
): bigint {
  const held = balanceOnHold(ctx, reason, from);
  const liquid = reducibleOnHold(readAccount(ctx, from), fortitude);
  let moved = amount;
  if (precision === "BestEffort") moved = smallerOf(smallerOf(liquid, held), moved);
  else {
    ensure(amount <= liquid, () => token("Frozen"));
    ensure(amount <= held, () => token("FundsUnavailable"));
  }
  ensureDepositable(ctx, to, moved);
  ensure(destination === "Free" || holdAvailable(ctx, reason, to), () => token("CannotCreateHold"));
  moved = decreaseOnHold(ctx, reason, from, moved, precision);
  return destination === "Free"
    ? increase(ctx, to, moved, precision)
    : increaseOnHold(ctx, reason, to, moved, precision);
}

/** Moves free funds of `from` to `to`, where they are on hold; returns how much. */
export function transferAndHold(
  ctx: Ctx,
  reason: Reason,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  precision: Precision,
  preservation: Preservation,
  fortitude: Fortitude,
): bigint {
  ensure(holdAvailable(ctx, reason, to), () => token("CannotCreateHold"));
  ensureDepositable(ctx, to, amount);
  const moved = decrease(ctx, from, amount, precision, preservation, fortitude);
  return increaseOnHold(ctx, reason, to, moved, precision);
}

function ensureDepositable(ctx: Ctx, who: AccountId, amount: bigint): void {
  const fault = depositFault(ctx, readAccount(ctx, who), amount, "Extant");
  ensure(fault === undefined, () => token("CannotCreate"));
}

function decreaseOnHold(
  ctx: Ctx,
  reason: Reason,
  who: AccountId,
  amount: bigint,
  precision: Precision,
): bigint {
  const held = balanceOnHold(ctx, reason, who);
  ensure(precision === "BestEffort" || amount <= held, () => token("FundsUnavailable"));
  const taken = smallerOf(amount, held);
  setBalanceOnHold(ctx, reason, who, held - taken);
  return taken;
}

function increaseOnHold(
  ctx: Ctx,
  reason: Reason,
  who: AccountId,
  amount: bigint,
  precision: Precision,
): bigint {
  const held = balanceOnHold(ctx, reason, who);
  const after = precision === "BestEffort" ? ceilAdd(held, amount) : checkedAdd(held, amount);
  if (after !== held) setBalanceOnHold(ctx, reason, who, after);
  return after - held;
}

function setBalanceOnHold(ctx: Ctx, reason: Reason, who: AccountId, amount: bigint): void {
  const holds = storage.Holds.get(ctx, who);
  const at = holds.findIndex((hold) => sameReason(hold.id, reason));
  const held = holds[at]?.amount ?? 0n;
  ensure(at >= 0 || amount === 0n || holds.length < holdReasonCount(), errors.TooManyHolds);
  mutateAccount(ctx, who, (data: AccountData) => {
    data.reserved =
      amount > held ? checkedAdd(data.reserved, amount - held) : floorSub(data.reserved, held - amount);
  });
  const next = at >= 0 ? holds.with(at, { id: reason, amount }) : [...holds, { id: reason, amount }];
  const left = next.filter((hold) => hold.amount > 0n);
  if (left.length === 0) storage.Holds.delete(ctx, who);
  else storage.Holds.set(ctx, who, left);
}

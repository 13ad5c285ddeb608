/**
 * Adding to and taking from free balances. `mint` and `burn` change total issuance with them; `deposit` and
 * `withdraw` do not: their amounts are a debt or a credit that the caller settles with the other one, or with
 * `rescind` and `issue`, before its call ends.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure, token } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { ceilAdd, floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import { type AccountData, type AccountInfo, readAccount } from "../system/index.ts";
import { mutateAccount, reduceIssuance } from "./account.ts";
import { checkedAdd, depositFault, reducible } from "./inspect.ts";
import { constants, errors, events, storage } from "./schema.ts";
import type { Fortitude, Precision, Preservation } from "./terms.ts";

/** New tokens for `who`: exactly `amount`, or an error. */
export function mint(ctx: Ctx, who: AccountId, amount: bigint): bigint {
  checkedAdd(storage.TotalIssuance.get(ctx), amount);
  const minted = increase(ctx, who, amount, "Exact");
  storage.TotalIssuance.mutate(ctx, (issued) => ceilAdd(issued, minted));
  events.Minted(ctx, { who, amount });
  return minted;
}

/** Destroys tokens of `who`; returns how many. Throws `FundsUnavailable` if `Exact` and not all can go. */
export function burn(
  ctx: Ctx,
  who: AccountId,
  amount: bigint,
  preservation: Preservation,
  precision: Precision,
  fortitude: Fortitude,
): bigint {
  const available = reducible(readAccount(ctx, who), preservation, fortitude);
  ensure(amount <= available || precision === "BestEffort", () => token("FundsUnavailable"));
  const taken = smallerOf(amount, available);
  const burned = decrease(ctx, who, taken, "BestEffort", preservation, fortitude);
  reduceIssuance(ctx, burned);
  events.Burned(ctx, { who, amount: burned });
  return burned;
}

/** Takes `amount` out of circulation for the caller to place elsewhere; returns the credit. */
export function withdraw(
  ctx: Ctx,
  who: AccountId,
  amount: bigint,
  precision: Precision,
  preservation: Preservation,
  fortitude: Fortitude,
): bigint {
  const credit = decrease(ctx, who, amount, precision, preservation, fortitude);
  events.Withdraw(ctx, { who, amount: credit });
  return credit;
}

/** Gives `who` what the caller withdrew or issued; returns how much arrived. */
export function deposit(ctx: Ctx, who: AccountId, amount: bigint, precision: Precision): bigint {
  const added = increase(ctx, who, amount, precision);
  events.Deposit(ctx, { who, amount: added });
  return added;
}

/** Raises total issuance for the caller to `deposit`; returns by how much. */
export function issue(ctx: Ctx, amount: bigint): bigint {
  const before = storage.TotalIssuance.get(ctx);
  const after = ceilAdd(before, amount);
  storage.TotalIssuance.set(ctx, after);
  if (after > before) events.Issued(ctx, { amount: after - before });
  return after - before;
}

/** Lowers total issuance by what the caller withdrew; returns by how much. */
export function rescind(ctx: Ctx, amount: bigint): bigint {
  const before = storage.TotalIssuance.get(ctx);
  const after = floorSub(before, amount);
  storage.TotalIssuance.set(ctx, after);
  events.Rescinded(ctx, { amount: before - after });
  return before - after;
}

/** Counts `amount` of the issuance as inactive: votes measured against issuance leave it out. */
export function deactivate(ctx: Ctx, amount: bigint): void {
  const total = storage.TotalIssuance.get(ctx);
  storage.InactiveIssuance.mutate(ctx, (inactive) => smallerOf(inactive + amount, total));
}

/** The inverse of `deactivate`: at most all that is inactive counts as active again. */
export function reactivate(ctx: Ctx, amount: bigint): void {
  storage.InactiveIssuance.mutate(ctx, (inactive) => floorSub(inactive, amount));
}

/** Takes from the free balance without an event or a change of issuance; returns how much. */
export function decrease(
  ctx: Ctx,
  who: AccountId,
  amount: bigint,
  precision: Precision,
  preservation: Preservation,
  fortitude: Fortitude,
  info: AccountInfo = readAccount(ctx, who),
): bigint {
  const available = reducible(info, preservation, fortitude);
  ensure(amount <= available || precision === "BestEffort", () => token("FundsUnavailable"));
  const taken = smallerOf(amount, available);
  // What must stay for the sake of references binds even where locks do not.
  ensure(taken <= reducible(info, "Expendable", "Force"), errors.InsufficientBalance);
  const take = (data: AccountData) => {
    data.free -= taken;
  };
  mutateAccount(ctx, who, take, info);
  return taken;
}

/** Adds to the free balance without an event or a change of issuance; returns how much. */
export function increase(
  ctx: Ctx,
  who: AccountId,
  amount: bigint,
  precision: Precision,
  info: AccountInfo = readAccount(ctx, who),
): bigint {
  const before = info.data.free;
  const after = precision === "BestEffort" ? ceilAdd(before, amount) : checkedAdd(before, amount);
  if (after < constants.ExistentialDeposit) {
    ensure(precision === "BestEffort", () => token("BelowMinimum"));
    return 0n;
  }
  if (after === before) return 0n;
  const put = (data: AccountData) => {
    data.free = after;
  };
  mutateAccount(ctx, who, put, info);
  return after - before;
}

/**
 * Settles a credit that was withdrawn: `share` of it goes to `payee`, the rest is burned. All is burned without a
 * payee, or when the share is too small to bring the payee's account into being.
 */
export function payCredit(ctx: Ctx, payee: AccountId | undefined, share: bigint, credit: bigint): void {
  let rest = credit;
  if (payee && share > 0n) {
    const info = readAccount(ctx, payee);
    if (depositFault(ctx, info, share, "Extant") === undefined) {
      rest -= increase(ctx, payee, share, "Exact", info);
      events.Deposit(ctx, { who: payee, amount: share });
    }
  }
  if (rest > 0n) reduceIssuance(ctx, rest);
}

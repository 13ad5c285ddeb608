/**
 * Freezes: a floor, per identifier, under the account's whole balance. They overlap: the highest of all freezes
 * and locks counts. They stop the owner, not a slash.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { type Reason, sameReason } from "../../runtime/frame/reason.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { mutateAccount } from "./account.ts";
import { constants, errors, events, storage } from "./schema.ts";

type Freezes = ReturnType<typeof storage.Freezes.get>;

/** What `id` freezes of `who`. */
export const balanceFrozen = (ctx: Ctx, id: Reason, who: AccountId): bigint =>
  storage.Freezes.get(ctx, who).find((freeze) => sameReason(freeze.id, id))?.amount ?? 0n;

/** Sets the floor of `id`; zero removes it. Throws `TooManyFreezes`. */
export function setFreeze(ctx: Ctx, id: Reason, who: AccountId, amount: bigint): void {
  if (amount === 0n) thaw(ctx, id, who);
  else
    updateFreezes(
      ctx,
      who,
      withFreeze(storage.Freezes.get(ctx, who), id, () => amount),
    );
}

/** Raises the floor of `id` to at least `amount`. */
export function extendFreeze(ctx: Ctx, id: Reason, who: AccountId, amount: bigint): void {
  if (amount === 0n) return;
  const raise = (old: bigint) => largerOf(old, amount);
  updateFreezes(ctx, who, withFreeze(storage.Freezes.get(ctx, who), id, raise));
}

/** Removes the floor of `id`. */
export function thaw(ctx: Ctx, id: Reason, who: AccountId): void {
  updateFreezes(
    ctx,
    who,
    storage.Freezes.get(ctx, who).filter((freeze) => !sameReason(freeze.id, id)),
  );
}

function withFreeze(freezes: Freezes, id: Reason, amountOf: (old: bigint) => bigint): Freezes {
  if (!freezes.some((freeze) => sameReason(freeze.id, id))) {
    ensure(freezes.length < constants.MaxFreezes, errors.TooManyFreezes);
    return [...freezes, { id, amount: amountOf(0n) }];
  }
  return freezes.map((freeze) =>
    sameReason(freeze.id, id) ? { id: freeze.id, amount: amountOf(freeze.amount) } : freeze,
  );
}

function updateFreezes(ctx: Ctx, who: AccountId, freezes: Freezes): void {
  const change = refloor(ctx, who, [...storage.Locks.get(ctx, who), ...freezes]);
  if (freezes.length === 0) storage.Freezes.delete(ctx, who);
  else storage.Freezes.set(ctx, who, freezes);
  if (change < 0n) events.Thawed(ctx, { who, amount: -change });
  else if (change > 0n) events.Frozen(ctx, { who, amount: change });
}

/** Sets what is frozen to the highest of `floors`; returns the difference. */
export function refloor(ctx: Ctx, who: AccountId, floors: readonly { readonly amount: bigint }[]): bigint {
  const frozen = floors.reduce((highest, floor) => largerOf(highest, floor.amount), 0n);
  return mutateAccount(ctx, who, (data) => {
    const before = data.frozen;
    data.frozen = frozen;
    return frozen - before;
  });
}

/** Reserves under an eight-byte name, so that one pallet's deposits cannot be taken by another. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { transactional } from "../../runtime/frame/transactional.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { floorSub, smallerOf } from "../../runtime/primitives/amounts.ts";
import { compareBytes, equalBytes } from "../../runtime/primitives/bytes.ts";
import { checkedAdd } from "./inspect.ts";
import { repatriateReserved, reserve, slashReserved, unreserve } from "./reserve.ts";
import { constants, errors, storage } from "./schema.ts";
import type { Destination } from "./terms.ts";

/** What `who` has reserved under `id`. */
export const reservedBalanceNamed = (ctx: ReadCtx, id: Uint8Array, who: AccountId): bigint =>
  storage.Reserves.get(ctx, who).find((entry) => equalBytes(entry.id, id))?.amount ?? 0n;

/** Moves `amount` from free to the reserve `id`. Throws `TooManyReserves` and what `reserve` throws. */
export function reserveNamed(ctx: Ctx, id: Uint8Array, who: AccountId, amount: bigint): void {
  if (amount === 0n) return;
  transactional(ctx, () => {
    setNamed(ctx, id, who, checkedAdd(reservedBalanceNamed(ctx, id, who), amount));
    reserve(ctx, who, amount);
  });
}

/** Moves up to `amount` from the reserve `id` to free; returns what was not there. */
export function unreserveNamed(ctx: Ctx, id: Uint8Array, who: AccountId, amount: bigint): bigint {
  const named = reservedBalanceNamed(ctx, id, who);
  const wanted = smallerOf(amount, named);
  const freed = wanted - unreserve(ctx, who, wanted);
  if (freed > 0n) setNamed(ctx, id, who, named - freed);
  return amount - freed;
}

/** Takes funds of the reserve `id` for the caller to place or rescind; returns what was taken and what was not there. */
export function slashReservedNamed(
  ctx: Ctx,
  id: Uint8Array,
  who: AccountId,
  amount: bigint,
): { taken: bigint; missing: bigint } {
  const named = reservedBalanceNamed(ctx, id, who);
  const { taken } = slashReserved(ctx, who, smallerOf(amount, named));
  if (taken > 0n) setNamed(ctx, id, who, named - taken);
  return { taken, missing: amount - taken };
}

/** Moves funds of the reserve `id` to another account, free or reserved there under the same name; returns what could not be moved. */
export function repatriateReservedNamed(
  ctx: Ctx,
  id: Uint8Array,
  from: AccountId,
  to: AccountId,
  amount: bigint,
  destination: Destination,
): bigint {
  const named = reservedBalanceNamed(ctx, id, from);
  if (equalBytes(from, to)) {
    if (destination === "Free") return unreserveNamed(ctx, id, from, amount);
    return floorSub(amount, named);
  }
  const wanted = smallerOf(amount, named);
  return transactional(ctx, () => {
    const moved = wanted - repatriateReserved(ctx, from, to, wanted, destination);
    if (moved === 0n) return amount;
    if (destination === "Reserved") setNamed(ctx, id, to, reservedBalanceNamed(ctx, id, to) + moved);
    setNamed(ctx, id, from, named - moved);
    return amount - moved;
  });
}

/** The list stays sorted by name, without empty entries. */
function setNamed(ctx: Ctx, id: Uint8Array, who: AccountId, amount: bigint): void {
  const others = storage.Reserves.get(ctx, who).filter((entry) => !equalBytes(entry.id, id));
  const entries = amount === 0n ? others : [...others, { id, amount }];
  ensure(entries.length <= constants.MaxReserves, errors.TooManyReserves);
  if (entries.length === 0) storage.Reserves.delete(ctx, who);
  else
    storage.Reserves.set(
      ctx,
      who,
      entries.toSorted((a, b) => compareBytes(a.id, b.id)),
    );
}

/** What an account has and what may be done with it; nothing here writes. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { arithmetic, type DispatchError, token } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { floorSub, largerOf, maxU128 } from "../../runtime/primitives/amounts.ts";
import { type AccountInfo, canDropProvider, readAccount } from "../system/index.ts";
import { constants, storage } from "./schema.ts";
import type { Fortitude, Preservation } from "./terms.ts";

export const totalIssuance = (ctx: ReadCtx): bigint => storage.TotalIssuance.get(ctx);

/** Issuance less what pallets declared inactive, which votes do not count. */
export const activeIssuance = (ctx: ReadCtx): bigint =>
  floorSub(storage.TotalIssuance.get(ctx), storage.InactiveIssuance.get(ctx));

export const freeBalance = (ctx: ReadCtx, who: AccountId): bigint => readAccount(ctx, who).data.free;
export const reservedBalance = (ctx: ReadCtx, who: AccountId): bigint => readAccount(ctx, who).data.reserved;
/** Free and reserved together. */
export function totalBalance(ctx: ReadCtx, who: AccountId): bigint {
  const { free, reserved } = readAccount(ctx, who).data;
  return free + reserved;
}

/** The most that can be taken from the free balance of `who` on these terms. */
export const reducibleBalance = (
  ctx: ReadCtx,
  who: AccountId,
  preservation: Preservation,
  fortitude: Fortitude,
): bigint => reducible(readAccount(ctx, who), preservation, fortitude);

/** `reducibleBalance` of an account that was read already. */
export function reducible(info: AccountInfo, preservation: Preservation, fortitude: Fortitude): bigint {
  const { free, reserved, frozen } = info.data;
  // A freeze covers the whole balance, so what is reserved already counts towards it.
  let untouchable = fortitude === "Polite" ? floorSub(frozen, reserved) : 0n;
  const mustStay =
    preservation === "Preserve" ||
    (preservation === "Protect" && free > 0n && info.providers === 1) ||
    (preservation === "Expendable" && free > 0n && !canDropProvider(info));
  if (mustStay) untouchable = largerOf(untouchable, constants.ExistentialDeposit);
  return floorSub(free, untouchable);
}

/** The most that can be taken from all that is reserved and held. */
export function reducibleOnHold(info: AccountInfo, fortitude: Fortitude): bigint {
  const { free, reserved, frozen } = info.data;
  return floorSub(reserved, fortitude === "Force" ? 0n : floorSub(frozen, free));
}

/** Why `amount` may not be added to an account; undefined if it may. */
export function depositFault(
  ctx: ReadCtx,
  info: AccountInfo,
  amount: bigint,
  provenance: "Minted" | "Extant",
): DispatchError | undefined {
  if (amount === 0n) return undefined;
  const { free, reserved } = info.data;
  if (provenance === "Minted" && totalIssuance(ctx) + amount > maxU128) return arithmetic("Overflow");
  if (free + amount > maxU128) return arithmetic("Overflow");
  if (free + amount < constants.ExistentialDeposit) return token("BelowMinimum");
  return free + amount + reserved > maxU128 ? arithmetic("Overflow") : undefined;
}

/** Why `amount` may not be taken from an account, which must stay alive if `keepAlive`; undefined if it may. */
export function withdrawFault(
  ctx: ReadCtx,
  info: AccountInfo,
  amount: bigint,
  keepAlive: boolean,
): DispatchError | undefined {
  if (amount === 0n) return undefined;
  if (amount > totalIssuance(ctx)) return arithmetic("Underflow");
  const { free, reserved, frozen } = info.data;
  if (amount > free) return token("FundsUnavailable");
  if (amount > reducible(info, "Expendable", "Polite")) return token("Frozen");
  const left = free - amount;
  const dies = left < constants.ExistentialDeposit;
  if (dies && !canDropProvider(info)) return token("OnlyProvider");
  if (left + reserved < frozen) return token("Frozen");
  return dies && keepAlive ? token("NotExpendable") : undefined;
}

/** A sum that a u128 can hold; throws `Overflow`. */
export function checkedAdd(a: bigint, b: bigint): bigint {
  if (a + b > maxU128) throw arithmetic("Overflow");
  return a + b;
}

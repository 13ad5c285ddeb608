/** Locks: freezes as they were named before, by eight bytes; several pallets and all user interfaces still know them. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { largerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { refloor } from "./freeze.ts";
import { events, type LockReasons, storage } from "./schema.ts";

type Locks = ReturnType<typeof storage.Locks.get>;

/** Sets the lock `id` (eight bytes); an amount of zero removes it. */
export function setLock(
  ctx: Ctx,
  id: Uint8Array,
  who: AccountId,
  amount: bigint,
  reasons: LockReasons,
): void {
  if (amount === 0n) {
    removeLock(ctx, id, who);
    return;
  }
  const locks = storage.Locks.get(ctx, who);
  const lock = { id, amount, reasons };
  updateLocks(
    ctx,
    who,
    has(locks, id) ? locks.map((l) => (equalBytes(l.id, id) ? lock : l)) : [...locks, lock],
  );
}

/** Raises the lock `id` to at least `amount` and widens its reasons. */
export function extendLock(
  ctx: Ctx,
  id: Uint8Array,
  who: AccountId,
  amount: bigint,
  reasons: LockReasons,
): void {
  if (amount === 0n) return;
  const old = storage.Locks.get(ctx, who).find((l) => equalBytes(l.id, id));
  const wider = old === undefined || old.reasons === reasons ? reasons : "All";
  setLock(ctx, id, who, largerOf(old?.amount ?? 0n, amount), wider);
}

/** Ends a lock; one that is not there is none to end. */
export function removeLock(ctx: Ctx, id: Uint8Array, who: AccountId): void {
  updateLocks(
    ctx,
    who,
    storage.Locks.get(ctx, who).filter((l) => !equalBytes(l.id, id)),
  );
}

/** What the lock `id` covers. */
export const balanceLocked = (ctx: Ctx, id: Uint8Array, who: AccountId): bigint =>
  storage.Locks.get(ctx, who).find((l) => equalBytes(l.id, id))?.amount ?? 0n;

const has = (locks: Locks, id: Uint8Array): boolean => locks.some((l) => equalBytes(l.id, id));

function updateLocks(ctx: Ctx, who: AccountId, locks: Locks): void {
  const change = refloor(ctx, who, [...locks, ...storage.Freezes.get(ctx, who)]);
  if (locks.length === 0) storage.Locks.delete(ctx, who);
  else storage.Locks.set(ctx, who, locks);
  if (change < 0n) events.Unlocked(ctx, { who, amount: -change });
  else if (change > 0n) events.Locked(ctx, { who, amount: change });
}

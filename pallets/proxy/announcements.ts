/** Calls that proxies with a delay mean to make, public so that the real account can object. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { blockNumber } from "../system/index.ts";
import { type Deposit, moveDeposit } from "./deposit.ts";
import { type Announcement, constants, errors, events, maxPending, storage } from "./schema.ts";

/** What a list of announcements costs. */
export const announcementDeposit: Deposit = {
  base: constants.AnnouncementDepositBase,
  factor: constants.AnnouncementDepositFactor,
};

/** Publishes the hash of a call that `proxy` will make for `real`. */
export function announce(ctx: Ctx, proxy: AccountId, real: AccountId, call_hash: Uint8Array): void {
  const [proxies] = storage.Proxies.get(ctx, real);
  ensure(
    proxies.some((p) => equalBytes(p.delegate, proxy)),
    errors.NotProxy,
  );
  const [pending, deposit] = storage.Announcements.get(ctx, proxy);
  ensure(pending.length < maxPending, errors.TooMany);
  const longer = [...pending, { real, call_hash, height: blockNumber(ctx) }];
  const newDeposit = moveDeposit(ctx, proxy, deposit, announcementDeposit, longer.length);
  storage.Announcements.set(ctx, proxy, [longer, newDeposit]);
  events.Announced(ctx, { real, proxy, call_hash });
}

/** Removes the announcements of `proxy` that `isMeant`; there must be one. Returns the deposit. */
export function removeAnnouncements(ctx: Ctx, proxy: AccountId, isMeant: (a: Announcement) => boolean): void {
  const [pending, deposit] = storage.Announcements.get(ctx, proxy);
  const left = pending.filter((a) => !isMeant(a));
  ensure(left.length < pending.length, errors.NotFound);
  const newDeposit = moveDeposit(ctx, proxy, deposit, announcementDeposit, left.length);
  if (left.length === 0) storage.Announcements.delete(ctx, proxy);
  else storage.Announcements.set(ctx, proxy, [left, newDeposit]);
}

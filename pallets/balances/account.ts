/**
 * The law of accounts: whoever holds at least the existential deposit is provided for, whoever has funds
 * reserved or frozen consumes that, and an account left with less is reaped and its dust burned.
 * Every change of a balance passes through here.
 */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import {
  type AccountData,
  type AccountInfo,
  addConsumer,
  addConsumerWithoutLimit,
  addProvider,
  dropConsumer,
  dropProvider,
  type Fate,
  newLogic,
  readAccount,
  writeAccount,
} from "../system/index.ts";
import { constants, events, storage } from "./schema.ts";

/**
 * Changes the balances of `who` in place and settles what follows from it: references, creation, reaping, dust.
 * Does not touch total issuance, except for dust. `isNew` tells `change` that the account held nothing; a caller
 * that has just read the account passes it as `info`.
 * Throws `ConsumerRemaining`, `NoProviders` or `TooManyConsumers` where the references forbid the change; then
 * nothing was written.
 */
export function mutateAccount<R>(
  ctx: Ctx,
  who: AccountId,
  change: (data: AccountData, isNew: boolean) => R,
  info: AccountInfo = readAccount(ctx, who),
): R {
  if (!isUpgraded(info)) upgrade(ctx, who, info);
  const { data } = info;
  const existential = constants.ExistentialDeposit;
  const isNew = holdsNothing(data);
  const provided = data.free >= existential;
  const consumed = isEncumbered(data);

  const result = change(data, isNew);

  const provides = data.free >= existential;
  const consumes = isEncumbered(data);
  let fate: Fate = "same";
  if (!provided && provides) fate = addProvider(info);
  if (consumed && !consumes) dropConsumer(info);
  if (!consumed && consumes) addConsumer(info);
  // An account that was written before reference counting can lack the reference.
  if (consumes && info.consumers === 0) addConsumer(info);
  // Goes last, because it can end the account.
  if (provided && !provides) fate = dropProvider(info);

  const endowment = data.free;
  const dies = data.free < existential && data.reserved === 0n;
  if (dies) Object.assign(data, nothing);
  writeAccount(ctx, who, info, fate);
  if (isNew) events.Endowed(ctx, { account: who, free_balance: endowment });
  if (dies && endowment > 0n) {
    events.DustLost(ctx, { account: who, amount: endowment });
    reduceIssuance(ctx, endowment);
  }
  return result;
}

/** Brings an account to the present rules of reference counting; true if it was not there yet. */
export function ensureUpgraded(ctx: Ctx, who: AccountId): boolean {
  const info = readAccount(ctx, who);
  if (isUpgraded(info)) return false;
  upgrade(ctx, who, info);
  return true;
}

function upgrade(ctx: Ctx, who: AccountId, info: AccountInfo): void {
  const { data } = info;
  let fate: Fate = "same";
  data.flags |= newLogic;
  if (data.reserved > 0n && data.frozen === 0n) {
    if (info.providers === 0) {
      // Reserved funds without anything that keeps the account: it is given enough to keep itself.
      const gift = data.free < constants.ExistentialDeposit ? constants.ExistentialDeposit - data.free : 0n;
      data.free += gift;
      storage.TotalIssuance.mutate(ctx, (issued) => issued + gift);
      fate = addProvider(info);
    }
    addConsumerWithoutLimit(info);
  }
  writeAccount(ctx, who, info, fate);
  events.Upgraded(ctx, { who });
}

const isUpgraded = (info: AccountInfo): boolean => (info.data.flags & newLogic) !== 0n;

/** Takes `amount` out of total issuance; what is gone cannot be taken twice. */
export function reduceIssuance(ctx: Ctx, amount: bigint): void {
  storage.TotalIssuance.mutate(ctx, (issued) => (issued > amount ? issued - amount : 0n));
}

const nothing: AccountData = { free: 0n, reserved: 0n, frozen: 0n, flags: newLogic };

const isEncumbered = (data: AccountData): boolean => data.reserved > 0n || data.frozen > 0n;
const holdsNothing = (data: AccountData): boolean =>
  data.free === 0n && data.reserved === 0n && data.frozen === 0n && data.flags === newLogic;

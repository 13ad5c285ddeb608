/**
 * Existence of accounts by reference counting: providers and sufficients keep an account, consumers forbid its
 * end while it lives on providers. The functions on an `AccountInfo` change it in memory and say what became of
 * the account; `writeAccount` stores it. So one change of a balance is one read and one write.
 */
import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { type AccountInfo, emptyAccount } from "./account-info.ts";
import { events, maxConsumers, storage } from "./schema.ts";

/** What became of an account. */
export type Fate = "same" | "created" | "killed";

/** The record of `who`, an empty one if it has none; the caller's own copy. */
export const readAccount = (ctx: ReadCtx, who: AccountId): AccountInfo =>
  storage.Account.find(ctx, who) ?? emptyAccount();

/** Stores the record, or removes it when nothing keeps the account, and tells the world of its fate. */
export function writeAccount(ctx: Ctx, who: AccountId, info: AccountInfo, fate: Fate): void {
  if (info.providers > 0 || info.sufficients > 0) storage.Account.set(ctx, who, info);
  else storage.Account.delete(ctx, who);
  if (fate === "created") events.NewAccount(ctx, { account: who });
  if (fate === "killed") events.KilledAccount(ctx, { account: who });
}

export function addProvider(info: AccountInfo): Fate {
  const created = info.providers === 0 && info.sufficients === 0;
  info.providers++;
  return created ? "created" : "same";
}

/** Throws `ConsumerRemaining` when it is the last provider and there are consumers. */
export function dropProvider(info: AccountInfo): Fate {
  const last = info.providers <= 1;
  if (last && info.consumers > 0) throw new DispatchError({ type: "ConsumerRemaining" });
  info.providers = last ? 0 : info.providers - 1;
  return last && info.sufficients === 0 ? "killed" : "same";
}

/** Throws `NoProviders` or `TooManyConsumers`. */
export function addConsumer(info: AccountInfo): void {
  if (info.providers > 0 && info.consumers >= maxConsumers)
    throw new DispatchError({ type: "TooManyConsumers" });
  addConsumerWithoutLimit(info);
}

/** Throws `NoProviders`. */
export function addConsumerWithoutLimit(info: AccountInfo): void {
  if (info.providers === 0) throw new DispatchError({ type: "NoProviders" });
  info.consumers++;
}

export function dropConsumer(info: AccountInfo): void {
  if (info.consumers > 0) info.consumers--;
}

/** Whether the account could lose a provider. */
export const canDropProvider = (info: AccountInfo): boolean => info.consumers === 0 || info.providers > 1;

/** `addProvider` on the stored account. */
export function incProviders(ctx: Ctx, who: AccountId): Fate {
  return change(ctx, who, addProvider);
}

export function decProviders(ctx: Ctx, who: AccountId): Fate {
  // An account that is not there has lost its providers already.
  return accountExists(ctx, who) ? change(ctx, who, dropProvider) : "killed";
}

export function incConsumers(ctx: Ctx, who: AccountId): void {
  change(ctx, who, (info) => {
    addConsumer(info);
    return "same";
  });
}

export function decConsumers(ctx: Ctx, who: AccountId): void {
  change(ctx, who, (info) => {
    dropConsumer(info);
    return "same";
  });
}

export function incSufficients(ctx: Ctx, who: AccountId): Fate {
  return change(ctx, who, (info) => {
    const created = info.providers === 0 && info.sufficients === 0;
    info.sufficients++;
    return created ? "created" : "same";
  });
}

export function decSufficients(ctx: Ctx, who: AccountId): Fate {
  return change(ctx, who, (info) => {
    const last = info.sufficients <= 1;
    info.sufficients = last ? 0 : info.sufficients - 1;
    return last && info.providers === 0 ? "killed" : "same";
  });
}

/** Counts a signed transaction. */
export function incNonce(ctx: WriteCtx, who: AccountId): void {
  const info = readAccount(ctx, who);
  info.nonce++;
  storage.Account.set(ctx, who, info);
}

export const accountExists = (ctx: ReadCtx, who: AccountId): boolean => storage.Account.exists(ctx, who);

function change(ctx: Ctx, who: AccountId, by: (info: AccountInfo) => Fate): Fate {
  const info = readAccount(ctx, who);
  const fate = by(info);
  writeAccount(ctx, who, info, fate);
  return fate;
}

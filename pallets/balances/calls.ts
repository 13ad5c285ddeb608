import { call } from "../../runtime/frame/call.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { root, signer } from "../../runtime/frame/origin.ts";
import { accountId, balance, multiAddress } from "../../runtime/primitives/account.ts";
import { ceilAdd, floorSub } from "../../runtime/primitives/amounts.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { bool } from "../../runtime/primitives/codec-number.ts";
import { unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { lookup } from "../system/index.ts";
import { ensureUpgraded, mutateAccount } from "./account.ts";
import { reducibleBalance } from "./inspect.ts";
import { unreserve } from "./reserve.ts";
import { constants, errors, events, storage } from "./schema.ts";
import { burn, issue, rescind } from "./supply.ts";
import { transfer } from "./transfer.ts";
import * as weights from "./weights.ts";

const address = alias(multiAddress, "AccountIdLookupOf<T>");
const amount = compact(balance);
const accounts = alias(vec(accountId), "Vec<T::AccountId>");
const direction = alias(
  unitEnum("pallet_balances::types::AdjustmentDirection", ["Increase", "Decrease"]),
  "AdjustmentDirection",
);

export const calls = {
  transfer_allow_death: call(
    0,
    { dest: address, value: amount },
    (ctx, { dest, value }) => transfer(ctx, signer(ctx), lookup(dest), value, "Expendable"),
    {
      weight: weights.transferAllowDeath,
      docs: "Transfers free balance. The sender's account ends if less than the existential deposit is left.",
    },
  ),
  force_transfer: call(
    2,
    { source: address, dest: address, value: amount },
    (ctx, { source, dest, value }) => {
      root(ctx);
      transfer(ctx, lookup(source), lookup(dest), value, "Expendable");
    },
    { weight: weights.forceTransfer, docs: "As `transfer_allow_death`, by root from any account." },
  ),
  transfer_keep_alive: call(
    3,
    { dest: address, value: amount },
    (ctx, { dest, value }) => transfer(ctx, signer(ctx), lookup(dest), value, "Preserve"),
    {
      weight: weights.transferKeepAlive,
      docs: "Transfers free balance, unless less than the existential deposit would be left.",
    },
  ),
  transfer_all: call(
    4,
    { dest: address, keep_alive: bool },
    (ctx, { dest, keep_alive }) => {
      const from = signer(ctx);
      const preservation = keep_alive ? "Preserve" : "Expendable";
      const all = reducibleBalance(ctx, from, preservation, "Polite");
      transfer(ctx, from, lookup(dest), all, preservation);
    },
    {
      weight: weights.transferAll,
      docs: "Transfers all that can be transferred; with `keep_alive`, less the existential deposit.",
    },
  ),
  force_unreserve: call(
    5,
    { who: address, amount: balance },
    (ctx, { who, amount }) => {
      root(ctx);
      unreserve(ctx, lookup(who), amount);
    },
    { weight: weights.forceUnreserve, docs: "Frees reserved balance of any account." },
  ),
  upgrade_accounts: call(
    6,
    { who: accounts },
    (ctx, { who }) => {
      signer(ctx);
      const upgraded = who.filter((account) => ensureUpgraded(ctx, account)).length;
      // Nine in ten suffice, since accounts come and go until the call is in a block.
      return { pays_fee: who.length > 0 && upgraded * 10 >= who.length * 9 ? "No" : "Yes" };
    },
    {
      weight: ({ who }) => weights.upgradeAccounts(who.length),
      docs: "Brings accounts to the present rules of reference counting. Free if at least nine in ten needed it.",
    },
  ),
  force_set_balance: call(
    8,
    { who: address, new_free: amount },
    (ctx, { who, new_free }) => {
      root(ctx);
      const account = lookup(who);
      const free = new_free < constants.ExistentialDeposit ? 0n : new_free;
      const before = mutateAccount(ctx, account, (data) => {
        const old = data.free;
        data.free = free;
        return old;
      });
      if (free > before) issue(ctx, free - before);
      if (free < before) rescind(ctx, before - free);
      events.BalanceSet(ctx, { who: account, free });
    },
    {
      weight: weights.forceSetBalance,
      docs: "Sets the free balance of any account; less than the existential deposit counts as nothing.",
    },
  ),
  force_adjust_total_issuance: call(
    9,
    { direction, delta: amount },
    (ctx, { direction, delta }) => {
      root(ctx);
      ensure(delta > 0n, errors.DeltaZero);
      const before = storage.TotalIssuance.get(ctx);
      const after = direction === "Increase" ? ceilAdd(before, delta) : floorSub(before, delta);
      ensure(storage.InactiveIssuance.get(ctx) <= after, errors.IssuanceDeactivated);
      storage.TotalIssuance.set(ctx, after);
      events.TotalIssuanceForced(ctx, { old: before, new: after });
    },
    { weight: weights.forceAdjustTotalIssuance, docs: "Corrects the total issuance." },
  ),
  burn: call(
    10,
    { value: amount, keep_alive: bool },
    (ctx, { value, keep_alive }) => {
      burn(ctx, signer(ctx), value, keep_alive ? "Preserve" : "Expendable", "Exact", "Polite");
    },
    {
      weight: ({ keep_alive }) => (keep_alive ? weights.burnKeepAlive : weights.burnAllowDeath),
      docs: "Destroys own free balance.",
    },
  ),
};

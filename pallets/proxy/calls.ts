import { call, type InfoOf } from "../../runtime/frame/call.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { hash, multiAddress } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { alias, encode } from "../../runtime/primitives/codec.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { u16, u32 } from "../../runtime/primitives/codec-number.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { addWeight, type Weight } from "../../runtime/primitives/weight.ts";
import { reserve, unreserve } from "../balances/index.ts";
import { blockNumber, dbWeights, lookup } from "../system/index.ts";
import { actFor } from "./act.ts";
import { announce, announcementDeposit, removeAnnouncements } from "./announcements.ts";
import { addProxy, findProxy, proxyDeposit, pureAccount, removeProxy } from "./delegates.ts";
import { moveDeposit } from "./deposit.ts";
import { proxyType } from "./proxy-type.ts";
import { constants, errors, events, storage } from "./schema.ts";
import * as weights from "./weights.ts";

const address = alias(multiAddress, "AccountIdLookupOf<T>");
const kind = alias(proxyType, "T::ProxyType");
const forced = alias(option(proxyType), "Option<T::ProxyType>");
const delay = alias(u32, "BlockNumberFor<T>");
const callHash = alias(hash, "CallHashOf<T>");

/** The proxy's own work, the account that the inner call comes from, and the inner call. */
const around = (own: Weight) => ({
  weight: ({ call }: { readonly call: AnyCall }, infoOf: InfoOf): Weight =>
    addWeight(addWeight(own, dbWeights(1n, 1n)), infoOf(call).weight),
  class: ({ call }: { readonly call: AnyCall }, infoOf: InfoOf) => infoOf(call).class,
});

export const calls = {
  proxy: call(
    0,
    { real: address, force_proxy_type: forced, call: runtimeCall },
    (ctx, { real, force_proxy_type, call }) => {
      const principal = lookup(real);
      const terms = findProxy(ctx, principal, signer(ctx), force_proxy_type);
      ensure(terms.delay === 0, errors.Unannounced);
      actFor(ctx, principal, terms.proxy_type, call);
    },
    { ...around(weights.proxy), docs: "Makes a call as the account `real`, whose proxy the sender is." },
  ),
  add_proxy: call(
    1,
    { delegate: address, proxy_type: kind, delay },
    (ctx, { delegate, proxy_type, delay }) => addProxy(ctx, signer(ctx), lookup(delegate), proxy_type, delay),
    { weight: weights.changeProxies, docs: "Lets an account act for the sender." },
  ),
  remove_proxy: call(
    2,
    { delegate: address, proxy_type: kind, delay },
    (ctx, { delegate, proxy_type, delay }) =>
      removeProxy(ctx, signer(ctx), lookup(delegate), proxy_type, delay),
    { weight: weights.changeProxies, docs: "Ends what `add_proxy` began." },
  ),
  remove_proxies: call(
    3,
    {},
    (ctx) => {
      const who = signer(ctx);
      const [, deposit] = storage.Proxies.take(ctx, who);
      unreserve(ctx, who, deposit);
    },
    {
      weight: weights.removeProxies,
      docs: "Removes all proxies of the sender. A pure proxy that does so can never be reached again.",
    },
  ),
  create_pure: call(
    4,
    { proxy_type: kind, delay, index: u16 },
    (ctx, { proxy_type, delay, index }) => {
      const who = signer(ctx);
      const pure = pureAccount(ctx, who, proxy_type, index);
      ensure(!storage.Proxies.exists(ctx, pure), errors.Duplicate);
      const deposit = constants.ProxyDepositBase + constants.ProxyDepositFactor;
      reserve(ctx, who, deposit);
      storage.Proxies.set(ctx, pure, [[{ delegate: who, proxy_type, delay }], deposit]);
      events.PureCreated(ctx, { pure, who, proxy_type, disambiguation_index: index });
    },
    {
      weight: weights.createPure,
      docs: "Creates an account without a key, with the sender as its proxy. `index` tells several in one transaction apart.",
    },
  ),
  kill_pure: call(
    5,
    { spawner: address, proxy_type: kind, index: u16, height: compact(delay), ext_index: compact(u32) },
    (ctx, { spawner, proxy_type, index, height, ext_index }) => {
      const who = signer(ctx);
      const creator = lookup(spawner);
      const created = pureAccount(ctx, creator, proxy_type, index, [height, ext_index]);
      ensure(equalBytes(created, who), errors.NoPermission);
      const [, deposit] = storage.Proxies.take(ctx, who);
      unreserve(ctx, creator, deposit);
      events.PureKilled(ctx, { pure: who, spawner: creator, proxy_type, disambiguation_index: index });
    },
    {
      weight: weights.killPure,
      docs: "Ends the pure proxy that sends this. Whatever it still owns can never be reached again.",
    },
  ),
  announce: call(
    6,
    { real: address, call_hash: callHash },
    (ctx, { real, call_hash }) => announce(ctx, signer(ctx), lookup(real), call_hash),
    { weight: weights.announce, docs: "Publishes the hash of a call that the sender will make as `real`." },
  ),
  remove_announcement: call(
    7,
    { real: address, call_hash: callHash },
    (ctx, { real, call_hash }) => {
      const principal = lookup(real);
      removeAnnouncements(
        ctx,
        signer(ctx),
        (a) => equalBytes(a.real, principal) && equalBytes(a.call_hash, call_hash),
      );
    },
    { weight: weights.removeAnnouncement, docs: "Takes back an announcement of the sender." },
  ),
  reject_announcement: call(
    8,
    { delegate: address, call_hash: callHash },
    (ctx, { delegate, call_hash }) => {
      const who = signer(ctx);
      const isMeant = (a: { real: Uint8Array; call_hash: Uint8Array }) =>
        equalBytes(a.real, who) && equalBytes(a.call_hash, call_hash);
      removeAnnouncements(ctx, lookup(delegate), isMeant);
    },
    {
      weight: weights.removeAnnouncement,
      docs: "Stops a call that a proxy announced to make as the sender.",
    },
  ),
  proxy_announced: call(
    9,
    { delegate: address, real: address, force_proxy_type: forced, call: runtimeCall },
    (ctx, { delegate, real, force_proxy_type, call }) => {
      signer(ctx);
      const proxy = lookup(delegate);
      const principal = lookup(real);
      const terms = findProxy(ctx, principal, proxy, force_proxy_type);
      const call_hash = blake2_256(encode(runtimeCall, call));
      const latest = blockNumber(ctx) - terms.delay;
      takeAnnouncement(ctx, proxy, principal, call_hash, latest);
      actFor(ctx, principal, terms.proxy_type, call);
    },
    {
      ...around(weights.proxyAnnounced),
      docs: "Makes a call that `delegate` announced long enough ago, as the account `real`. Anybody may send this.",
    },
  ),
  poke_deposit: call(
    10,
    {},
    (ctx) => {
      const who = signer(ctx);
      const moved = [pokeProxies(ctx, who), pokeAnnouncements(ctx, who)];
      return { pays_fee: moved.includes(true) ? "No" : "Yes" };
    },
    {
      weight: weights.pokeDeposit,
      docs: "Makes the sender's deposits what they would be if made now. Free if one changes.",
    },
  ),
};

function takeAnnouncement(
  ctx: Ctx,
  proxy: Uint8Array,
  real: Uint8Array,
  call_hash: Uint8Array,
  latest: number,
): void {
  const isDue = (a: { real: Uint8Array; call_hash: Uint8Array; height: number }) =>
    equalBytes(a.real, real) && equalBytes(a.call_hash, call_hash) && a.height <= latest;
  const [pending] = storage.Announcements.get(ctx, proxy);
  ensure(pending.some(isDue), errors.Unannounced);
  removeAnnouncements(ctx, proxy, isDue);
}

function pokeProxies(ctx: Ctx, who: Uint8Array): boolean {
  const [proxies, before] = storage.Proxies.get(ctx, who);
  const after = moveDeposit(ctx, who, before, proxyDeposit, proxies.length);
  if (after === before) return false;
  storage.Proxies.set(ctx, who, [proxies, after]);
  events.DepositPoked(ctx, { who, kind: "Proxies", old_deposit: before, new_deposit: after });
  return true;
}

function pokeAnnouncements(ctx: Ctx, who: Uint8Array): boolean {
  const [pending, before] = storage.Announcements.get(ctx, who);
  const after = moveDeposit(ctx, who, before, announcementDeposit, pending.length);
  if (after === before) return false;
  storage.Announcements.set(ctx, who, [pending, after]);
  events.DepositPoked(ctx, { who, kind: "Announcements", old_deposit: before, new_deposit: after });
  return true;
}

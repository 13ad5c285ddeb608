import { constant } from "../../runtime/frame/constant.ts";
import { dispatchErrorCodec } from "../../runtime/frame/dispatch-error.ts";
import { twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map } from "../../runtime/frame/storage-item.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias, type Value } from "../../runtime/primitives/codec.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { u16, u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct, tuple, unit } from "../../runtime/primitives/codec-struct.ts";
import { result, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { stateDeposit } from "../balances/index.ts";
import { docs } from "./docs.ts";
import { proxyType } from "./proxy-type.ts";

const blockNumber = alias(u32, "BlockNumber");
const kind = alias(proxyType, "T::ProxyType");
const delay = alias(u32, "BlockNumberFor<T>");
const callHash = alias(hash, "CallHashOf<T>");
const account = alias(accountId, "T::AccountId");
const amount = alias(u128, "BalanceOf<T>");

const proxyDefinition = struct(
  "pallet_proxy::ProxyDefinition",
  { delegate: alias(accountId, "AccountId"), proxy_type: alias(proxyType, "ProxyType"), delay: blockNumber },
  [
    { name: "AccountId", type: accountId.type },
    { name: "ProxyType", type: proxyType.type },
    { name: "BlockNumber", type: u32.type },
  ],
);
export type ProxyDefinition = Value<typeof proxyDefinition>;

const announcement = struct(
  "pallet_proxy::Announcement",
  { real: alias(accountId, "AccountId"), call_hash: alias(hash, "Hash"), height: blockNumber },
  [
    { name: "AccountId", type: accountId.type },
    { name: "Hash", type: hash.type },
    { name: "BlockNumber", type: u32.type },
  ],
);
export type Announcement = Value<typeof announcement>;

export const maxProxies = 32;
export const maxPending = 32;

const self = schema("Proxy", {
  docs,
  storage: {
    /** By the account that is represented: who may act for it, and the deposit for this list. */
    Proxies: map(twox64Concat(accountId), tuple(boundedVec(proxyDefinition, maxProxies), u128), [[], 0n]),
    /** By the proxy: the calls it means to make, and the deposit for this list. */
    Announcements: map(twox64Concat(accountId), tuple(boundedVec(announcement, maxPending), u128), [[], 0n]),
  },
  events: {
    ProxyExecuted: { result: alias(result(unit, dispatchErrorCodec), "DispatchResult") },
    PureCreated: { pure: account, who: account, proxy_type: kind, disambiguation_index: u16 },
    PureKilled: { pure: account, spawner: account, proxy_type: kind, disambiguation_index: u16 },
    Announced: { real: account, proxy: account, call_hash: callHash },
    ProxyAdded: { delegator: account, delegatee: account, proxy_type: kind, delay },
    ProxyRemoved: { delegator: account, delegatee: account, proxy_type: kind, delay },
    DepositPoked: {
      who: account,
      kind: unitEnum("pallet_proxy::DepositKind", ["Proxies", "Announcements"]),
      old_deposit: amount,
      new_deposit: amount,
    },
  },
  errors: {
    TooMany: "There are too many proxies registered or too many announcements pending.",
    NotFound: "Proxy registration not found.",
    NotProxy: "Sender is not a proxy of the account to be proxied.",
    Unproxyable: "A call which is incompatible with the proxy type's filter was attempted.",
    Duplicate: "Account is already a proxy.",
    NoPermission: "Call may not be made by proxy because it may escalate its privileges.",
    Unannounced: "Announcement, if made at all, was made too recently.",
    NoSelfProxy: "Cannot add self as proxy.",
  },
  constants: {
    ProxyDepositBase: constant(u128, stateDeposit(1n, 8n)),
    ProxyDepositFactor: constant(u128, stateDeposit(0n, 37n)),
    MaxProxies: constant(u32, maxProxies),
    MaxPending: constant(u32, maxPending),
    AnnouncementDepositBase: constant(u128, stateDeposit(1n, 8n)),
    AnnouncementDepositFactor: constant(u128, stateDeposit(0n, 68n)),
  },
});
export const declaration = self;
export const { storage, events, errors, constants } = self;

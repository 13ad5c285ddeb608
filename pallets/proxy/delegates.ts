/** Who may act for whom: the list of one account's proxies, ordered, with its deposit. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { compareBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u16, u32 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { blockNumber, extrinsicIndex } from "../system/index.ts";
import { type Deposit, moveDeposit } from "./deposit.ts";
import { type ProxyType, proxyType } from "./proxy-type.ts";
import { constants, errors, events, maxProxies, type ProxyDefinition, storage } from "./schema.ts";

/** What a list of proxies costs. */
export const proxyDeposit: Deposit = {
  base: constants.ProxyDepositBase,
  factor: constants.ProxyDepositFactor,
};

/** Lets `delegate` act for `delegator`, `delay` blocks after announcing each call. */
export function addProxy(
  ctx: Ctx,
  delegator: AccountId,
  delegate: AccountId,
  proxy_type: ProxyType,
  delay: number,
): void {
  ensure(!equalBytes(delegator, delegate), errors.NoSelfProxy);
  const added = { delegate, proxy_type, delay };
  const [proxies, deposit] = storage.Proxies.get(ctx, delegator);
  ensure(!proxies.some((p) => compare(p, added) === 0), errors.Duplicate);
  ensure(proxies.length < maxProxies, errors.TooMany);
  const longer = [...proxies, added].sort(compare);
  storage.Proxies.set(ctx, delegator, [
    longer,
    moveDeposit(ctx, delegator, deposit, proxyDeposit, longer.length),
  ]);
  events.ProxyAdded(ctx, { delegator, delegatee: delegate, proxy_type, delay });
}

/** The inverse of `addProxy`; all three terms must be those of the registration. */
export function removeProxy(
  ctx: Ctx,
  delegator: AccountId,
  delegate: AccountId,
  proxy_type: ProxyType,
  delay: number,
): void {
  const removed = { delegate, proxy_type, delay };
  const [proxies, deposit] = storage.Proxies.get(ctx, delegator);
  const left = proxies.filter((p) => compare(p, removed) !== 0);
  ensure(left.length < proxies.length, errors.NotFound);
  const newDeposit = moveDeposit(ctx, delegator, deposit, proxyDeposit, left.length);
  if (left.length === 0) storage.Proxies.delete(ctx, delegator);
  else storage.Proxies.set(ctx, delegator, [left, newDeposit]);
  events.ProxyRemoved(ctx, { delegator, delegatee: delegate, proxy_type, delay });
}

/** The terms on which `delegate` acts for `real`; of several, the first, or the first of the type that is asked for. */
export function findProxy(
  ctx: ReadCtx,
  real: AccountId,
  delegate: AccountId,
  type: ProxyType | undefined,
): ProxyDefinition {
  const [proxies] = storage.Proxies.get(ctx, real);
  const found = proxies.find(
    (p) => equalBytes(p.delegate, delegate) && (type ?? p.proxy_type) === p.proxy_type,
  );
  if (!found) throw errors.NotProxy();
  return found;
}

/** The address of a pure proxy: an account without a key, made of where and how it was created. */
export function pureAccount(
  ctx: ReadCtx,
  spawner: AccountId,
  type: ProxyType,
  index: number,
  when: readonly [height: number, extrinsic: number] = [blockNumber(ctx), extrinsicIndex(ctx)],
): AccountId {
  return blake2_256(encode(pureOrigin, [pureLabel, spawner, ...when, type, index]));
}

const pureLabel = textBytes("modlpy/proxy____");
const pureOrigin = tuple(fixedBytes(16), accountId, u32, u32, proxyType, u16);

// Rust's derived order: field by field, the type by its index.
function compare(a: ProxyDefinition, b: ProxyDefinition): number {
  const byType = encode(proxyType, a.proxy_type)[0]! - encode(proxyType, b.proxy_type)[0]!;
  return compareBytes(a.delegate, b.delegate) || byType || a.delay - b.delay;
}

/** One account that may act as root, for chains that are being tried out. */
import { call } from "../../runtime/frame/call.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { PostDispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { dispatchOutcome, outcomeOf } from "../../runtime/frame/dispatch-outcome.ts";
import { rootOrigin, signedOrigin, signer } from "../../runtime/frame/origin.ts";
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { value } from "../../runtime/frame/storage-item.ts";
import { accountId, multiAddress } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { addWeight, type Weight, weight, weightCodec } from "../../runtime/primitives/weight.ts";
import { lookup, withDb } from "../system/index.ts";

const address = alias(multiAddress, "AccountIdLookupOf<T>");

const self = schema("Sudo", {
  docs: {
    pallet: "One account that may act as root, for chains that are being tried out.",
    storage: { Key: "The sudo account." },
    events: {
      Sudid: "The sudo account made a call as root.",
      KeyChanged: "Another account became the sudo account.",
      KeyRemoved: "There is no sudo account any more.",
      SudoAsDone: "The sudo account made a call as another account.",
    },
  },
  storage: { Key: value(accountId) },
  events: {
    Sudid: { sudo_result: dispatchOutcome },
    KeyChanged: {
      old: alias(option(accountId), "Option<T::AccountId>"),
      new: alias(accountId, "T::AccountId"),
    },
    KeyRemoved: {},
    SudoAsDone: { sudo_result: dispatchOutcome },
  },
  errors: { RequireSudo: "Only the sudo account may do this." },
});
export const { storage, events, errors } = self;

/** The sudo account pays nothing: it could mint what it pays. */
const free: Partial<PostDispatchInfo> = { pays_fee: "No" };

const weights = {
  sudo: withDb(weight(11_000_000n, 1_517n), 1n, 0n),
  setKey: withDb(weight(11_000_000n, 1_517n), 1n, 1n),
  removeKey: withDb(weight(10_500_000n, 1_517n), 1n, 1n),
} satisfies Record<string, Weight>;

export const sudo = pallet(self, {
  calls: {
    sudo: call(
      0,
      { call: runtimeCall },
      (ctx, { call }) => {
        requireSudo(ctx);
        events.Sudid(ctx, { sudo_result: outcomeOf(ctx.dispatch(call, rootOrigin)) });
        return free;
      },
      {
        weight: ({ call }, infoOf) => addWeight(weights.sudo, infoOf(call).weight),
        class: ({ call }, infoOf) => infoOf(call).class,
        docs: "Makes a call as root; how it ended is told in an event.",
      },
    ),
    sudo_unchecked_weight: call(
      1,
      { call: runtimeCall, weight: alias(weightCodec, "Weight") },
      (ctx, { call }) => {
        requireSudo(ctx);
        events.Sudid(ctx, { sudo_result: outcomeOf(ctx.dispatch(call, rootOrigin)) });
        return free;
      },
      {
        weight: ({ weight }) => weight,
        class: ({ call }, infoOf) => infoOf(call).class,
        docs: "Makes a call as root, at a weight that the sudo account tells.",
      },
    ),
    set_key: call(
      2,
      { new: address },
      (ctx, args) => {
        requireSudo(ctx);
        const key = lookup(args.new);
        events.KeyChanged(ctx, { old: storage.Key.get(ctx), new: key });
        storage.Key.set(ctx, key);
        return free;
      },
      { weight: weights.setKey, docs: "Makes another account the sudo account." },
    ),
    sudo_as: call(
      3,
      { who: address, call: runtimeCall },
      (ctx, { who, call }) => {
        requireSudo(ctx);
        const result = ctx.dispatch(call, signedOrigin(lookup(who)));
        events.SudoAsDone(ctx, { sudo_result: outcomeOf(result) });
        return free;
      },
      {
        weight: ({ call }, infoOf) => addWeight(weights.sudo, infoOf(call).weight),
        class: ({ call }, infoOf) => infoOf(call).class,
        docs: "Makes a call as any account; how it ended is told in an event.",
      },
    ),
    remove_key: call(
      4,
      {},
      (ctx) => {
        requireSudo(ctx);
        events.KeyRemoved(ctx, {});
        storage.Key.delete(ctx);
        return free;
      },
      { weight: weights.removeKey, docs: "Ends sudo on this chain for good." },
    ),
  },
  genesis: genesis({ key: option(accountId) }, { key: undefined }, (ctx, { key }) => {
    if (key) storage.Key.set(ctx, key);
  }),
});

/** Root is let through: it can do no more than it may already. */
function requireSudo(ctx: Ctx): void {
  if (ctx.origin.type === "Root") return;
  const who = signer(ctx);
  const key = storage.Key.get(ctx);
  ensure(key !== undefined && equalBytes(key, who), errors.RequireSudo);
}

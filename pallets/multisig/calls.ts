import { call, type InfoOf } from "../../runtime/frame/call.ts";
import { DispatchError, ensure } from "../../runtime/frame/dispatch-error.ts";
import { signedOrigin, signer } from "../../runtime/frame/origin.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { alias, encode } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u16 } from "../../runtime/primitives/codec-number.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { addWeight, type Weight, weightCodec } from "../../runtime/primitives/weight.ts";
import { reserve, unreserve } from "../balances/index.ts";
import { allSignatories, multisigAccount } from "./account.ts";
import { depositFor, isSame, jointAccount, operate } from "./operate.ts";
import { errors, events, storage, timepoint } from "./schema.ts";
import * as weights from "./weights.ts";

const others = alias(vec(accountId), "Vec<T::AccountId>");
const when = alias(timepoint, "Timepoint<BlockNumberFor<T>>");
const maybeWhen = alias(option(timepoint), "Option<Timepoint<BlockNumberFor<T>>>");
const callHash = alias(fixedBytes(32), "[u8; 32]");
const max_weight = alias(weightCodec, "Weight");

const sizeOf = (call: AnyCall): number => encode(runtimeCall, call).length;

export const calls = {
  as_multi_threshold_1: call(
    0,
    { other_signatories: others, call: runtimeCall },
    (ctx, { other_signatories, call }) => {
      const account = multisigAccount(allSignatories(signer(ctx), other_signatories), 1);
      const result = ctx.dispatch(call, signedOrigin(account));
      const used = result.info.actual_weight;
      const report = used ? { actual_weight: addWeight(weights.threshold1(sizeOf(call)), used) } : {};
      if (!result.ok) throw new DispatchError(result.error, { ...result.info, ...report });
      return report;
    },
    {
      weight: ({ call }, infoOf: InfoOf): Weight =>
        addWeight(weights.threshold1(sizeOf(call)), infoOf(call).weight),
      class: ({ call }, infoOf: InfoOf) => infoOf(call).class,
      docs: "Makes a call as the joint account of which any one signatory may dispose.",
    },
  ),
  as_multi: call(
    1,
    {
      threshold: u16,
      other_signatories: others,
      maybe_timepoint: maybeWhen,
      call: runtimeCall,
      max_weight,
    },
    (ctx, { threshold, other_signatories, maybe_timepoint, call, max_weight }) =>
      operate(ctx, {
        sender: signer(ctx),
        threshold,
        others: other_signatories,
        timepoint: maybe_timepoint,
        what: { call },
        maxWeight: max_weight,
      }),
    {
      weight: ({ other_signatories, call, max_weight }) =>
        addWeight(weights.anyApproval(other_signatories.length, sizeOf(call)), max_weight),
      docs: "Approves a call by a joint account, and makes it when that is the last approval needed.",
    },
  ),
  approve_as_multi: call(
    2,
    {
      threshold: u16,
      other_signatories: others,
      maybe_timepoint: maybeWhen,
      call_hash: callHash,
      max_weight,
    },
    (ctx, { threshold, other_signatories, maybe_timepoint, call_hash, max_weight }) =>
      operate(ctx, {
        sender: signer(ctx),
        threshold,
        others: other_signatories,
        timepoint: maybe_timepoint,
        what: { hash: call_hash },
        maxWeight: max_weight,
      }),
    {
      weight: ({ other_signatories, max_weight }) =>
        addWeight(weights.approveHash(other_signatories.length), max_weight),
      docs: "Approves a call by its hash, which cannot be the last approval.",
    },
  ),
  cancel_as_multi: call(
    3,
    { threshold: u16, other_signatories: others, timepoint: when, call_hash: callHash },
    (ctx, { threshold, other_signatories, timepoint, call_hash }) => {
      const who = signer(ctx);
      const multisig = jointAccount(who, threshold, other_signatories);
      const operation = storage.Multisigs.get(ctx, multisig, call_hash);
      ensure(operation !== undefined, errors.NotFound);
      ensure(isSame(operation.when, timepoint), errors.WrongTimepoint);
      ensure(equalBytes(operation.depositor, who), errors.NotOwner);
      unreserve(ctx, operation.depositor, operation.deposit);
      storage.Multisigs.delete(ctx, multisig, call_hash);
      events.MultisigCancelled(ctx, { cancelling: who, timepoint, multisig, call_hash });
    },
    {
      weight: ({ other_signatories }) => weights.cancel(other_signatories.length),
      docs: "Gives an operation up and returns its deposit.",
    },
  ),
  poke_deposit: call(
    4,
    { threshold: u16, other_signatories: others, call_hash: callHash },
    (ctx, { threshold, other_signatories, call_hash }) => {
      const who = signer(ctx);
      const multisig = jointAccount(who, threshold, other_signatories);
      const operation = storage.Multisigs.get(ctx, multisig, call_hash);
      ensure(operation !== undefined, errors.NotFound);
      ensure(equalBytes(operation.depositor, who), errors.NotOwner);
      const old_deposit = operation.deposit;
      const new_deposit = depositFor(threshold);
      if (new_deposit === old_deposit) return { pays_fee: "Yes" };
      if (new_deposit > old_deposit) reserve(ctx, who, new_deposit - old_deposit);
      else unreserve(ctx, who, old_deposit - new_deposit);
      storage.Multisigs.set(ctx, multisig, call_hash, { ...operation, deposit: new_deposit });
      events.DepositPoked(ctx, { who, call_hash, old_deposit, new_deposit });
      return { pays_fee: "No" };
    },
    {
      weight: ({ other_signatories }) => weights.pokeDeposit(other_signatories.length),
      docs: "Brings an operation's deposit to what one costs now; free if that is another amount.",
    },
  ),
};

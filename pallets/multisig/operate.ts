/** One approval of an operation: it opens it, adds to it, or completes it. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { PostDispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { outcomeOf } from "../../runtime/frame/dispatch-outcome.ts";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { compareBytes, equalBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { addWeight, anyAbove, type Weight } from "../../runtime/primitives/weight.ts";
import { reserve, unreserve } from "../balances/index.ts";
import { blockNumber, extrinsicIndex } from "../system/index.ts";
import { allSignatories, multisigAccount } from "./account.ts";
import { constants, errors, events, type Operation, storage, type Timepoint } from "./schema.ts";
import * as weights from "./weights.ts";

/** Who approves what, as the calls say it. */
export interface Approval {
  readonly sender: AccountId;
  readonly threshold: number;
  readonly others: readonly AccountId[];
  readonly timepoint: Timepoint | undefined;
  /** The call, or its BLAKE2b hash from those who need not make it. */
  readonly what: { readonly call: AnyCall } | { readonly hash: Uint8Array };
  readonly maxWeight: Weight;
}

type Report = Partial<PostDispatchInfo>;

/** Takes an approval; the last that is needed makes the call, with what it used reported. Throws the pallet's errors. */
export function operate(ctx: Ctx, approval: Approval): Report {
  const { sender, threshold, others, timepoint, what } = approval;
  const multisig = jointAccount(sender, threshold, others);
  const bytes = "call" in what ? encode(runtimeCall, what.call) : undefined;
  const hash = "hash" in what ? what.hash : blake2_256(bytes!);
  const size = bytes?.length ?? 0;

  const operation = storage.Multisigs.get(ctx, multisig, hash);
  if (!operation) {
    ensure(timepoint === undefined, errors.UnexpectedTimepoint);
    open(ctx, approval, multisig, hash);
    return { actual_weight: weights.create(others.length, size) };
  }
  ensure(timepoint !== undefined, errors.NoTimepoint);
  ensure(isSame(operation.when, timepoint), errors.WrongTimepoint);

  const { approvals } = operation;
  const isNew = approvals.length < threshold && !approvals.some((a) => equalBytes(a, sender));
  const count = approvals.length + (isNew ? 1 : 0);
  if ("call" in what && count >= threshold) {
    return complete(ctx, approval, what.call, { multisig, hash, size, operation });
  }
  ensure(isNew, errors.AlreadyApproved);
  storage.Multisigs.set(ctx, multisig, hash, {
    ...operation,
    approvals: [...approvals, sender].sort(compareBytes),
  });
  events.MultisigApproval(ctx, { approving: sender, timepoint, multisig, call_hash: hash });
  return { actual_weight: weights.approve(others.length, size) };
}

/** The account of an operation that needs several approvals. */
export function jointAccount(sender: AccountId, threshold: number, others: readonly AccountId[]): AccountId {
  ensure(threshold >= 2, errors.MinimumThreshold);
  return multisigAccount(allSignatories(sender, others), threshold);
}

/** What opening an operation takes as a deposit. */
export const depositFor = (threshold: number): bigint =>
  constants.DepositBase + constants.DepositFactor * BigInt(threshold);

export const isSame = (a: Timepoint, b: Timepoint): boolean => a.height === b.height && a.index === b.index;

function open(ctx: Ctx, { sender, threshold }: Approval, multisig: AccountId, hash: Uint8Array): void {
  const deposit = depositFor(threshold);
  reserve(ctx, sender, deposit);
  storage.Multisigs.set(ctx, multisig, hash, {
    when: now(ctx),
    deposit,
    depositor: sender,
    approvals: [sender],
  });
  events.NewMultisig(ctx, { approving: sender, multisig, call_hash: hash });
}

interface Found {
  readonly multisig: AccountId;
  readonly hash: Uint8Array;
  readonly size: number;
  readonly operation: Operation;
}

function complete(ctx: Ctx, { sender, others, maxWeight }: Approval, call: AnyCall, found: Found): Report {
  const { multisig, hash, size, operation } = found;
  ensure(!anyAbove(ctx.runtime.dispatchInfo(call).weight, maxWeight), errors.MaxWeightTooLow);
  // Gone before the call runs, so that the call cannot complete it again.
  storage.Multisigs.delete(ctx, multisig, hash);
  unreserve(ctx, operation.depositor, operation.deposit);
  const result = ctx.dispatch(call, signedOrigin(multisig));
  events.MultisigExecuted(ctx, {
    approving: sender,
    timepoint: operation.when,
    multisig,
    call_hash: hash,
    result: outcomeOf(result),
  });
  const used = result.info.actual_weight;
  return used ? { actual_weight: addWeight(weights.complete(others.length, size), used) } : {};
}

const now = (ctx: ReadCtx): Timepoint => ({ height: blockNumber(ctx), index: extrinsicIndex(ctx) });

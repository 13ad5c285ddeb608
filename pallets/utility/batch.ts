/** Several calls in one: stop at the first failure (`batch`), undo all on one (`batch_all`), or go on (`force_batch`). */
import type { InfoOf } from "../../runtime/frame/call.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { badOrigin, DispatchError, ensure } from "../../runtime/frame/dispatch-error.ts";
import {
  actualWeight,
  type DispatchClass,
  type PostDispatchInfo,
} from "../../runtime/frame/dispatch-info.ts";
import type { DispatchResult } from "../../runtime/frame/dispatch-result.ts";
import { type Origin, restrictedOrigin } from "../../runtime/frame/origin.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { addWeight, type Weight, zeroWeight } from "../../runtime/primitives/weight.ts";
import { constants, errors, events } from "./schema.ts";
import * as weights from "./weights.ts";

type Report = Partial<PostDispatchInfo>;

export function batch(ctx: Ctx, calls: readonly AnyCall[]): Report {
  admit(ctx, calls);
  let used = zeroWeight;
  for (const [index, call] of calls.entries()) {
    const result = ctx.dispatch(call, ctx.origin);
    used = addWeight(used, usedBy(ctx, call, result));
    if (!result.ok) {
      events.BatchInterrupted(ctx, { index, error: result.error });
      return { actual_weight: addWeight(weights.batch(index + 1), used) };
    }
    events.ItemCompleted(ctx, {});
  }
  events.BatchCompleted(ctx, {});
  return { actual_weight: addWeight(weights.batch(calls.length), used) };
}

export function batchAll(ctx: Ctx, calls: readonly AnyCall[]): Report {
  admit(ctx, calls);
  const origin = withoutBatchAll(ctx.origin);
  let used = zeroWeight;
  for (const [index, call] of calls.entries()) {
    const result = ctx.dispatch(call, origin);
    used = addWeight(used, usedBy(ctx, call, result));
    if (!result.ok) {
      const actual_weight = addWeight(weights.batchAll(index + 1), used);
      throw new DispatchError(result.error, { actual_weight, pays_fee: "Yes" });
    }
    events.ItemCompleted(ctx, {});
  }
  events.BatchCompleted(ctx, {});
  return { actual_weight: addWeight(weights.batchAll(calls.length), used) };
}

export function forceBatch(ctx: Ctx, calls: readonly AnyCall[]): Report {
  admit(ctx, calls);
  let used = zeroWeight;
  let failures = 0;
  for (const call of calls) {
    const result = ctx.dispatch(call, ctx.origin);
    used = addWeight(used, usedBy(ctx, call, result));
    if (result.ok) events.ItemCompleted(ctx, {});
    else {
      failures++;
      events.ItemFailed(ctx, { error: result.error });
    }
  }
  if (failures > 0) events.BatchCompletedWithErrors(ctx, {});
  else events.BatchCompleted(ctx, {});
  return { actual_weight: addWeight(weights.forceBatch(calls.length), used) };
}

/** What an inner call used of what it declared. */
export const usedBy = (ctx: Ctx, call: AnyCall, result: DispatchResult): Weight =>
  actualWeight(ctx.runtime.dispatchInfo(call), result.info);

/** The declared weights of all calls. */
export const sumOfWeights = (calls: readonly AnyCall[], infoOf: InfoOf): Weight =>
  calls.reduce((sum, call) => addWeight(sum, infoOf(call).weight), zeroWeight);

/** `Operational` if no call is an ordinary one. */
export const classOf = (calls: readonly AnyCall[], infoOf: InfoOf): DispatchClass =>
  calls.some((call) => infoOf(call).class === "Normal") ? "Normal" : "Operational";

/** Anybody but nobody may batch. */
export function ensureSomebody(ctx: Ctx): void {
  ensure(ctx.origin.type !== "None", badOrigin);
}

function admit(ctx: Ctx, calls: readonly AnyCall[]): void {
  ensureSomebody(ctx);
  ensure(calls.length <= constants.batched_calls_limit, errors.TooManyCalls);
}

/** All-or-nothing batches do not nest: each level would undo the work of the one inside again. */
function withoutBatchAll(origin: Origin): Origin {
  if (origin.type !== "Signed") return origin;
  const isOther = (call: AnyCall) => call.type !== "Utility" || call.value.type !== "batch_all";
  return restrictedOrigin(origin.value, origin, isOther);
}

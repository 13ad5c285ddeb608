import { call } from "../../runtime/frame/call.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import type { PostDispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { outcomeOf } from "../../runtime/frame/dispatch-outcome.ts";
import type { DispatchResult } from "../../runtime/frame/dispatch-result.ts";
import { originCaller, restrictedOrigin, root, rootOrigin, signer } from "../../runtime/frame/origin.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u16 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, type Weight, weightCodec } from "../../runtime/primitives/weight.ts";
import { batch, batchAll, classOf, ensureSomebody, forceBatch, sumOfWeights, usedBy } from "./batch.ts";
import { derivativeAccount } from "./derivative.ts";
import { events } from "./schema.ts";
import * as weights from "./weights.ts";

const calls = alias(vec(runtimeCall), "Vec<<T as Config>::RuntimeCall>");
const asOrigin = alias(originCaller, "Box<T::PalletsOrigin>");

export const utilityCalls = {
  batch: call(0, { calls }, (ctx, { calls }) => batch(ctx, calls), {
    weight: ({ calls }, infoOf) => addWeight(weights.batch(calls.length), sumOfWeights(calls, infoOf)),
    class: ({ calls }, infoOf) => classOf(calls, infoOf),
    docs: "Makes calls one after another and stops at the first that fails, keeping what was done before.",
  }),
  as_derivative: call(
    1,
    { index: u16, call: runtimeCall },
    (ctx, { index, call }) => {
      const origin = restrictedOrigin(derivativeAccount(signer(ctx), index), ctx.origin);
      const result = ctx.dispatch(call, origin);
      return passOn(result, addWeight(weights.asDerivative, usedBy(ctx, call, result)));
    },
    {
      weight: ({ call }, infoOf) => addWeight(weights.asDerivative, infoOf(call).weight),
      class: ({ call }, infoOf) => infoOf(call).class,
      docs: "Makes a call as one of the sender's 65,536 derived accounts.",
    },
  ),
  batch_all: call(2, { calls }, (ctx, { calls }) => batchAll(ctx, calls), {
    weight: ({ calls }, infoOf) => addWeight(weights.batchAll(calls.length), sumOfWeights(calls, infoOf)),
    class: ({ calls }, infoOf) => classOf(calls, infoOf),
    docs: "Makes calls one after another; if one fails, none was made.",
  }),
  dispatch_as: call(
    3,
    { as_origin: asOrigin, call: runtimeCall },
    (ctx, { as_origin, call }) => {
      root(ctx);
      events.DispatchedAs(ctx, { result: outcomeOf(ctx.dispatch(call, as_origin.value)) });
    },
    {
      weight: ({ call }, infoOf) => addWeight(weights.dispatchAs, infoOf(call).weight),
      class: ({ call }, infoOf) => infoOf(call).class,
      docs: "Makes a call, by root, on behalf of any origin; how it ended is told in an event.",
    },
  ),
  force_batch: call(4, { calls }, (ctx, { calls }) => forceBatch(ctx, calls), {
    weight: ({ calls }, infoOf) => addWeight(weights.forceBatch(calls.length), sumOfWeights(calls, infoOf)),
    class: ({ calls }, infoOf) => classOf(calls, infoOf),
    docs: "Makes calls one after another, whether they fail or not.",
  }),
  with_weight: call(
    5,
    { call: runtimeCall, weight: alias(weightCodec, "Weight") },
    (ctx, { call }) => {
      root(ctx);
      orThrow(ctx.dispatch(call, rootOrigin));
    },
    {
      weight: ({ weight }) => weight,
      class: ({ call }, infoOf) => infoOf(call).class,
      docs: "Makes a call, by root, at a weight that root tells.",
    },
  ),
  if_else: call(
    6,
    { main: runtimeCall, fallback: runtimeCall },
    (ctx, { main, fallback }) => {
      ensureSomebody(ctx);
      const first = ctx.dispatch(main, ctx.origin);
      const used = addWeight(weights.ifElse, usedBy(ctx, main, first));
      if (first.ok) {
        events.IfElseMainSuccess(ctx, {});
        return { actual_weight: used };
      }
      const second = ctx.dispatch(fallback, ctx.origin);
      const report = passOn(second, addWeight(used, usedBy(ctx, fallback, second)));
      events.IfElseFallbackCalled(ctx, { main_error: first.error });
      return report;
    },
    {
      weight: ({ main, fallback }, infoOf) =>
        addWeight(weights.ifElse, sumOfWeights([main, fallback], infoOf)),
      class: ({ main, fallback }, infoOf) => classOf([main, fallback], infoOf),
      docs: "Makes a call; if it fails, another one in its place.",
    },
  ),
  dispatch_as_fallible: call(
    7,
    { as_origin: asOrigin, call: runtimeCall },
    (ctx, { as_origin, call }) => {
      root(ctx);
      orThrow(ctx.dispatch(call, as_origin.value));
      events.DispatchedAs(ctx, { result: { type: "Ok", value: undefined } });
    },
    {
      weight: ({ call }, infoOf) => addWeight(weights.dispatchAs, infoOf(call).weight),
      class: ({ call }, infoOf) => infoOf(call).class,
      docs: "Makes a call, by root, on behalf of any origin, and fails if it fails.",
    },
  ),
};

function orThrow(result: DispatchResult): void {
  if (!result.ok) throw new DispatchError(result.error);
}

/** An inner call's end as one's own, having used `weight`. */
function passOn(result: DispatchResult, weight: Weight): Partial<PostDispatchInfo> {
  const report: PostDispatchInfo = { actual_weight: weight, pays_fee: "Yes" };
  if (!result.ok) throw new DispatchError(result.error, report);
  return report;
}

import { reclaimWeight } from "../pallets/system/index.ts";
import type { CheckedExtrinsic } from "./check-extrinsic.ts";
import { takeRoom } from "./extensions/check-weight.ts";
import { afterDispatch, prepareExtensions, validateExtensions } from "./extensions.ts";
import type { Ctx } from "./frame/ctx.ts";
import type { DispatchInfo } from "./frame/dispatch-info.ts";
import type { DispatchResult } from "./frame/dispatch-result.ts";
import { noneOrigin, signedOrigin } from "./frame/origin.ts";
import { runtime } from "./index.ts";
import { isInherent } from "./inherents.ts";
import { invalid, unknown, type ValidTransaction } from "./primitives/validity.ts";

/** Runs the call of an extrinsic that may be in the block; throws an `InvalidityError` when it may not. */
export function dispatchExtrinsic(ctx: Ctx, extrinsic: CheckedExtrinsic, info: DispatchInfo): DispatchResult {
  const { call, length } = extrinsic;
  if (extrinsic.type === "Bare") {
    if (!isInherent(call)) throw unknown({ type: "NoUnsignedValidator" });
    takeRoom(ctx, info, length);
    const result = ctx.dispatch(call, noneOrigin);
    reclaimWeight(ctx, info, result.info);
    return result;
  }
  const { who, extra } = extrinsic;
  const transaction = { who, call, info, length };
  validateExtensions(ctx, extra, transaction);
  const prepared = prepareExtensions(ctx, extra, transaction);
  const result = ctx.dispatch(call, signedOrigin(who));
  afterDispatch(ctx, prepared, transaction, result.info);
  return result;
}

/** What a pool needs to know of a transaction; throws an `InvalidityError`. */
export function validity(ctx: Ctx, extrinsic: CheckedExtrinsic): ValidTransaction {
  const { call, length } = extrinsic;
  const info = runtime.dispatchInfo(call);
  if (info.class === "Mandatory") throw invalid({ type: "MandatoryValidation" });
  // Nothing but inherents comes unsigned, and these are never sent.
  if (extrinsic.type === "Bare") throw unknown({ type: "NoUnsignedValidator" });
  return validateExtensions(ctx, extrinsic.extra, { who: extrinsic.who, call, info, length });
}

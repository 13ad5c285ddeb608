import {
  accrue,
  constants,
  ofClass,
  reclaimWeight,
  storage,
  totalWeight,
} from "../../pallets/system/index.ts";
import type { Ctx } from "../frame/ctx.ts";
import type { DispatchInfo } from "../frame/dispatch-info.ts";
import { unit } from "../primitives/codec-struct.ts";
import { invalid } from "../primitives/validity.ts";
import { addWeight, anyAbove } from "../primitives/weight.ts";
import { type Extension, nothing } from "./extension.ts";

/** A block has room for so much weight and so many bytes, of which each class of calls may use its share. */
export const checkWeight: Extension<undefined, undefined, undefined> = {
  identifier: "CheckWeight",
  extra: nothing("frame_system::extensions::check_weight::CheckWeight"),
  implicit: unit,
  validate(ctx, _, { info, length }) {
    checkLimits(ctx, info, length);
    return undefined;
  },
  prepare(ctx, _, { info, length }) {
    takeRoom(ctx, info, length);
    return undefined;
  },
  postDispatch: (ctx, _, { info }, post) => reclaimWeight(ctx, info, post),
};

/** Whether it could go into an empty block, and its bytes into this one. Returns the length used with it. */
function checkLimits(ctx: Ctx, info: DispatchInfo, length: number): number {
  const used = (storage.AllExtrinsicsLen.get(ctx) ?? 0) + length;
  if (used > ofClass(constants.BlockLength.max, info.class)) throw exhausted();
  const { max_extrinsic } = ofClass(constants.BlockWeights.per_class, info.class);
  if (max_extrinsic && anyAbove(info.weight, max_extrinsic)) throw exhausted();
  return used;
}

/** Takes its place in the block, with its bytes; inherents need one too. */
export function takeRoom(ctx: Ctx, info: DispatchInfo, length: number): void {
  const used = checkLimits(ctx, info, length);
  const limits = ofClass(constants.BlockWeights.per_class, info.class);
  const after = accrue(
    storage.BlockWeight.get(ctx),
    addWeight(info.weight, limits.base_extrinsic),
    info.class,
  );
  const ofThisClass = ofClass(after, info.class);
  if (limits.max_total && anyAbove(ofThisClass, limits.max_total)) throw exhausted();
  // A full block still has room for what is reserved for the class.
  const isFull = anyAbove(totalWeight(after), constants.BlockWeights.max_block);
  if (isFull && limits.reserved && anyAbove(ofThisClass, limits.reserved)) throw exhausted();
  storage.AllExtrinsicsLen.set(ctx, used);
  storage.BlockWeight.set(ctx, after);
}

const exhausted = () => invalid({ type: "ExhaustsResources" });

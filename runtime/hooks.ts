import { constants, registerExtraWeight, storage, totalWeight } from "../pallets/system/index.ts";
import type { Ctx } from "./frame/ctx.ts";
import { runtime } from "./index.ts";
import { addWeight, subWeight, type Weight, zeroWeight } from "./primitives/weight.ts";

/** Every pallet's start of the block; what it takes is weight that the block must have. */
export function initializePallets(ctx: Ctx, block: number): void {
  let used: Weight = constants.BlockWeights.base_block;
  for (const { pallet } of runtime.pallets) {
    used = addWeight(used, pallet.onInitialize?.(ctx, block) ?? zeroWeight);
  }
  registerExtraWeight(ctx, used, "Mandatory");
}

/** What can wait is done with the weight that the extrinsics left. */
export function idlePallets(ctx: Ctx): void {
  const block = storage.Number.get(ctx);
  const consumed = totalWeight(storage.BlockWeight.get(ctx));
  let remaining = subWeight(constants.BlockWeights.max_block, consumed);
  if (remaining.ref_time === 0n || remaining.proof_size === 0n) return;
  let used = zeroWeight;
  for (const { pallet } of runtime.pallets) {
    const more = pallet.onIdle?.(ctx, block, remaining) ?? zeroWeight;
    used = addWeight(used, more);
    remaining = subWeight(remaining, more);
  }
  if (used !== zeroWeight) registerExtraWeight(ctx, used, "Mandatory");
}

/** Has every pallet end the block, in the order of their indices. */
export function finalizePallets(ctx: Ctx): void {
  const block = storage.Number.get(ctx);
  for (const { pallet } of runtime.pallets) pallet.onFinalize?.(ctx, block);
}

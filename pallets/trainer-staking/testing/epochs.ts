import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { enterEpoch, enterFirstEpoch } from "../../poh/epoch.ts";
import { currentEpoch } from "../../poh/index.ts";
import { storage as system } from "../../system/index.ts";
import { trainerStaking } from "../index.ts";

/** Begins epoch 0 with the present block, as the first block of a chain does. */
export function beginFirstEpoch(ctx: Ctx): void {
  enterFirstEpoch(ctx, 1000n);
  trainerStaking.onInitialize?.(ctx, system.Number.get(ctx));
}

/** Goes on to the first block of a later epoch, the next one unless told, without the blocks between. */
export function nextEpoch(ctx: Ctx, epoch: bigint = currentEpoch(ctx).index + 1n): void {
  system.Number.mutate(ctx, (number) => number + 1);
  enterEpoch(ctx, epoch);
  trainerStaking.onInitialize?.(ctx, system.Number.get(ctx));
}

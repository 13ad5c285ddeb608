/** New tokens: what each block mints, whom it goes to, and how it becomes free. */
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { addWeight, zeroWeight } from "../../runtime/primitives/weight.ts";
import { author, epochStarted } from "../poh/index.ts";
import { rewardBlock, setBlockReward } from "./block-reward.ts";
import { calls } from "./calls.ts";
import { collectWork } from "./collect-work.ts";
import { closeRound, payRound } from "./drilling-round.ts";
import { constants, declaration } from "./schema.ts";
import * as weights from "./weights.ts";

export { constants, errors, events, storage } from "./schema.ts";
export { vestingOf, vestingReason } from "./vesting.ts";

export const rewards = pallet(declaration, {
  calls,
  onInitialize(ctx) {
    const collected = collectWork(ctx);
    let used = zeroWeight;
    if (epochStarted(ctx)) {
      setBlockReward(ctx);
      closeRound(ctx);
      used = addWeight(used, weights.beginEpoch);
    }
    used = addWeight(used, weights.drillingRound(collected, payRound(ctx)));
    const who = author(ctx);
    if (who === undefined) return used;
    rewardBlock(ctx, who);
    return addWeight(used, weights.rewardBlock);
  },
  genesis: genesis({ vestingPeriod: u32 }, { vestingPeriod: 2_592_000 }, (ctx, { vestingPeriod }) => {
    if (vestingPeriod === 0) throw new Error("rewards vest over at least one block");
    constants.VestingPeriod.set(ctx, vestingPeriod);
  }),
});

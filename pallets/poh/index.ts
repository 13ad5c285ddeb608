/**
 * Proof of hashrate: time is cut into slots and epochs; in each slot a trainer may author a block with a chance
 * that its effective compute gives it. Who stands in the lists, and what becomes of offenders, others decide.
 */
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { addWeight } from "../../runtime/primitives/weight.ts";
import { planGenesis } from "./authorities.ts";
import { calls, equivocationInherent } from "./calls.ts";
import { epochStarted } from "./epoch.ts";
import { authorityList, constants, declaration, storage } from "./schema.ts";
import { beginSlot, checkTime } from "./slot.ts";
import * as weights from "./weights.ts";

export { authorities, planAuthorities, planGenesis, suspend } from "./authorities.ts";
export { type EquivocationProof, equivocationInherent, equivocationProof } from "./calls.ts";
export { type Claim, type ClaimKind, claimItems, engineName, ownBytes, readClaimItems } from "./claim.ts";
export { consensusLog } from "./consensus-log.ts";
export { currentEpoch, type Epoch, epochStarted, nextEpoch } from "./epoch.ts";
export { isReportable, takeOffences } from "./equivocation.ts";
export { epochOf, type Lottery, lotteryOf, secondaryAuthor, thresholdOf } from "./lottery.ts";
export { blockRandomness } from "./randomness.ts";
export { type Authority, constants, errors, events, type Offence, storage } from "./schema.ts";
export { author, currentSlot, slotDuration } from "./slot.ts";

export const poh = pallet(declaration, {
  calls,
  inherent: equivocationInherent,
  genesis: genesis(
    { epochLength: u64, randomness: fixedBytes(32), authorities: authorityList },
    { epochLength: 4_800n, randomness: new Uint8Array(32), authorities: [] },
    (ctx, { epochLength, randomness, authorities }) => {
      if (epochLength < 1n) throw new Error("an epoch has at least one slot");
      constants.EpochLength.set(ctx, epochLength);
      storage.Randomness.set(ctx, randomness);
      storage.NextRandomness.set(ctx, randomness);
      planGenesis(ctx, authorities);
    },
  ),
  onInitialize(ctx) {
    beginSlot(ctx);
    return epochStarted(ctx) ? addWeight(weights.beginSlot, weights.enterEpoch) : weights.beginSlot;
  },
  onFinalize: checkTime,
});

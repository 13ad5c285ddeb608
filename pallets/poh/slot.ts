import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { blockAuthor } from "../../runtime/primitives/digest.ts";
import { storage as system } from "../system/index.ts";
import { now, constants as timestamp } from "../timestamp/index.ts";
import { type Claim, readClaimItems } from "./claim.ts";
import { enterEpoch, enterFirstEpoch } from "./epoch.ts";
import { epochOf } from "./lottery.ts";
import { mix } from "./randomness.ts";
import { storage } from "./schema.ts";

/** The slot of this block. */
export const currentSlot = (ctx: ReadCtx): bigint => storage.CurrentSlot.get(ctx);

/** Who made this block; undefined outside of one. */
export const author = (ctx: ReadCtx): AccountId | undefined => blockAuthor(system.Digest.get(ctx).logs);

/** Length of a slot in ms: as clients assume, twice the least time between blocks. */
export const slotDuration = (ctx: ReadCtx): bigint => 2n * timestamp.MinimumPeriod(ctx);

/**
 * Begins a block with what its digest claims. Proofs and seals are left to those who import headers. Throws for a claim
 * that cannot be, which makes the block none.
 */
export function beginSlot(ctx: Ctx): void {
  const claimed = readClaimItems(system.Digest.get(ctx).logs);
  if (typeof claimed === "string") throw new Error(`the block claims no slot: ${claimed}`);
  const { slot } = claimed.claim;
  if (!storage.GenesisSlot.exists(ctx)) enterFirstEpoch(ctx, slot);
  else {
    const before = currentSlot(ctx);
    if (slot <= before) throw new Error(`the block's slot ${slot} does not come after slot ${before}`);
    const epoch = epochOf(ctx, slot);
    if (epoch > storage.EpochIndex.get(ctx)) enterEpoch(ctx, epoch);
  }
  storage.CurrentSlot.set(ctx, slot);
  checkAuthor(ctx, claimed.author, claimed.claim);
  mix(ctx, claimed.claim.vrf_output);
}

/** Throws where the block's time does not lie in its slot. */
export function checkTime(ctx: ReadCtx): void {
  const [time, slot] = [now(ctx), currentSlot(ctx)];
  const duration = slotDuration(ctx);
  if (time / duration === slot) return;
  throw new Error(`the block's time ${time} does not lie in its slot ${slot} of ${duration} ms`);
}

function checkAuthor(ctx: ReadCtx, account: AccountId, { trainer_index: place }: Claim): void {
  const list = storage.Authorities.get(ctx);
  const authority = list[place];
  if (!authority) throw new Error(`the epoch has ${list.length} authorities, so none in place ${place}`);
  if (equalBytes(authority.trainer, account)) return;
  throw new Error(`the author is ${toHex(account)}, in place ${place} stands ${toHex(authority.trainer)}`);
}

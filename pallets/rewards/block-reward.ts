import type { Ctx } from "../../runtime/frame/ctx.ts";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import { transactional } from "../../runtime/frame/transactional.ts";
import { type AccountId, treasuryAccount } from "../../runtime/primitives/account.ts";
import { mint } from "../balances/index.ts";
import { currentEpoch, constants as poh, slotDuration } from "../poh/index.ts";
import { rewardAfter, sharesOf, vestingPart } from "./emission.ts";
import { constants, events, storage } from "./schema.ts";
import { scheduleVesting } from "./vesting.ts";

/** Sets what each block of the epoch that begins mints. Effects: emits `RewardChanged` if it is another amount. */
export function setBlockReward(ctx: Ctx): void {
  const { index } = currentEpoch(ctx);
  const reward = rewardAfter(index * poh.EpochLength(ctx) * slotDuration(ctx));
  if (reward === storage.BlockReward.get(ctx)) return;
  storage.BlockReward.set(ctx, reward);
  events.RewardChanged(ctx, { epoch: index, reward });
}

/**
 * Mints this block's reward: for its author, the drilling pool and the treasury. An account that cannot take its
 * share gets none, and that much less is minted: so it is when a reward has become too small to open an account with.
 * Effects: emits `BlockRewarded`, which tells what each really got.
 */
export function rewardBlock(ctx: Ctx, author: AccountId): void {
  const shares = sharesOf(storage.BlockReward.get(ctx));
  const authorShare = attempt(ctx, shares.author, () => mintVesting(ctx, author, shares.author));
  const pool = attempt(ctx, shares.pool, () => mint(ctx, constants.PoolAccount, shares.pool));
  const treasury = attempt(ctx, shares.treasury, () => mint(ctx, treasuryAccount, shares.treasury));
  const reward = authorShare + pool + treasury;
  const vesting = vestingPart(authorShare);
  events.BlockRewarded(
    ctx,
    { author, reward, author_share: authorShare, vesting, drilling_pool: pool, treasury },
    [author],
  );
}

function mintVesting(ctx: Ctx, who: AccountId, amount: bigint): void {
  mint(ctx, who, amount);
  const vesting = vestingPart(amount);
  if (vesting > 0n) scheduleVesting(ctx, who, vesting);
}

/** The amount, or 0 where the payment could not be made and was undone: a hook must not fail. */
function attempt(ctx: Ctx, amount: bigint, pay: () => void): bigint {
  if (amount === 0n) return 0n;
  try {
    transactional(ctx, pay);
    return amount;
  } catch (error) {
    if (error instanceof DispatchError) return 0n;
    throw error;
  }
}

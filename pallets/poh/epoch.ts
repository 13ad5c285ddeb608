import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { blockNumber, depositLog } from "../system/index.ts";
import { engine } from "./claim.ts";
import { consensusLog } from "./consensus-log.ts";
import { nextRandomness } from "./randomness.ts";
import { constants, events, storage } from "./schema.ts";

/** An epoch of slots; `startSlot` is its first, whether a block was made in it or not. */
export interface Epoch {
  readonly index: bigint;
  readonly startSlot: bigint;
  readonly randomness: Uint8Array;
}

/** The epoch of this block. */
export function currentEpoch(ctx: ReadCtx): Epoch {
  const index = storage.EpochIndex.get(ctx);
  return { index, startSlot: startOf(ctx, index), randomness: storage.Randomness.get(ctx) };
}

/** The epoch after this one, as far as it is known: it has these data also if it is skipped. */
export function nextEpoch(ctx: ReadCtx): Epoch {
  const index = storage.EpochIndex.get(ctx) + 1n;
  return { index, startSlot: startOf(ctx, index), randomness: storage.NextRandomness.get(ctx) };
}

/** Whether this block is the first of its epoch. */
export const epochStarted = (ctx: ReadCtx): boolean =>
  storage.EpochStartBlock.get(ctx) === blockNumber(ctx) && storage.GenesisSlot.exists(ctx);

/** Begins epoch 0 with the slot of block 1. Effects: as `enterEpoch`. */
export function enterFirstEpoch(ctx: Ctx, slot: bigint): void {
  storage.GenesisSlot.set(ctx, slot);
  announce(ctx);
}

/**
 * Moves from the present epoch to a later one. What was next is now, what was planned is next, and is planned again until
 * somebody plans otherwise. Effects: `EpochStarted`, and a digest item that announces the next epoch.
 */
export function enterEpoch(ctx: Ctx, epoch: bigint): void {
  const ended = storage.EpochIndex.get(ctx);
  storage.PastAuthorities.set(ctx, ended, storage.Authorities.get(ctx));
  forgetBefore(ctx, epoch - constants.HistoryDepth);
  storage.EpochIndex.set(ctx, epoch);
  storage.Authorities.set(ctx, storage.NextAuthorities.get(ctx));
  storage.NextAuthorities.set(ctx, storage.PlannedAuthorities.get(ctx));
  const randomness = storage.NextRandomness.get(ctx);
  storage.Randomness.set(ctx, randomness);
  storage.NextRandomness.set(ctx, nextRandomness(ctx, randomness, ended));
  announce(ctx);
}

function announce(ctx: Ctx): void {
  storage.EpochStartBlock.set(ctx, blockNumber(ctx));
  const { index: epoch, startSlot, randomness } = currentEpoch(ctx);
  events.EpochStarted(ctx, { epoch, start_slot: startSlot, randomness });
  const next = nextEpoch(ctx);
  const log = encode(consensusLog, {
    type: "NextEpoch",
    value: {
      epoch: next.index,
      start_slot: next.startSlot,
      randomness: next.randomness,
      authorities: storage.NextAuthorities.get(ctx),
    },
  });
  depositLog(ctx, { type: "Consensus", value: [engine, log] });
}

/** There are at most `HistoryDepth` entries, so all may be looked at. */
function forgetBefore(ctx: Ctx, oldest: bigint): void {
  for (const [epoch] of [...storage.PastAuthorities.keys(ctx)]) {
    if (epoch >= oldest) continue;
    storage.PastAuthorities.delete(ctx, epoch);
    storage.Offenders.delete(ctx, epoch);
  }
}

const startOf = (ctx: ReadCtx, epoch: bigint): bigint =>
  (storage.GenesisSlot.get(ctx) ?? 0n) + epoch * constants.EpochLength(ctx);

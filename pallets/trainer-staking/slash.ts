/** Taking from trainers what their faults cost. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { Reason } from "../../runtime/frame/reason.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { slashHeld } from "../balances/index.ts";
import { blockNumber } from "../system/index.ts";
import {
  bondReason,
  type Chunk,
  constants,
  events,
  type SlashReason,
  type SlashSubject,
  storage,
} from "./schema.ts";
import { type Share, settle } from "./settle.ts";
import { stakeOf } from "./trainer.ts";

const million = 1_000_000n;

/** Rewards that have not vested are the last that a slash of the bond reaches; `Rewards` keeps this hold. */
const vestingReason: Reason = { type: "Rewards", value: "Vesting" };

export interface Slash {
  readonly trainer: AccountId;
  /** So much, or so many parts per million of the bond and what is unbonding. */
  readonly amount: bigint | { readonly permill: number };
  readonly reason: SlashReason;
  /** What the fault happened in. */
  readonly subject: SlashSubject;
  /** Hash of what proves the fault, 32 bytes. */
  readonly evidence: Uint8Array;
  /** Gets `ReporterShare` of it, unless it is the trainer itself. */
  readonly reporter?: AccountId | undefined;
}

/**
 * Slashes a trainer's own stake: first the bond, then what is unbonding, newest first, then rewards that have not
 * vested. Returns how much was taken, which may be less than asked for; never fails. Half of what no reporter gets is
 * burned, half goes to the treasury. Effects: emits `Slashed`.
 */
export function slashBond(ctx: Ctx, { trainer, amount, reporter, ...fault }: Slash): bigint {
  const wanted =
    typeof amount === "bigint" ? amount : (stakeOf(ctx, trainer) * BigInt(amount.permill)) / million;
  const fromBond = smallerOf(wanted, stakeOf(ctx, trainer));
  lowerStake(ctx, trainer, fromBond);
  const bond = slashHeld(ctx, bondReason, trainer, fromBond);
  const vesting = slashHeld(ctx, vestingReason, trainer, wanted - fromBond);
  const taken = bond.taken + vesting.taken;
  const reward = (taken * BigInt(constants.ReporterShare)) / million;
  settle(ctx, taken, reporter && !equalBytes(reporter, trainer) ? [[reporter, reward]] : []);
  note(ctx, { ...fault, trainer, amount: taken });
  return taken;
}

export interface Penalty {
  readonly trainer: AccountId;
  /** Under which reason the bond of the task, order or inspection is on hold. */
  readonly from: Reason;
  readonly amount: bigint;
  readonly reason: SlashReason;
  /** What the fault happened in. */
  readonly subject: SlashSubject;
  /** Hash of what proves the fault, 32 bytes. */
  readonly evidence: Uint8Array;
  /** Who gets how much of it, in this order as far as it reaches. */
  readonly to: readonly Share[];
  /** What is burned of it before the rest is divided. */
  readonly burn?: bigint;
}

/**
 * Takes a bond that another pallet holds: the one way to do so. Half of what is neither assigned nor named to be burned
 * is burned, half goes to the treasury. Returns how much was there to take; never fails. Effects: emits `Slashed`.
 */
export function penalise(ctx: Ctx, { trainer, from, amount, to, burn, ...fault }: Penalty): bigint {
  const { taken } = slashHeld(ctx, from, trainer, amount);
  settle(ctx, taken, to, burn);
  note(ctx, { ...fault, trainer, amount: taken });
  return taken;
}

/** Remembers a slash among the latest of the account, and emits it. */
function note(
  ctx: Ctx,
  slashed: Pick<Slash, "trainer" | "reason" | "subject" | "evidence"> & { readonly amount: bigint },
): void {
  const { trainer, ...slash } = slashed;
  const block = blockNumber(ctx);
  storage.RecentSlashes.mutate(ctx, trainer, (recent) =>
    [...recent, { block, ...slash }].slice(-constants.MaxRecentSlashes),
  );
  events.Slashed(ctx, slashed, [trainer]);
}

/** Takes `amount`, at most all, from the records of bond and unbonding. */
function lowerStake(ctx: Ctx, who: AccountId, amount: bigint): void {
  let left = amount;
  const trainer = storage.Trainers.get(ctx, who);
  if (trainer) {
    const part = smallerOf(left, trainer.bond);
    left -= part;
    storage.Trainers.set(ctx, who, { ...trainer, bond: trainer.bond - part });
  }
  if (left === 0n) return;
  const kept: Chunk[] = [];
  for (const { value, epoch } of storage.Unbonding.get(ctx, who).toReversed()) {
    const part = smallerOf(left, value);
    left -= part;
    if (value > part) kept.unshift({ value: value - part, epoch });
  }
  if (kept.length === 0) storage.Unbonding.delete(ctx, who);
  else storage.Unbonding.set(ctx, who, kept);
}

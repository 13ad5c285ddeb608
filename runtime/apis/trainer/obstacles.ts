import { storage as drilling } from "../../../pallets/drilling/index.ts";
import { isAvailable, machinesOf } from "../../../pallets/machines/index.ts";
import { authorities, currentEpoch } from "../../../pallets/poh/index.ts";
import { blockNumber } from "../../../pallets/system/index.ts";
import { bondOf, constants as staking, storage as trainers } from "../../../pallets/trainer-staking/index.ts";
import type { ReadCtx } from "../../frame/ctx.ts";
import type { AccountId } from "../../primitives/account.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Value } from "../../primitives/codec.ts";
import { unitEnum } from "../../primitives/codec-tagged.ts";

/** What keeps an account from blocks or from work, in the order in which its owner would see to them. */
export const obstacle = unitEnum("matrixai_runtime::Obstacle", [
  "NotRegistered",
  /** Rests by its own wish until `resume`. */
  "Chilled",
  /** After an equivocation, until the epoch `suspended_before`. */
  "Suspended",
  "BondBelowMinimum",
  /** Below what its machines require: blocks, but no new work. */
  "BondBelowRequired",
  /** Not in the list of this epoch: lists are frozen three epochs before. */
  "NotInThisEpoch",
  "NoWeightInThisEpoch",
  "NotInNextEpoch",
  "NoWeightInNextEpoch",
  "NoMachine",
  /** None has passed its challenge and sent a heartbeat in this epoch or the one before. */
  "NoMachineAvailable",
  /** Drilling takes no requests from it before the block `rests_until`. */
  "RestsFromDrilling",
  /** It has not asked for drilling work, so it will not be drawn for any. */
  "NotAskingForWork",
]);
type Obstacle = Value<typeof obstacle>;

/** All that stands between an account and blocks, work or orders now. */
export function obstaclesOf(ctx: ReadCtx, who: AccountId): Obstacle[] {
  const trainer = trainers.Trainers.get(ctx, who);
  if (trainer === undefined) return ["NotRegistered"];
  const bond = bondOf(ctx, who);
  const machines = machinesOf(ctx, who);
  const found: (Obstacle | false | undefined)[] = [
    trainer.chilled && "Chilled",
    currentEpoch(ctx).index < trainer.suspended_before && "Suspended",
    bond < staking.MinBond(ctx) && "BondBelowMinimum",
    bond < trainer.required && "BondBelowRequired",
    inList(ctx, who, "current", "NotInThisEpoch", "NoWeightInThisEpoch"),
    inList(ctx, who, "next", "NotInNextEpoch", "NoWeightInNextEpoch"),
    machines.length === 0 && "NoMachine",
    machines.length > 0 && !machines.some((id) => isAvailable(ctx, id)) && "NoMachineAvailable",
    drilling.Records.get(ctx, who).rests_until > blockNumber(ctx) && "RestsFromDrilling",
    !drilling.Asking.get(ctx, who) && "NotAskingForWork",
  ];
  return found.filter((each): each is Obstacle => typeof each === "string");
}

function inList(
  ctx: ReadCtx,
  who: AccountId,
  epoch: "current" | "next",
  absent: Obstacle,
  weightless: Obstacle,
): Obstacle | undefined {
  const entry = authorities(ctx, epoch).find(({ trainer }) => equalBytes(trainer, who));
  if (entry === undefined) return absent;
  return entry.weight === 0n ? weightless : undefined;
}

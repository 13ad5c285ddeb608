import { scoreInfo, scoreOf, weightOf } from "../../pallets/compute-score/index.ts";
import { storage as drilling } from "../../pallets/drilling/index.ts";
import { machineId, machineOf, machinesOf } from "../../pallets/machines/index.ts";
import { authorities, currentEpoch, thresholdOf } from "../../pallets/poh/index.ts";
import { vestingOf } from "../../pallets/rewards/index.ts";
import { blockNumber } from "../../pallets/system/index.ts";
import { now } from "../../pallets/timestamp/index.ts";
import {
  canWork,
  isActive,
  pastSlash,
  stakeOf,
  constants as staking,
  storage as trainers,
} from "../../pallets/trainer-staking/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import type { Ctx, ReadCtx } from "../frame/ctx.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { type AccountId, accountId } from "../primitives/account.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Value } from "../primitives/codec.ts";
import { str } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { bool, u32, u64, u128 } from "../primitives/codec-number.ts";
import { struct } from "../primitives/codec-struct.ts";
import { option } from "../primitives/codec-tagged.ts";
import { duties, dutiesOf } from "./trainer/duties.ts";
import { obstacle, obstaclesOf } from "./trainer/obstacles.ts";

/** The stake of a trainer, in the smallest unit of the token. */
const stakeFacts = struct("matrixai_runtime::StakeFacts", {
  bond: u128,
  /** Part of a former bond that a slash still reaches. */
  unbonding: u128,
  minimum: u128,
  /** What its machines require. */
  required: u128,
  chilled: bool,
  /** Without weight in epochs below this one. */
  suspended_before: u64,
  /** May author blocks, as far as its stake goes. */
  active: bool,
  /** May take on work. */
  can_work: bool,
});

/** A place in the frozen list of an epoch. Of 2^128 lottery numbers, those below `threshold` win a slot. */
const place = struct("matrixai_runtime::Place", { epoch: u64, weight: u128, all: u128, threshold: u128 });

const machineFacts = struct("matrixai_runtime::MachineFacts", {
  id: machineId,
  state: str,
  available: bool,
  declared: u128,
  measured: u128,
  /** The last epoch with a heartbeat. */
  heartbeat: u64,
  engagements: u32,
});

/** How drilling sees it. */
const drillingFacts = struct("matrixai_runtime::DrillingFacts", {
  /** Waits for work. */
  asking: bool,
  streak: u32,
  /** Takes no requests before this block. */
  rests_until: u32,
});

export const explanation = struct("matrixai_runtime::Explanation", {
  account: accountId,
  block: u32,
  at: u64,
  epoch: u64,
  obstacles: vec(obstacle),
  stake: option(stakeFacts),
  /** Weight now, in uut per day; it counts in the epoch after the next two. */
  weight: u128,
  places: vec(place),
  score: scoreInfo,
  machines: vec(machineFacts),
  drilling: drillingFacts,
  /** Rewards on hold: what could be claimed now, and the rest. */
  vested: u128,
  vesting: u128,
  duties,
  /** The latest, oldest first. */
  penalties: vec(pastSlash),
});

export const trainerApi = runtimeApi(
  "TrainerApi",
  apiVersionOf.TrainerApi,
  "Why a trainer was not drawn, not paid, or penalised.",
  {
    explain: method(
      "The facts: what stands in the way, stake, weight and places in the lists of epochs, score, machines, rewards, open duties and the latest penalties.",
      { account: accountId },
      explanation,
      (ctx, { account }) => explain(ctx, account),
    ),
  },
);

function explain(ctx: Ctx, account: AccountId): Value<typeof explanation> {
  const at = now(ctx);
  const { claimable, remaining } = vestingOf(ctx, account);
  return {
    account,
    block: blockNumber(ctx),
    at,
    epoch: currentEpoch(ctx).index,
    obstacles: obstaclesOf(ctx, account),
    stake: stakeFactsOf(ctx, account),
    weight: weightOf(ctx, account, at),
    places: placesOf(ctx, account),
    score: scoreOf(ctx, account),
    machines: machinesOf(ctx, account).flatMap((id) => {
      const machine = machineOf(ctx, id);
      return machine ? [{ id, ...machine }] : [];
    }),
    drilling: { asking: drilling.Asking.get(ctx, account), ...drilling.Records.get(ctx, account) },
    vested: claimable,
    vesting: remaining,
    duties: dutiesOf(ctx, account),
    penalties: trainers.RecentSlashes.get(ctx, account),
  };
}

function stakeFactsOf(ctx: ReadCtx, who: AccountId): Value<typeof stakeFacts> | undefined {
  const trainer = trainers.Trainers.get(ctx, who);
  return (
    trainer && {
      ...trainer,
      unbonding: stakeOf(ctx, who) - trainer.bond,
      minimum: staking.MinBond(ctx),
      active: isActive(ctx, who),
      can_work: canWork(ctx, who),
    }
  );
}

/** Its places in the lists of this epoch and the next. */
function placesOf(ctx: ReadCtx, who: AccountId): Value<typeof place>[] {
  const { index } = currentEpoch(ctx);
  return (["current", "next"] as const).flatMap((which, i) => {
    const list = authorities(ctx, which);
    const entry = list.find(({ trainer }) => equalBytes(trainer, who));
    if (entry === undefined) return [];
    const all = list.reduce((sum, { weight }) => sum + weight, 0n);
    const threshold = thresholdOf(entry.weight, list);
    return [{ epoch: index + BigInt(i), weight: entry.weight, all, threshold }];
  });
}

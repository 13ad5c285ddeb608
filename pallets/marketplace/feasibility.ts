/** Why an order cannot be; quotes list all reasons, calls fail with the first. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { machineOf } from "../machines/index.ts";
import { authorities } from "../poh/index.ts";
import { constants as time } from "../timestamp/index.ts";
import { canWork, trainerOfKey } from "../trainer-staking/index.ts";
import type { Refusal } from "./errors.ts";
import { priceOf, uutOf } from "./price.ts";
import { constants, errors, storage } from "./schema.ts";
import { areThresholds } from "./thresholds.ts";
import type { Offer, OrderSpec, Origin } from "./types.ts";

const fractions = 10 ** 9;
export const dayMs = 86_400_000n;

/** Fails with the first reason, if there is one. */
export function refuseFor([reason]: readonly Refusal[]): void {
  if (reason) throw errors[reason]();
}

/** What is wrong with an order as such, for this buyer where one is known. */
export function faultsOf(ctx: ReadCtx, spec: OrderSpec, buyer?: AccountId): Refusal[] {
  const { MaxFlop, MinCheckpoints, MaxCheckpoints, MaxInspectors, MinInspectionFee, MinPrice } = constants;
  const { checkpoints, steps, inspectors, inspection_fee, price_limit } = spec;
  const isWindow = (blocks: number) => blocks >= 1 && blocks <= constants.MaxWindow;
  return failing({
    FlopOutOfRange: spec.flop >= 1n && spec.flop <= MaxFlop,
    StepsOutOfRange: checkpoints >= MinCheckpoints && checkpoints <= MaxCheckpoints && steps >= checkpoints,
    PanelOutOfRange: inspectors % 2 === 1 && inspectors <= MaxInspectors,
    FeeTooLow: inspection_fee >= MinInspectionFee * BigInt(inspectors),
    PriceTooLow: price_limit >= MinPrice,
    WindowOutOfRange: isWindow(spec.accept_within) && isWindow(spec.train_within),
    BadThresholds:
      spec.target <= fractions && (spec.thresholds === undefined || areThresholds(spec.thresholds)),
    TooFewInspectors: inspectorsFor(ctx, buyer) >= inspectors,
    NoCheckpoint: spec.continues === undefined || originOf(ctx, spec.continues, buyer) !== undefined,
  });
}

/** What speaks against having an order done by a machine on offer. */
export function misfitsOf(
  ctx: ReadCtx,
  spec: OrderSpec,
  machine: Uint8Array,
  offer: Offer | undefined,
  buyer?: AccountId,
): Refusal[] {
  if (offer === undefined) return ["NoOffer"];
  const { terms } = offer;
  const price = priceOf(uutOf(spec.flop), terms.price_per_ut);
  return [
    ...failing({
      PriceAboveLimit: price <= spec.price_limit,
      PriceTooLow: price >= constants.MinPrice,
      WindowTooLong: spec.train_within <= terms.longest,
      DiskTooSmall: spec.disk <= terms.disk,
    }),
    ...unfitness(ctx, spec, machine, offer.trainer, buyer),
  ];
}

/** What speaks against a trainer and its machine, whatever the terms. */
export function unfitness(
  ctx: ReadCtx,
  spec: OrderSpec,
  machine: Uint8Array,
  trainer: AccountId,
  buyer?: AccountId,
): Refusal[] {
  const found = machineOf(ctx, machine);
  const owned = found !== undefined && equalBytes(found.owner, trainer);
  const duration = found && durationMs(spec.flop, found.measured);
  return failing({
    SelfDealing: buyer === undefined || !areOne(ctx, buyer, trainer),
    MachineUnavailable: owned && found.available,
    CannotWork: canWork(ctx, trainer),
    TooSlow: duration !== undefined && duration <= windowMs(ctx, spec.train_within),
  });
}

/** How long a machine takes at its measured capacity in uut per day; undefined where nothing was measured. */
export const durationMs = (flop: bigint, measured: bigint): bigint | undefined =>
  measured === 0n ? undefined : (uutOf(flop) * dayMs + measured - 1n) / measured;

/** The checkpoint that an order may begin with: the last one anchored of an earlier order of the buyer. */
export function originOf(ctx: ReadCtx, id: number, buyer?: AccountId): Origin | undefined {
  const earlier = storage.Orders.get(ctx, id) ?? storage.Ended.get(ctx, id);
  if (earlier === undefined || (buyer && !equalBytes(earlier.buyer, buyer))) return undefined;
  const last = "last" in earlier ? earlier.last : storage.Anchors.get(ctx, id).at(-1);
  // The first checkpoint is the start itself.
  return last && last.index > 0
    ? { order: id, index: last.index, step: last.step, link: last.link }
    : undefined;
}

/** Whether a buyer is the trainer: the account itself, or one of the trainer's session keys used as an account. */
export const areOne = (ctx: ReadCtx, buyer: AccountId, trainer: AccountId): boolean =>
  [buyer, trainerOfKey(ctx, "poh", buyer), trainerOfKey(ctx, "gran", buyer)].some(
    (who) => who !== undefined && equalBytes(who, trainer),
  );

/** Trainers of this epoch that are no party to an order: all but the buyer and one who does the work. */
function inspectorsFor(ctx: ReadCtx, buyer?: AccountId): number {
  const others = authorities(ctx).filter(({ trainer }) => !(buyer && equalBytes(trainer, buyer)));
  return others.length - 1;
}

const windowMs = (ctx: ReadCtx, blocks: number): bigint => BigInt(blocks) * 2n * time.MinimumPeriod(ctx);

const failing = (conditions: Partial<Record<Refusal, boolean>>): Refusal[] =>
  (Object.keys(conditions) as Refusal[]).filter((reason) => !conditions[reason]);

/** What other pallets ask of a trainer. */
import type { ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { currentEpoch } from "../poh/index.ts";
import type { SessionKeys } from "./possession.ts";
import { constants, errors, storage, type Trainer } from "./schema.ts";
import { type TrainerState, trainerStateIn } from "./states.ts";

/** The types of session keys, as storage keys name them. */
export const keyType = { poh: textBytes("poh_"), gran: textBytes("gran") } as const;

export const isTrainer = (ctx: ReadCtx, who: AccountId): boolean => storage.Trainers.exists(ctx, who);

/** The state of a trainer now; undefined of a stranger. */
export function trainerStateOf(ctx: ReadCtx, who: AccountId): TrainerState | undefined {
  const trainer = storage.Trainers.get(ctx, who);
  return trainer && trainerStateIn(trainer, currentEpoch(ctx).index, constants.MinBond(ctx));
}

/** Registered, bonded enough to be a trainer, neither resting nor suspended. */
export const isActive = (ctx: ReadCtx, who: AccountId): boolean => serves(trainerStateOf(ctx, who));

/** Active, and bonded enough for all of its machines: may take on work. */
export const canWork = (ctx: ReadCtx, who: AccountId): boolean => trainerStateOf(ctx, who) === "Working";

/** What is bonded and not unbonding; 0 of a stranger. */
export const bondOf = (ctx: ReadCtx, who: AccountId): bigint => storage.Trainers.get(ctx, who)?.bond ?? 0n;

/** All that a slash of the bond can reach: the bond, and what is unbonding. */
export const stakeOf = (ctx: ReadCtx, who: AccountId): bigint =>
  storage.Unbonding.get(ctx, who).reduce((sum, chunk) => sum + chunk.value, bondOf(ctx, who));

/** A trainer's present session keys; undefined for one who is not registered. */
export function keysOf(ctx: ReadCtx, who: AccountId): SessionKeys | undefined {
  const trainer = storage.Trainers.get(ctx, who);
  return trainer && { poh: trainer.poh_key, gran: trainer.gran_key };
}

/** Whose session key this is now. */
export const trainerOfKey = (ctx: ReadCtx, type: keyof SessionKeys, key: Uint8Array): AccountId | undefined =>
  storage.KeyOwner.get(ctx, keyType[type], key);

/** All registered trainers, in the order of their storage keys; at most `MaxTrainers`. */
export const trainers = (ctx: ReadCtx): AccountId[] => [...storage.Trainers.keys(ctx)].map(([who]) => who);

/** What the machines of a trainer need, below which it cannot unbond. Throws `NotRegistered`. */
export function setRequiredBond(ctx: WriteCtx, who: AccountId, required: bigint): void {
  storage.Trainers.set(ctx, who, { ...registered(ctx, who), required });
}

/** The record of a trainer; throws `NotRegistered`. */
export function registered(ctx: ReadCtx, who: AccountId): Trainer {
  const trainer = storage.Trainers.get(ctx, who);
  ensure(trainer !== undefined, errors.NotRegistered);
  return trainer;
}

/** Whether a trainer has a place among the authorities of an epoch. */
export const servesIn = (trainer: Trainer, epoch: bigint, minBond: bigint): boolean =>
  serves(trainerStateIn(trainer, epoch, minBond));

const serves = (state: TrainerState | undefined): boolean => state === "Working" || state === "Limited";

/** Becoming a trainer, changing keys, resting, and leaving. */
import type { Ctx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { hold } from "../balances/index.ts";
import { beginUnbonding } from "./bonding.ts";
import { provesPossession, type SessionKeys } from "./possession.ts";
import { bondReason, constants, errors, events, storage } from "./schema.ts";
import { keyType, registered, trainerOfKey } from "./trainer.ts";

/** Makes `who` a trainer that brings `bond`. Throws `FundsUnavailable` besides the errors of this pallet. */
export function register(ctx: Ctx, who: AccountId, bond: bigint, keys: SessionKeys, proof: Uint8Array): void {
  ensure(!storage.Trainers.exists(ctx, who), errors.AlreadyRegistered);
  ensure(bond >= constants.MinBond(ctx), errors.BondTooLow);
  takeKeys(ctx, who, keys, proof);
  enter(ctx, who, bond, keys);
  events.Registered(ctx, { trainer: who, bond, poh_key: keys.poh, gran_key: keys.gran }, [who]);
}

/** Enters a trainer whose keys are known to be its own. Throws `TooManyTrainers` and `FundsUnavailable`. */
export function enter(ctx: Ctx, who: AccountId, bond: bigint, keys: SessionKeys): void {
  const count = storage.CounterForTrainers.get(ctx);
  ensure(count < constants.MaxTrainers, errors.TooManyTrainers);
  hold(ctx, bondReason, who, bond);
  storage.CounterForTrainers.set(ctx, count + 1);
  storage.KeyOwner.set(ctx, keyType.poh, keys.poh, who);
  storage.KeyOwner.set(ctx, keyType.gran, keys.gran, who);
  storage.Trainers.set(ctx, who, {
    bond,
    required: 0n,
    poh_key: keys.poh,
    gran_key: keys.gran,
    chilled: false,
    suspended_before: 0n,
  });
}

/** Replaces both session keys. Lists that are made already keep the old ones, so these stay in service for them. */
export function setKeys(ctx: Ctx, who: AccountId, keys: SessionKeys, proof: Uint8Array): void {
  const trainer = registered(ctx, who);
  takeKeys(ctx, who, keys, proof);
  dropKeys(ctx, { poh: trainer.poh_key, gran: trainer.gran_key });
  storage.KeyOwner.set(ctx, keyType.poh, keys.poh, who);
  storage.KeyOwner.set(ctx, keyType.gran, keys.gran, who);
  storage.Trainers.set(ctx, who, { ...trainer, poh_key: keys.poh, gran_key: keys.gran });
  events.KeysSet(ctx, { trainer: who, poh_key: keys.poh, gran_key: keys.gran }, [who]);
}

/** Begins to rest. Throws `AlreadyChilled`. */
export function chill(ctx: Ctx, who: AccountId): void {
  const trainer = registered(ctx, who);
  ensure(!trainer.chilled, errors.AlreadyChilled);
  storage.Trainers.set(ctx, who, { ...trainer, chilled: true });
  events.Chilled(ctx, { trainer: who }, [who]);
}

/** Ends a rest. Throws `NotChilled`. */
export function resume(ctx: Ctx, who: AccountId): void {
  const trainer = registered(ctx, who);
  ensure(trainer.chilled, errors.NotChilled);
  ensure(trainer.bond >= constants.MinBond(ctx), errors.BondTooLow);
  storage.Trainers.set(ctx, who, { ...trainer, chilled: false });
  events.Resumed(ctx, { trainer: who }, [who]);
}

/** Ends the service of a trainer without machines, and begins to unbond all of its bond. */
export function deregister(ctx: Ctx, who: AccountId): void {
  const trainer = registered(ctx, who);
  ensure(trainer.required === 0n, errors.BondRequired);
  // Nothing is left to unbond of a bond that was slashed whole.
  if (trainer.bond > 0n) beginUnbonding(ctx, who, trainer.bond);
  dropKeys(ctx, { poh: trainer.poh_key, gran: trainer.gran_key });
  storage.SealingKeys.delete(ctx, who);
  storage.Trainers.delete(ctx, who);
  storage.CounterForTrainers.mutate(ctx, (count) => count - 1);
  events.Deregistered(ctx, { trainer: who }, [who]);
}

/** Keys must be new to the chain, and their owner must have them, lest a trainer be slashed for another's signatures. */
function takeKeys(ctx: WriteCtx, who: AccountId, keys: SessionKeys, proof: Uint8Array): void {
  ensure(trainerOfKey(ctx, "poh", keys.poh) === undefined, errors.KeyInUse);
  ensure(trainerOfKey(ctx, "gran", keys.gran) === undefined, errors.KeyInUse);
  ensure(provesPossession(who, keys, proof), errors.InvalidProof);
}

function dropKeys(ctx: WriteCtx, keys: SessionKeys): void {
  storage.KeyOwner.delete(ctx, keyType.poh, keys.poh);
  storage.KeyOwner.delete(ctx, keyType.gran, keys.gran);
}

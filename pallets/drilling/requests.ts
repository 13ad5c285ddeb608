/** Asking for work. Who asks is drawn with the randomness of a later block, so nobody chooses a unit or companions. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { weightOf } from "../compute-score/index.ts";
import { isAvailable, type MachineId, machineTopic, ownerOf } from "../machines/index.ts";
import { blockNumber } from "../system/index.ts";
import { now } from "../timestamp/index.ts";
import { canWork } from "../trainer-staking/index.ts";
import { isText } from "./projects.ts";
import { constants, errors, events, storage } from "./schema.ts";
import type { Preferences } from "./types.ts";

/** Puts a trainer among those who wait, for up to `units` units; with 0 it stops waiting. */
export function requestWork(ctx: Ctx, trainer: AccountId, machine: MachineId, units: number): void {
  if (units === 0) {
    withdraw(ctx, trainer);
    return;
  }
  ensure(units <= constants.MaxUnitsPerRequest, errors.TooManyUnits);
  ensure(!storage.Asking.get(ctx, trainer), errors.AlreadyAsking);
  ensure(canWork(ctx, trainer), errors.CannotWork);
  const owner = ownerOf(ctx, machine);
  ensure(owner !== undefined, errors.MachineUnavailable);
  ensure(equalBytes(owner, trainer), errors.NotOwner);
  ensure(isAvailable(ctx, machine), errors.MachineUnavailable);
  const { rests_until, seats } = storage.Records.get(ctx, trainer);
  ensure(blockNumber(ctx) >= rests_until, errors.Resting);
  ensure(seats + units <= constants.MaxSeats, errors.TooManySeats);
  const askers = storage.CounterForAskers.get(ctx);
  ensure(askers < constants.MaxAskers, errors.TooManyAskers);
  const weight = constants.BaseWeight + weightOf(ctx, trainer, now(ctx));
  storage.Askers.append(ctx, { trainer, machine, left: units, weight });
  storage.Asking.set(ctx, trainer, true);
  storage.CounterForAskers.set(ctx, askers + 1);
  events.WorkRequested(ctx, { trainer, machine, units, weight }, [trainer, machineTopic(machine)]);
}

function withdraw(ctx: Ctx, trainer: AccountId): void {
  ensure(storage.Asking.get(ctx, trainer), errors.NotAsking);
  storage.Askers.mutate(ctx, (askers) => askers.filter((asker) => !equalBytes(asker.trainer, trainer)));
  storage.Asking.delete(ctx, trainer);
  storage.CounterForAskers.mutate(ctx, (count) => count - 1);
  events.RequestWithdrawn(ctx, { trainer }, [trainer]);
}

/** Notes what a trainer works for, and where its results lie. Throws `InvalidText` and `CannotWork`. */
export function setPreferences(ctx: Ctx, trainer: AccountId, chosen: Preferences): void {
  ensure(chosen.results === undefined || isText(chosen.results), errors.InvalidText);
  ensure(canWork(ctx, trainer), errors.CannotWork);
  storage.Preferences.set(ctx, trainer, chosen);
  events.PreferencesSet(ctx, { trainer, preferences: chosen }, [trainer]);
}

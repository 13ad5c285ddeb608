/** Adding and removing machines, and the bond that they require. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { currentEpoch } from "../poh/index.ts";
import { isTrainer, setRequiredBond } from "../trainer-staking/index.ts";
import { end, queueChallenge } from "./challenge.ts";
import { ownMachine, topicsOf } from "./machine.ts";
import { isJsonObject } from "./metadata.ts";
import { constants, errors, events, type Machine, type MachineId, storage } from "./schema.ts";

/** The bond that a machine requires: the base, and so much for each 200 ut per day begun. */
export function bondFor(ctx: Ctx, declared: bigint): bigint {
  const units = (declared + constants.CapacityUnit - 1n) / constants.CapacityUnit;
  return constants.BondBase(ctx) + constants.BondPerUnit(ctx) * units;
}

/** Adds a machine that has yet to prove what it is; its first challenge is drawn in the next block. */
export function add(ctx: Ctx, owner: AccountId, id: MachineId, metadata: Uint8Array, declared: bigint): void {
  ensure(isTrainer(ctx, owner), errors.NotTrainer);
  ensure(!storage.Machines.exists(ctx, id), errors.IdInUse);
  ensure(declared > 0n && declared <= constants.MaxDeclaredCapacity, errors.CapacityOutOfRange);
  ensure(isJsonObject(metadata), errors.InvalidMetadata);
  const { machines } = storage.Fleets.get(ctx, owner);
  ensure(machines.length < constants.MaxMachines, errors.TooManyMachines);
  const place = storage.CounterForMachines.get(ctx);
  const machine: Machine = {
    owner,
    declared,
    measured: 0n,
    state: "Unproven",
    heartbeat: currentEpoch(ctx).index,
    chain: new Uint8Array(32),
    place,
    engagements: 0,
  };
  storage.Machines.set(ctx, id, machine);
  storage.Metadata.set(ctx, id, metadata);
  storage.MachineAt.set(ctx, place, id);
  storage.CounterForMachines.set(ctx, place + 1);
  const required_bond = setFleet(ctx, owner, [...machines, id]);
  events.MachineAdded(
    ctx,
    { machine: id, owner, declared_capacity: declared, metadata, required_bond },
    topicsOf(id, machine),
  );
  queueChallenge(ctx, id);
}

/** Removes a machine that is bound to no work, whatever challenge it is in. */
export function remove(ctx: Ctx, owner: AccountId, id: MachineId): void {
  const machine = ownMachine(ctx, owner, id);
  ensure(machine.engagements === 0, errors.MachineEngaged);
  const challenge = storage.Challenges.get(ctx, id);
  if (challenge) end(ctx, id, challenge, "Removed");
  storage.Machines.delete(ctx, id);
  storage.Metadata.delete(ctx, id);
  fillPlace(ctx, machine.place);
  const left = storage.Fleets.get(ctx, owner).machines.filter((other) => !equalBytes(other, id));
  const required_bond = setFleet(ctx, owner, left);
  events.MachineRemoved(ctx, { machine: id, owner, required_bond }, topicsOf(id, machine));
}

/** The last machine of all moves into a place that became free. */
function fillPlace(ctx: Ctx, place: number): void {
  const last = storage.CounterForMachines.get(ctx) - 1;
  const moving = storage.MachineAt.take(ctx, last)!;
  storage.CounterForMachines.set(ctx, last);
  if (place === last) return;
  storage.MachineAt.set(ctx, place, moving);
  storage.Machines.mutate(ctx, moving, (machine) => machine && { ...machine, place });
}

/** Notes the machines of a trainer and tells its stake what they require; returns how much. */
function setFleet(ctx: Ctx, owner: AccountId, machines: readonly MachineId[]): bigint {
  let bond = 0n;
  for (const id of machines) bond += bondFor(ctx, storage.Machines.get(ctx, id)!.declared);
  if (machines.length === 0) storage.Fleets.delete(ctx, owner);
  else storage.Fleets.set(ctx, owner, { machines, bond });
  setRequiredBond(ctx, owner, bond);
  return bond;
}

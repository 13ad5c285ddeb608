/** What other pallets ask of a machine, and tell it. */
import type { Ctx, ReadCtx, WriteCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { floorSub } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { currentEpoch } from "../poh/index.ts";
import { errors, type Machine, type MachineId, machineTopic, storage } from "./schema.ts";
import { type MachineState, machineTransitions, mayMove } from "./states.ts";

/** A machine, and whether it may work now. */
export interface MachineInfo extends Machine {
  readonly available: boolean;
}

/** A machine, and whether it is up; undefined for one that is not registered. */
export function machineOf(ctx: ReadCtx, id: MachineId): MachineInfo | undefined {
  const machine = storage.Machines.get(ctx, id);
  return machine && { ...machine, available: isUp(ctx, machine) };
}

export const ownerOf = (ctx: ReadCtx, id: MachineId): AccountId | undefined =>
  storage.Machines.get(ctx, id)?.owner;

/**
 * Whether a machine passed its last challenge and sent a heartbeat in this epoch or the one before. Whether its owner may
 * take on work is the stake's question (`canWork`).
 */
export function isAvailable(ctx: ReadCtx, id: MachineId): boolean {
  const machine = storage.Machines.get(ctx, id);
  return machine !== undefined && isUp(ctx, machine);
}

/** The machines of a trainer. */
export const machinesOf = (ctx: ReadCtx, owner: AccountId): readonly MachineId[] =>
  storage.Fleets.get(ctx, owner).machines;

/** All machines, `count` from the `start`th on. */
export function machineIds(ctx: ReadCtx, start: number, count: number): MachineId[] {
  const ids: MachineId[] = [];
  for (let place = start; ids.length < count; place++) {
    const id = storage.MachineAt.get(ctx, place);
    if (id === undefined) break;
    ids.push(id);
  }
  return ids;
}

/** Binds a machine to work: it is not challenged by chance, nor removed, until `disengage`. Throws `NoSuchMachine`. */
export const engage = (ctx: WriteCtx, id: MachineId): void => changeEngagements(ctx, id, 1);

/** Ends what `engage` began. */
export const disengage = (ctx: WriteCtx, id: MachineId): void => changeEngagements(ctx, id, -1);

function changeEngagements(ctx: WriteCtx, id: MachineId, by: number): void {
  const machine = existing(ctx, id);
  storage.Machines.set(ctx, id, { ...machine, engagements: Math.max(0, machine.engagements + by) });
}

/** A machine; throws `NoSuchMachine`. */
export function existing(ctx: ReadCtx, id: MachineId): Machine {
  const machine = storage.Machines.get(ctx, id);
  ensure(machine !== undefined, errors.NoSuchMachine);
  return machine;
}

/** A machine of the caller; throws `NoSuchMachine` and `NotOwner`. */
export function ownMachine(ctx: Ctx, who: AccountId, id: MachineId): Machine {
  const machine = existing(ctx, id);
  ensure(equalBytes(machine.owner, who), errors.NotOwner);
  return machine;
}

/** The same machine in another state. A move that the table does not know is a bug. */
export function moved(machine: Machine, to: MachineState): Machine {
  if (!mayMove(machineTransitions, machine.state, to)) {
    throw new Error(`no machine moves from ${machine.state} to ${to}`);
  }
  return { ...machine, state: to };
}

/** Whether the last heartbeat came in this epoch or the one before. */
export const isHeard = (ctx: ReadCtx, { heartbeat }: Machine): boolean =>
  floorSub(currentEpoch(ctx).index, heartbeat) <= 1n;

export const topicsOf = (id: MachineId, { owner }: Pick<Machine, "owner">): readonly Uint8Array[] => [
  owner,
  machineTopic(id),
];

const isUp = (ctx: ReadCtx, machine: Machine): boolean =>
  machine.state === "Available" && isHeard(ctx, machine);

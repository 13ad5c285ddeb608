/** Signs of life: once in an epoch a machine says that it is there and what it did. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { currentEpoch } from "../poh/index.ts";
import { queueChallenge } from "./challenge.ts";
import { isHeard, moved, ownMachine, topicsOf } from "./machine.ts";
import {
  type Activity,
  activity as activityCodec,
  constants,
  errors,
  events,
  type MachineId,
  machineId,
  storage,
} from "./schema.ts";

const link = tuple(fixedBytes(32), machineId, u64, activityCodec);

/** What the chain of heartbeats becomes: informative, but nobody can change it later. */
export const nextLink = (before: Uint8Array, id: MachineId, epoch: bigint, activity: Activity): Uint8Array =>
  blake2_256(encode(link, [before, id, epoch, activity]));

/**
 * Notes a heartbeat. A machine that was silent works again; one that failed a challenge, or has not passed its first,
 * is given another, once in an epoch.
 */
export function beat(ctx: Ctx, who: AccountId, id: MachineId, activity: Activity): void {
  const machine = ownMachine(ctx, who, id);
  const { index: epoch } = currentEpoch(ctx);
  ensure(machine.heartbeat < epoch, errors.HeartbeatSent);
  const chain = nextLink(machine.chain, id, epoch, activity);
  const wasSilent = machine.state === "Silent";
  const next = wasSilent ? moved(machine, "Available") : machine;
  storage.Machines.set(ctx, id, { ...next, heartbeat: epoch, chain });
  const topics = topicsOf(id, machine);
  events.Heartbeat(ctx, { machine: id, owner: who, epoch, activity, chain }, topics);
  if (wasSilent) events.MachineAvailable(ctx, { machine: id, owner: who, epoch }, topics);
  if (machine.state === "Failed" || machine.state === "Unproven") queueChallenge(ctx, id);
}

/**
 * Looks through the machines for those that have not been heard, a bounded number in each block; `isAvailable` knows it
 * from the first block of an epoch on, and here it is told and stored. Returns how many were looked at.
 */
export function sweep(ctx: Ctx): number {
  const { index: epoch } = currentEpoch(ctx);
  const last = storage.Sweep.get(ctx);
  const first = last.epoch === epoch ? last.next : 0;
  const end = Math.min(first + constants.MaxSweepPerBlock, storage.CounterForMachines.get(ctx));
  for (let place = first; place < end; place++) silence(ctx, storage.MachineAt.get(ctx, place)!, epoch);
  if (first < end || last.epoch !== epoch) storage.Sweep.set(ctx, { epoch, next: end });
  return Math.max(0, end - first);
}

function silence(ctx: Ctx, id: MachineId, epoch: bigint): void {
  const machine = storage.Machines.get(ctx, id)!;
  if (machine.state !== "Available" || isHeard(ctx, machine)) return;
  storage.Machines.set(ctx, id, moved(machine, "Silent"));
  events.MachineUnavailable(ctx, { machine: id, owner: machine.owner, epoch }, topicsOf(id, machine));
}

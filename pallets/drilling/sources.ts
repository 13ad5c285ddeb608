/** The work that there is in a block: for each of some tasks, units that lack members, then units that are new. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { concatBytes, startsWith } from "../../runtime/primitives/bytes.ts";
import { blockRandomness } from "../poh/index.ts";
import type { UnitKey } from "./hashes.ts";
import { constants, storage } from "./schema.ts";
import { taskOf } from "./tasks.ts";
import type { Task, Unit } from "./types.ts";

export interface Source {
  readonly task: number;
  /** Units that wait, as far as they are looked at in this block. */
  waiting: number[];
}

/** A unit to be given out: `before` is what is stored of it. */
export interface Job {
  readonly key: UnitKey;
  readonly task: Task;
  readonly before: Unit | undefined;
}

/** Tasks take turns: those of this block follow those of the last. */
export function openSources(ctx: Ctx, block: number): Source[] {
  const tasks = storage.ActiveTasks.get(ctx);
  const count = Math.min(tasks.length, constants.MaxSourcesPerBlock);
  return Array.from({ length: count }, (_, i) => {
    const task = tasks[(block * count + i) % tasks.length]!;
    return { task, waiting: waitingUnits(ctx, task) };
  });
}

/** What a source has to give next, if anything. */
export function nextJob(ctx: ReadCtx, { task: id, waiting }: Source): Job | undefined {
  const task = taskOf(ctx, id);
  const unit = waiting[0];
  if (unit !== undefined) return { key: { task: id, unit }, task, before: storage.Units.get(ctx, id, unit) };
  if (task.state !== "Active" || task.next === task.units) return undefined;
  return { key: { task: id, unit: task.next }, task, before: undefined };
}

/**
 * A few units of a task that wait. The search begins at a random place of their keys, so that those which cannot be filled
 * now do not stand before the others for ever.
 */
function waitingUnits(ctx: Ctx, task: number): number[] {
  const units: number[] = [];
  const prefix = storage.Waiting.key(task);
  const start = concatBytes(prefix, blockRandomness(ctx).subarray(0, 8));
  const limit = constants.MaxWaitingPerSource;
  collect(ctx, start, prefix, undefined, limit, units);
  if (units.length < limit) collect(ctx, prefix, prefix, start, limit, units);
  return units;
}

function collect(
  ctx: ReadCtx,
  from: Uint8Array,
  prefix: Uint8Array,
  end: Uint8Array | undefined,
  limit: number,
  units: number[],
): void {
  let key = ctx.storage.nextKey(from);
  for (; key && startsWith(key, prefix) && units.length < limit; key = ctx.storage.nextKey(key)) {
    const [, unit] = storage.Waiting.keysOf(key);
    if (end && units.includes(unit)) return;
    units.push(unit);
  }
}

/** Those who wait for work, as they are during one block's draws; stored again when the draws are over. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { drawWeighted } from "../../runtime/primitives/weighted-draw.ts";
import { holdAvailable, reducibleBalance } from "../balances/index.ts";
import { isAvailable, machineTopic } from "../machines/index.ts";
import { blockRandomness } from "../poh/index.ts";
import { canWork } from "../trainer-staking/index.ts";
import { constants, events, storage, taskBondReason } from "./schema.ts";
import type { Asker, Task } from "./types.ts";

/** An asker, and how many units it still gets in this block. */
export interface Candidate {
  readonly asker: Asker;
  left: number;
  /** Known once it has been drawn. */
  mayWork: boolean | undefined;
}

export const openPool = (ctx: Ctx): Candidate[] =>
  storage.Askers.get(ctx).map((asker) => ({ asker, left: asker.left, mayWork: undefined }));

/** Draws at most `count` candidates by weight, with this block's randomness; each pass is another draw. */
export function drawFrom(ctx: Ctx, pool: readonly Candidate[], pass: number, count: number): Candidate[] {
  const seed = blake2_256(concatBytes(textBytes("drilling/draw"), blockRandomness(ctx), encode(u32, pass)));
  const weights = pool.map(({ asker, left, mayWork }) => (left > 0 && mayWork !== false ? asker.weight : 0n));
  return drawWeighted(seed, weights, count).map((place) => pool[place]!);
}

/** Whether a candidate may be seated: it may work, wants such a task, has the bond, and has not been in this unit before. */
export function fits(
  ctx: Ctx,
  candidate: Candidate,
  id: number,
  task: Task,
  bond: bigint,
  excluded: readonly AccountId[],
): boolean {
  const { trainer } = candidate.asker;
  candidate.mayWork ??= canServe(ctx, candidate.asker);
  if (!candidate.mayWork || candidate.left === 0 || equalBytes(trainer, task.owner)) return false;
  if (excluded.some((other) => equalBytes(other, trainer))) return false;
  const wishes = storage.Preferences.get(ctx, trainer);
  if (wishes && (bond > wishes.max_bond || wishes.refused_tasks.includes(id))) return false;
  return (
    reducibleBalance(ctx, trainer, "Protect", "Force") >= bond && holdAvailable(ctx, taskBondReason, trainer)
  );
}

/** Stores who still waits. Effects: `RequestDropped` for those who may not work any more. */
export function closePool(ctx: Ctx, pool: readonly Candidate[]): void {
  const waiting: Asker[] = [];
  for (const { asker, left, mayWork } of pool) {
    if (left > 0 && mayWork !== false) waiting.push({ ...asker, left });
    else storage.Asking.delete(ctx, asker.trainer);
    if (mayWork === false) drop(ctx, asker);
  }
  storage.CounterForAskers.set(ctx, waiting.length);
  storage.Askers.set(ctx, waiting);
}

function drop(ctx: Ctx, { trainer, machine }: Asker): void {
  const reason = canWork(ctx, trainer) ? "MachineUnavailable" : "CannotWork";
  events.RequestDropped(ctx, { trainer, machine, reason }, [trainer, machineTopic(machine)]);
}

const canServe = (ctx: Ctx, { trainer, machine }: Asker): boolean =>
  canWork(ctx, trainer) && isAvailable(ctx, machine);

/** Whether a trainer may be trusted alone. */
export const isTrusted = (ctx: Ctx, trainer: AccountId): boolean =>
  storage.Records.get(ctx, trainer).streak >= constants.TrustedAfter;

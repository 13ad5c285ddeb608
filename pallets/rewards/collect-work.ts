import type { Ctx } from "../../runtime/frame/ctx.ts";
import { takeCreditedWork } from "../drilling/index.ts";
import { storage } from "./schema.ts";

/** Adds what drilling has credited since the last block to the round; returns of how many trainers. */
export function collectWork(ctx: Ctx): number {
  const credited = takeCreditedWork(ctx);
  if (credited.length === 0) return 0;
  const round = storage.Round.get(ctx);
  let sum = 0n;
  for (const [trainer, uut] of credited) {
    storage.Work.mutate(ctx, round, trainer, (before) => before + uut);
    sum += uut;
  }
  storage.RoundWork.mutate(ctx, (before) => before + sum);
  return credited.length;
}

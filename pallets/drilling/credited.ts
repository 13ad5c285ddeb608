/** Work that the drilling pool has yet to reward. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { credit } from "../compute-score/index.ts";
import { constants, storage } from "./schema.ts";
import type { Seat } from "./types.ts";

/** Credits a member with a unit, done from when it got it until it committed, and notes it for the pool. */
export function creditSeat(ctx: Ctx, task: number, work: bigint, { trainer, seated, committed }: Seat): void {
  const source = { type: "Task", value: task } as const;
  credit(ctx, { trainer, kind: "Drilling", work, start: seated, end: committed, source });
  storage.CreditedWork.mutate(ctx, trainer, (before) => before + work);
}

/**
 * Takes drilling work that was credited since it was last taken, in uut, of at most `MaxCreditedPage` trainers, in the
 * order of their storage keys. When fewer come, none are left.
 */
export function takeCreditedWork(ctx: Ctx): [trainer: AccountId, uut: bigint][] {
  const page: [AccountId, bigint][] = [];
  for (const [trainer, work] of storage.CreditedWork.iterate(ctx)) {
    if (page.length === constants.MaxCreditedPage) break;
    page.push([trainer, work]);
    storage.CreditedWork.delete(ctx, trainer);
  }
  return page;
}

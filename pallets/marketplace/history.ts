/** What stays of an order that is over: a bounded record, and the figures of trainer, machine and market. */
import { schedule } from "../../runtime/frame/agenda.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { disengage } from "../machines/index.ts";
import { blockNumber } from "../system/index.ts";
import { leave } from "./lifecycle.ts";
import { agenda, constants, storage } from "./schema.ts";
import { checkStep, type Outcome } from "./states.ts";
import type { Deal, Order, Statistics, TrackRecord } from "./types.ts";

/** What an order came to, in the smallest unit of the token and in uut. */
export interface Sums {
  readonly paid?: bigint;
  readonly inspected?: bigint;
  readonly burned?: bigint;
  readonly work?: bigint;
}

/** Ends an order whose money is settled. */
export function close(
  ctx: Ctx,
  id: number,
  order: Order,
  end: { readonly outcome: Outcome; readonly by: string },
  sums: Sums = {},
): void {
  const { outcome } = end;
  checkStep(order.state, outcome, end.by);
  leave(ctx, id, order);
  storage.ReleasedKeys.clear(ctx, [id]);
  const ended = blockNumber(ctx);
  const until = ended + Math.max(1, constants.HistoryKept(ctx));
  storage.Ended.set(ctx, id, {
    buyer: order.buyer,
    trainer: order.deal?.trainer,
    manifest: order.spec.manifest,
    outcome,
    ended,
    until,
    last: storage.Anchors.take(ctx, id).at(-1),
  });
  schedule(ctx, agenda, until, id);
  addTotals(ctx, outcome, sums);
  if (order.deal) disengage(ctx, order.deal.machine);
  const merit = order.deal && meritOf[outcome];
  if (merit) note(ctx, order.deal, { [merit]: 1, work: sums.work ?? 0n });
}

/** Adds to the records of trainer and machine. */
export function note(ctx: Ctx, { trainer, machine }: Deal, more: Partial<TrackRecord>): void {
  const add = (record: TrackRecord): TrackRecord => ({
    accepted: record.accepted + (more.accepted ?? 0),
    completed: record.completed + (more.completed ?? 0),
    failed: record.failed + (more.failed ?? 0),
    late: record.late + (more.late ?? 0),
    void: record.void + (more.void ?? 0),
    work: record.work + (more.work ?? 0n),
  });
  storage.TrainerRecords.mutate(ctx, trainer, add);
  storage.MachineRecords.mutate(ctx, machine, add);
}

const meritOf: Readonly<Record<Outcome, "completed" | "failed" | "late" | "void">> = {
  Completed: "completed",
  Rejected: "failed",
  Expired: "late",
  Inconclusive: "void",
  Cancelled: "void",
  Declined: "void",
  Faulted: "void",
};

const totalOf: Readonly<Record<Outcome, keyof Statistics>> = {
  Completed: "completed",
  Rejected: "rejected",
  Inconclusive: "inconclusive",
  Cancelled: "cancelled",
  Expired: "expired",
  Declined: "declined",
  Faulted: "faulted",
};

function addTotals(
  ctx: Ctx,
  outcome: Outcome,
  { paid = 0n, inspected = 0n, burned = 0n, work = 0n }: Sums,
): void {
  const name = totalOf[outcome];
  storage.Totals.mutate(
    ctx,
    (totals): Statistics => ({
      ...totals,
      [name]: (totals[name] as number) + 1,
      paid: totals.paid + paid,
      inspected: totals.inspected + inspected,
      burned: totals.burned + burned,
      work: totals.work + work,
    }),
  );
}

/** Forming quorums: units are given to those who asked in earlier blocks, drawn by weight with this block's randomness. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { now } from "../timestamp/index.ts";
import { type Candidate, closePool, drawFrom, fits, isTrusted, openPool } from "./pool.ts";
import { constants, events, storage, taskTopic } from "./schema.ts";
import { takeSeat } from "./seats.ts";
import { type Job, nextJob, openSources, type Source } from "./sources.ts";
import { bondFor, trustedBondFor } from "./terms.ts";
import type { Seat, Unit } from "./types.ts";
import { putUnit } from "./unit.ts";

/** How many quorums were formed, of how many places drawn, among how many who wait. */
export interface Formed {
  readonly quorums: number;
  readonly drawn: number;
  readonly waiting: number;
}

const nothing: Formed = { quorums: 0, drawn: 0, waiting: 0 };

/** Gives units to drawn askers until the bounds of a block are reached or either runs out; says what came of it. */
export function formQuorums(ctx: Ctx, block: number): Formed {
  if (storage.CounterForAskers.get(ctx) === 0) return nothing;
  const sources = openSources(ctx, block);
  if (sources.length === 0) return nothing;
  const pool = openPool(ctx);
  let quorums = 0;
  let drawn = 0;
  for (let pass = 0; drawn < constants.MaxDrawsPerBlock; pass++) {
    const order = drawFrom(ctx, pool, pass, Math.min(constants.MaxDrawsPerBlock - drawn, drawsPerPass));
    drawn += order.length;
    const more = deal(ctx, order, sources, constants.MaxQuorumsPerBlock - quorums);
    if (more === 0) break;
    quorums += more;
  }
  if (pool.some(({ asker, left, mayWork }) => left !== asker.left || mayWork === false)) closePool(ctx, pool);
  return { quorums, drawn, waiting: pool.length };
}

/** A draw goes through the whole pool, so one draws many. */
const drawsPerPass = 128;

/** Deals the drawn, in their order and each at most once, to the sources in turn; returns how many quorums came of it. */
function deal(ctx: Ctx, order: Candidate[], sources: readonly Source[], limit: number): number {
  const open = [...sources];
  let formed = 0;
  let turn = 0;
  while (open.length > 0 && order.length > 0 && formed < limit) {
    turn %= open.length;
    const source = open[turn]!;
    const job = nextJob(ctx, source);
    const served = job !== undefined && serve(ctx, job, order);
    if (served) formed++;
    // A unit that none of these can take is left for another block; without even a new one, the task is.
    const isOver = job === undefined || (!served && job.before === undefined);
    if (job?.before) source.waiting.shift();
    if (isOver) open.splice(turn, 1);
    else turn++;
  }
  return formed;
}

/** Gives a unit to the first of the drawn that fit, and takes them out of the order. */
function serve(ctx: Ctx, job: Job, order: Candidate[]): boolean {
  const { task, key, before } = job;
  const size = before?.size ?? task.quorum;
  let bond = bondFor(task.value, size);
  const excluded = [...(before?.past ?? []), ...(before?.seats ?? [])].map(({ trainer }) => trainer);
  const needed = size - (before?.seats.length ?? 0);
  let chosen: Candidate[] = [];
  if (before === undefined) {
    const trustedBond = trustedBondFor(task.value, task.quorum);
    chosen = trustedFirst(ctx, job, order, bond, trustedBond);
    if (chosen.length > 0) bond = trustedBond;
  }
  const isAlone = chosen.length > 0;
  for (const candidate of order) {
    if (isAlone || chosen.length === needed) break;
    if (fits(ctx, candidate, key.task, task, bond, excluded)) chosen.push(candidate);
  }
  if (!isAlone && chosen.length < needed) return false;
  for (const candidate of chosen) {
    candidate.left--;
    order.splice(order.indexOf(candidate), 1);
  }
  seat(ctx, job, chosen, isAlone ? 1 : size, bond);
  return true;
}

/** A new unit goes to the first alone, if it is trusted and has the bond that this takes. */
function trustedFirst(
  ctx: Ctx,
  { key, task }: Job,
  order: readonly Candidate[],
  bond: bigint,
  trustedBond: bigint,
): Candidate[] {
  const first = order.find((candidate) => fits(ctx, candidate, key.task, task, bond, []));
  if (!first || !isTrusted(ctx, first.asker.trainer)) return [];
  return fits(ctx, first, key.task, task, trustedBond, []) ? [first] : [];
}

function seat(
  ctx: Ctx,
  { key, task, before }: Job,
  chosen: readonly Candidate[],
  size: number,
  bond: bigint,
): void {
  const fresh: Seat[] = chosen.map(({ asker }) => takeSeat(ctx, asker, bond));
  const base: Omit<Unit, "due"> = before ?? {
    state: "Committing",
    round: 1,
    last_round: constants.MaxRounds,
    size,
    extended: false,
    seats: [],
    past: [],
    canary: undefined,
  };
  if (before === undefined) {
    storage.Tasks.set(ctx, key.task, { ...task, next: task.next + 1, open: task.open + 1 });
  }
  const next = { ...base, state: "Committing" as const, seats: [...base.seats, ...fresh] };
  const commit_by = putUnit(ctx, key, before, next, task.commit_window);
  const trainers = fresh.map(({ trainer }) => trainer);
  const machines = fresh.map(({ machine }) => machine);
  events.QuorumFormed(ctx, { ...key, round: base.round, trainers, machines, bond, at: now(ctx), commit_by }, [
    ...trainers,
    taskTopic(key.task),
  ]);
}

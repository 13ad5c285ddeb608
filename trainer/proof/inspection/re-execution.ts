import type { Tensors } from "../../engine/tensor.ts";
import { hashOf } from "../canonical.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../checkpoint.ts";
import { trainTo } from "../compute.ts";
import { atMost, exactly, failed, type Report, report } from "../rules/report.ts";
import { squaredDistance } from "../rules/statistics.ts";
import type { Segment } from "../timeline.ts";
import type { Evidence } from "./evidence.ts";

const title = "drawn segments, run again, end where they were said to end";

/** Steps of a piece when a segment is looked at more closely. */
const pieceSteps = 10;

/** Largest error of a segment over what it moved, across classes. */
const tolerance = { float32: 0.01, reduced: 0.1 } as const;

/**
 * Check 5: within one class the whole state after each drawn segment has the committed hash, and its steps have the
 * committed losses; across classes both are near. Where a state between checkpoints was not supplied, the run begins
 * at the checkpoint before, and everything on the way is compared too.
 */
export function reExecutionCheck(e: Evidence): Promise<Report> {
  return e.exact ? exactCheck(e) : tolerantCheck(e);
}

async function exactCheck(e: Evidence): Promise<Report> {
  let wrongStates = 0;
  let wrongLosses = 0;
  let steps = 0;
  let first: string | undefined;
  let firstLoss: string | undefined;
  // Drawn segments of one interval are done in one run where the states between them are missing.
  let here: { step: number; state: Tensors } | undefined;
  for (const segment of e.challenge.segments) {
    const base = e.timeline.stepOf(segment.checkpoint - 1);
    const supplied = here?.step === segment.from ? undefined : await stateAt(e, segment);
    const goesOn = here !== undefined && here.step >= base && here.step <= segment.from;
    const begin = supplied ?? (goesOn ? here?.state : await e.state(segment.checkpoint - 1));
    const losses = (await e.losses(segment.checkpoint)).steps;
    const run = trainTo(e.device, e.job, e.timeline, begin as Tensors, segment.to, runOptions(e));
    for await (const part of run) {
      steps += part.to - part.from;
      here = { step: part.to, state: part.state };
      const index = e.timeline.segmentsOf(segment.checkpoint).findIndex((s) => s.to === part.to);
      const committed = e.link(segment.checkpoint).states[index];
      if (hashOf(encodeCheckpoint({ step: part.to, state: part.state })) !== committed) {
        wrongStates += 1;
        first ??= `steps ${part.from} to ${part.to}`;
      }
      const bad = part.losses.findIndex((loss, k) => loss !== losses[part.from - base + k]);
      if (bad >= 0) {
        wrongLosses += 1;
        firstLoss ??= `step ${part.from + bad}`;
      }
    }
  }
  return {
    ...report("re-execution", title, [
      exactly("states with another hash", wrongStates, 0, first),
      exactly("segments with other losses", wrongLosses, 0, firstLoss),
    ]),
    note: `${steps} of ${e.timeline.steps} steps run again`,
  };
}

async function tolerantCheck(e: Evidence): Promise<Report> {
  const limit = tolerance[e.job.manifest.precision];
  let worst = { error: 0, where: "" };
  for (const segment of e.challenge.segments) {
    const begin = (await stateAt(e, segment)) ?? (await boundary(e, segment.from));
    const end = await boundary(e, segment.to);
    if (begin === undefined || end === undefined)
      return failed(
        "re-execution",
        title,
        `the state at step ${begin ? segment.to : segment.from} was not supplied`,
      );
    let error = await errorOf(e, begin, end, segment.to);
    if (!(error <= limit)) {
      // Honest long segments drift now and then; shorter pieces do not.
      const pieces = await piecesOf(e, segment, begin, end);
      if (typeof pieces === "string") return failed("re-execution", title, pieces);
      error = 0;
      for (const [from, to] of pieces)
        error = Math.max(error, await errorOf(e, from.state, to.state, to.step));
    }
    if (!(error <= worst.error)) worst = { error, where: `steps ${segment.from} to ${segment.to}` };
  }
  return report("re-execution", title, [atMost("worst relative error", worst.error, limit, worst.where)]);
}

/** The larger of the relative errors of parameters (with statistics) and of the optimiser's buffers. */
async function errorOf(e: Evidence, begin: Tensors, claimed: Tensors, to: number): Promise<number> {
  let found = begin;
  for await (const part of trainTo(e.device, e.job, e.timeline, begin, to, runOptions(e))) found = part.state;
  const relative = (roles: readonly string[]) => {
    let [off, moved] = [0, 0];
    for (const { name, role } of e.job.train.state) {
      if (!roles.includes(role)) continue;
      const values = (state: Tensors) => state[name]?.data as Float32Array;
      off += squaredDistance(values(found), values(claimed));
      moved += squaredDistance(values(found), values(begin));
    }
    return off === 0 ? 0 : Math.sqrt(off / moved);
  };
  return Math.max(relative(["parameter", "statistic"]), relative(["optimiser"]));
}

interface At {
  readonly step: number;
  readonly state: Tensors;
}

async function piecesOf(
  e: Evidence,
  segment: Segment,
  begin: Tensors,
  end: Tensors,
): Promise<[At, At][] | string> {
  const states: At[] = [{ step: segment.from, state: begin }];
  for (let step = segment.from + pieceSteps; step < segment.to; step += pieceSteps) {
    const bytes = await e.supplied(step);
    if (bytes === undefined) return `the state at step ${step} was not supplied, for a closer look`;
    states.push({ step, state: decodeCheckpoint(`state ${step}`, bytes, e.job.train.state).state });
  }
  states.push({ step: segment.to, state: end });
  return states.slice(1).map((to, i) => [states[i] as At, to]);
}

/** The committed state at the start of a segment, when it is a checkpoint or was supplied. */
async function stateAt(e: Evidence, segment: Segment): Promise<Tensors | undefined> {
  return segment.from === e.timeline.stepOf(segment.checkpoint - 1)
    ? e.state(segment.checkpoint - 1)
    : boundary(e, segment.from);
}

/** The committed state at the end of a segment; a supplied one counts only with its committed hash. */
async function boundary(e: Evidence, step: number): Promise<Tensors | undefined> {
  const { checkpointEvery } = e.job.manifest;
  const index = Math.ceil(step / checkpointEvery);
  if (step === e.timeline.stepOf(index)) return e.state(index);
  const at = e.timeline.segmentsOf(index).findIndex((s) => s.to === step);
  const bytes = await e.supplied(step);
  if (bytes === undefined || hashOf(bytes) !== e.link(index).states[at]) return undefined;
  return decodeCheckpoint(`state ${step}`, bytes, e.job.train.state).state;
}

// Few rows of the data are needed: they are read alone, not the whole set.
const runOptions = (e: Evidence) => ({ signal: e.signal, residentBytes: 0 });

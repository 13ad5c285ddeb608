/** Runs units of strangers' tasks, in the session process with its limits. */
import type { Device } from "../engine/device/device.ts";
import { DeviceError } from "../engine/device/errors.ts";
import type { Tensors } from "../engine/tensor.ts";
import { DrillingError } from "./drilling-error.ts";
import { canonicalResult } from "./result.ts";
import type { Task } from "./task.ts";
import { feedName, fetchName, type UnitGraph } from "./unit-graph.ts";

export interface UnitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Wall-clock limit of preparing the graph and of the run, each; ten minutes when absent. */
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 600_000;

/**
 * Fetches a unit, runs it, and gives its result in canonical form. @throws DrillingError when the task is at fault,
 * DeviceError when a limit was passed or the device failed, StorageError when the unit could not be fetched.
 */
export async function unitResult(
  device: Device,
  task: Task,
  unit: number,
  { signal, timeoutMs }: UnitOptions = {},
): Promise<Uint8Array> {
  return canonicalResult(
    task.rule,
    await runUnit(device, task.graph, await task.unit(unit, signal), { signal, timeoutMs }),
  );
}

/** Signals by which a process ends itself. */
const crashes = /was ended by (SIG(?:FPE|SEGV|ILL|BUS|ABRT))/;

/** A graph may bring its process down, as by the least integer divided by -1: that is no result to agree on. */
function crashOf(error: unknown): DrillingError | undefined {
  const [, signal] = (error instanceof DeviceError && crashes.exec(error.message)) || [];
  return signal === undefined
    ? undefined
    : new DrillingError("NoResult", `computing it ends the process by ${signal}: the task is faulty`);
}

/** What a graph gives for the inputs of one unit, by the model's names. @throws DeviceError, DrillingError. */
export async function runUnit(
  device: Device,
  graph: UnitGraph,
  inputs: Tensors,
  { signal, timeoutMs = defaultTimeoutMs }: UnitOptions = {},
): Promise<Tensors> {
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [feedName(name), inputs[name]!]));
  const fetched = await device.runGraph(graph, feeds, { timeoutMs, signal }).catch((error: unknown) => {
    throw crashOf(error) ?? error;
  });
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, fetched[fetchName(name)]!]));
}

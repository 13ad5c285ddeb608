/** From a model and a folder to a task that can be published: bound, counted, tried, and written as units. */
import { randomBytes, randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { readGiven } from "../../../node/keystore/given-file.ts";
import { DrillingError } from "../../drilling/drilling-error.ts";
import { canonicalResult, checkRule, type ResultRule, resultHash } from "../../drilling/result.ts";
import { runUnit } from "../../drilling/run-unit.ts";
import { checkUnit, encodeUnit, inputsRoot, maxUnits, unitName } from "../../drilling/unit-file.ts";
import { type UnitGraph, unitGraph } from "../../drilling/unit-graph.ts";
import { blake2b256 } from "../../engine/data/blake2b.ts";
import type { Device } from "../../engine/device/device.ts";
import { defaultLimits } from "../../engine/onnx/limits.ts";
import type { Model } from "../../engine/onnx/model.ts";
import { readModel } from "../../engine/onnx/read.ts";
import { InputError } from "../run-command.ts";
import type { Terminal } from "../terminal.ts";
import type { ImageFlags } from "./image-units.ts";
import { unitInputs } from "./input-files.ts";
import type { Canary } from "./record.ts";
import type { UnitInputs } from "./unit-inputs.ts";

export interface Draft {
  readonly path: string;
  readonly model: Model;
  readonly inputs: UnitInputs;
  readonly graph: UnitGraph;
  readonly rule: ResultRule;
}

/** Reads and counts; nothing is written yet. @throws InputError, EngineError, DataError, DrillingError. */
export async function draftOf(
  path: string,
  folder: string,
  rule: ResultRule,
  flags: ImageFlags,
): Promise<Draft> {
  const model = readModel(readGiven(path, "the model", defaultLimits.fileBytes), { loops: true });
  const inputs = unitInputs(folder, model, flags);
  const { length } = inputs.units;
  if (length > maxUnits)
    throw new InputError(
      `${folder} makes ${length} units, and a task has at most ${maxUnits}: use a larger --unit-size, or several tasks`,
    );
  const graph = unitGraph(model, await inputs.read(0));
  checkRule(rule, graph.outputs);
  return { path, model, inputs, graph, rule };
}

/** Runs the first unit, so that a model that no trainer can run is found before it costs anything. @throws DrillingError, DeviceError. */
export async function tryOut(
  { graph, inputs, rule }: Draft,
  device: Device,
  signal: AbortSignal,
): Promise<void> {
  canonicalResult(rule, await runUnit(device, graph, await inputs.read(0), { signal }));
}

/** Computes so many units, drawn at random, whose answers are committed to. */
export async function canariesOf(
  { graph, inputs, rule }: Draft,
  count: number,
  device: Device,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Canary[]> {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(randomInt(inputs.units.length));
  const bar = terminal.progress("canaries", count);
  const canaries: Canary[] = [];
  try {
    for (const unit of [...drawn].sort((a, b) => a - b)) {
      const result = canonicalResult(rule, await runUnit(device, graph, await inputs.read(unit), { signal }));
      canaries.push({ unit, result: hex(resultHash(result)), salt: hex(randomBytes(32)) });
      bar.update(canaries.length);
    }
  } finally {
    bar.stop();
  }
  return canaries;
}

/** Writes every unit's file into a folder; gives their paths, and the root over their hashes. */
export async function writeUnits(
  { inputs, graph }: Draft,
  folder: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly root: Uint8Array }> {
  const bar = terminal.progress("units made", inputs.units.length);
  const paths: string[] = [];
  const hashes: Uint8Array[] = [];
  try {
    for (const unit of inputs.units.keys()) {
      signal.throwIfAborted();
      const tensors = await inputs.read(unit);
      sameShapes(inputs.units[unit]!.join(", "), () => checkUnit(unitName(unit), tensors, graph.inputs));
      const bytes = encodeUnit(tensors);
      const path = join(folder, unitName(unit));
      await writeFile(path, bytes);
      paths.push(path);
      hashes.push(blake2b256(bytes));
      bar.update(unit + 1);
    }
  } finally {
    bar.stop();
  }
  return { paths, root: inputsRoot(hashes) };
}

export const modelName = ({ path }: Draft): string => `model-${encodeURIComponent(basename(path))}`;

function sameShapes(files: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof DrillingError)
      throw new InputError(`${files}: ${error.message}; all units must have the shapes of the first`);
    throw error;
  }
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;

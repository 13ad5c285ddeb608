/** Checkpoints in a folder: `step-00000120.safetensors` is the whole state after 120 steps. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { reason } from "./data/column.ts";
import { DataError } from "./data/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "./data/safetensors.ts";
import type { Program } from "./program.ts";
import { mismatch, type Tensors } from "./tensor.ts";
import { stepOf } from "./train-loop.ts";
import { writeWhole } from "./whole-file.ts";

const fileName = (step: number) => `step-${String(step).padStart(8, "0")}.safetensors`;
const pattern = /^step-(\d{8,})\.safetensors$/;

/** Writes the state, whole or not at all; returns its path. */
export async function saveCheckpoint(folder: string, program: Program, state: Tensors): Promise<string> {
  const path = join(folder, fileName(stepOf(program, state)));
  await writeWhole(path, encodeSafetensors(state));
  return path;
}

/** The state of the latest checkpoint, or undefined in an empty or missing folder. Throws a DataError when it does not fit. */
export async function loadLatest(folder: string, program: Program): Promise<Tensors | undefined> {
  const latest = (await checkpointSteps(folder)).at(-1);
  return latest === undefined ? undefined : loadCheckpoint(join(folder, fileName(latest)), program);
}

/** The state in one checkpoint file. Throws a DataError when it is not one of this program. */
export async function loadCheckpoint(path: string, program: Program): Promise<Tensors> {
  const bytes = await readFile(path).catch((error) => {
    throw new DataError("Unreadable", path, reason(error));
  });
  const { tensors } = decodeSafetensors(path, bytes);
  for (const spec of program.state) {
    const problem = mismatch(spec, tensors[spec.name]);
    if (problem !== undefined) throw new DataError("Mismatch", path, problem);
  }
  const known = new Set(program.state.map((s) => s.name));
  const extra = Object.keys(tensors).find((name) => !known.has(name));
  if (extra !== undefined) throw new DataError("Mismatch", path, `"${extra}" is no state of this program`);
  return tensors;
}

/** Steps that have a checkpoint, ascending. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Removes all but the last `keep` checkpoints. */
export async function pruneCheckpoints(folder: string, keep: number): Promise<void> {
  const steps = await checkpointSteps(folder);
  for (const step of steps.slice(0, Math.max(0, steps.length - keep))) await rm(join(folder, fileName(step)));
}

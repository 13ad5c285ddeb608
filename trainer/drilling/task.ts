/** A task as the chain names it: its files fetched and compared with their hashes, its model bound and counted. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../engine/error.ts";
import { readModel } from "../engine/onnx/read.ts";
import type { Tensors } from "../engine/tensor.ts";
import { Bundle } from "../storage/bundle.ts";
import { StorageError } from "../storage/error.ts";
import type { Store } from "../storage/store.ts";
import { DrillingError, ensure } from "./drilling-error.ts";
import { checkRule, type ResultRule } from "./result.ts";
import {
  checkUnit,
  decodeUnit,
  inputsRoot,
  maxUnitBytes,
  maxUnits,
  unitBytes,
  unitName,
} from "./unit-file.ts";
import { type UnitGraph, unitGraph } from "./unit-graph.ts";

/** Of a project's model. */
const maxModelBytes = 512 << 20;

/** Where something lies and what it hashes to, in the chain's form. */
interface Resource {
  readonly hash: Uint8Array;
  readonly uri: Uint8Array;
}

/** What the chain keeps of a task's files, and how many units it has. */
export interface TaskFiles {
  readonly model: Resource;
  /** The bundle with a file for each unit; its hash is the Merkle root over the files' hashes. */
  readonly inputs: Resource;
  readonly rule: ResultRule;
  readonly units: number;
}

export interface Task {
  readonly graph: UnitGraph;
  readonly rule: ResultRule;
  readonly units: number;
  /** The inputs of a unit, fetched, checked, and not kept on the disk. @throws StorageError, DrillingError. */
  unit(index: number, signal?: AbortSignal): Promise<Tensors>;
}

/**
 * Opens a task; `cache` is a folder for its files, kept for the next time. What is wrong with the task itself is a
 * DrillingError; what the storage failed at, and may yet do, a StorageError.
 */
export async function openTask(
  store: Store,
  { model, inputs, rule, units }: TaskFiles,
  cache: string,
  signal?: AbortSignal,
): Promise<Task> {
  ensure(units <= maxUnits, "BadFiles", `${units} units: at most ${maxUnits} fit into one bundle`);
  const read = await readFrom(store, model, join(cache, "model.onnx"), signal);
  const where = text(inputs.uri);
  const bundle = await Bundle.open(store, where, join(cache, "inputs.json"), signal ? { signal } : {});
  checkIndex(bundle, where, inputs.hash, units);
  const fetch = async (index: number, maxBytes: number, end = signal): Promise<Tensors> => {
    const name = unitName(index);
    const path = join(cache, name);
    try {
      await bundle.fetch(name, path, maxBytes, end);
      return decodeUnit(name, await readFile(path));
    } finally {
      await rm(path, { force: true });
    }
  };
  const graph = unitGraph(read, await fetch(0, maxUnitBytes));
  checkRule(rule, graph.outputs);
  return {
    graph,
    rule,
    units,
    async unit(index, end) {
      const unit = await fetch(index, Math.min(maxUnitBytes, unitBytes(graph.inputs)), end);
      checkUnit(unitName(index), unit, graph.inputs);
      return unit;
    },
  };
}

async function readFrom(store: Store, { hash, uri }: Resource, to: string, signal: AbortSignal | undefined) {
  await store.get({
    uri: text(uri),
    to,
    hash: hex(hash),
    maxBytes: maxModelBytes,
    ...(signal && { signal }),
  });
  try {
    return readModel(await readFile(to), { loops: true });
  } catch (error) {
    if (error instanceof EngineError) throw new DrillingError("BadModel", error.message);
    throw error;
  }
}

/** The index names exactly the units, and what it says they hash to is what the task says. */
function checkIndex(bundle: Bundle, uri: string, root: Uint8Array, units: number): void {
  ensure(!bundle.sealed, "BadFiles", `${uri} is sealed: a task's inputs are for everybody`);
  ensure(
    bundle.names.length === units,
    "BadFiles",
    `${uri} names ${bundle.names.length} files, the task has ${units} units`,
  );
  const hashes = Array.from({ length: units }, (_, i) => {
    const hash = bundle.hashOf(unitName(i));
    ensure(hash !== undefined, "BadFiles", `${uri} has no ${unitName(i)}`);
    return hash;
  });
  const found = inputsRoot(hashes);
  const same = Buffer.compare(found, root) === 0;
  ensure(same, "BadFiles", `${uri} has the root ${hex(found)}, the task says ${hex(root)}`);
}

/** A stranger's address; what is no text is no address. */
function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new StorageError("BadAddress", `${hex(bytes)} is no address`);
  }
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;

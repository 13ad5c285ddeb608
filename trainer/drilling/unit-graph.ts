/**
 * A project's model for units of one shape: the graph that every trainer runs, and what it counts. Only operators of the
 * engine's list get into it, in forms that give the same bits whatever the number of threads.
 */
import { bind } from "../engine/bind.ts";
import { EngineError } from "../engine/error.ts";
import { countFlop } from "../engine/flop.ts";
import { Build } from "../engine/graph/build.ts";
import { Graph } from "../engine/graph/graph.ts";
import { liveNodes } from "../engine/graph/live.ts";
import { lower } from "../engine/lower.ts";
import type { Model, ModelValue } from "../engine/onnx/model.ts";
import { graphInit, Names, writeModel } from "../engine/onnx/write.ts";
import { inUse } from "../engine/operators/operator.ts";
import { rows } from "../engine/ops/table.ts";
import { constants } from "../engine/plan.ts";
import { programId } from "../engine/program.ts";
import type { TensorSpec, Tensors } from "../engine/tensor.ts";
import { DrillingError, ensure } from "./drilling-error.ts";

/** 1 uut of compute. */
const flopPerUut = 432_000n;

export interface UnitGraph {
  /** The canonical ONNX file, and its BLAKE2b-256 as 0x and 64 digits. Inputs and outputs have names of its own. */
  readonly bytes: Uint8Array;
  readonly id: string;
  /** Of one unit, in the model's names. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Floating-point (and integer) operations of one unit by the canonical counter. */
  readonly flop: bigint;
  /** The same in uut, rounded up; at least 1. */
  readonly difficulty: bigint;
}

/** Names in the graph: those of the model cannot meet the graph's own. */
export const feedName = (input: string): string => `in/${input}`;
export const fetchName = (output: string): string => `out/${output}`;

/**
 * Binds a model to the inputs of one unit, whose shapes all units have, and counts it. @throws DrillingError `BadModel`
 * that names the node, also for what cannot be counted before it runs.
 */
export function unitGraph(model: Model, unit: Tensors): UnitGraph {
  const b = new Build(new Graph(rows));
  const given = constants(b, model);
  const inputs = model.inputs.map((input): TensorSpec => ({ ...input, dims: dimsOf(input, unit) }));
  checkNames(model.inputs, inputs);
  for (const { name, dtype, dims } of inputs) given.set(name, b.graph.input(feedName(name), dtype, dims));
  const values = named(() => bind(b, model, given, inUse));
  const outputs = model.outputs.map(({ name }): TensorSpec => {
    const value = values.get(name)!; // the reader has made sure that something makes it
    b.graph.output(fetchName(name), value);
    return { name, dtype: value.dtype, dims: value.dims };
  });
  // What nothing depends on is not run, so it does not count.
  const { forward } = countFlop(liveNodes(b.graph), rows, []);
  const bytes = named(() => writeModel(graphInit(lower(b.graph, rows), new Names(), "unit")));
  const difficulty = (forward + flopPerUut - 1n) / flopPerUut;
  return {
    bytes,
    id: programId(bytes),
    inputs,
    outputs,
    flop: forward,
    difficulty: difficulty > 0n ? difficulty : 1n,
  };
}

function dimsOf({ name, dtype, dims }: ModelValue, unit: Tensors): readonly number[] {
  const place = `input ${JSON.stringify(name)}`;
  const given = Object.hasOwn(unit, name) ? unit[name] : undefined;
  ensure(given !== undefined, "BadFiles", `${place} of the model is not among the unit's tensors`);
  ensure(
    given.dtype === dtype,
    "BadFiles",
    `${place} of the model is ${dtype}, the unit's tensor is ${given.dtype}`,
  );
  const fits =
    dims.length === given.dims.length &&
    dims.every((dim, axis) => typeof dim === "string" || dim === given.dims[axis]);
  ensure(
    fits && given.dims.every((dim) => dim >= 1),
    "BadFiles",
    `${place} of the model is [${dims.map((dim) => dim || "?")}], the unit's tensor is [${given.dims}]`,
  );
  return given.dims;
}

/** An axis with a name has one size everywhere. */
function checkNames(declared: readonly ModelValue[], inputs: readonly TensorSpec[]): void {
  const sizes = new Map<string, number>();
  declared.forEach(({ name, dims }, i) => {
    dims.forEach((dim, axis) => {
      if (typeof dim !== "string" || dim === "") return;
      const size = inputs[i]!.dims[axis]!;
      const known = sizes.get(dim) ?? size;
      ensure(
        known === size,
        "BadFiles",
        `input ${JSON.stringify(name)}: axis ${dim} is ${size}, elsewhere ${known}`,
      );
      sizes.set(dim, size);
    });
  });
}

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError) throw new DrillingError("BadModel", error.message);
    throw error;
  }
}

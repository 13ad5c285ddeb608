/** Puts the body of a step into the loop that runs it K times, and describes the whole as a {@link Program}. */
import type { Graph } from "./graph/graph.ts";
import { attributeKind } from "./onnx/attribute-kind.ts";
import { bodyInit, Names, tensorInit, valueInit, writeModel } from "./onnx/write.ts";
import type { DataSpec, Program, ResultSpec, StateSpec } from "./program.ts";
import { graphName, programId } from "./program.ts";
import { tensor } from "./tensor.ts";

export interface Parts {
  readonly kind: Program["kind"];
  readonly batch: number;
  readonly steps: number;
  readonly flopPerStep: bigint;
  readonly state: readonly StateSpec[];
  readonly data: readonly DataSpec[];
  readonly results: readonly ResultSpec[];
  readonly scheduled: boolean;
  /**
   * One step. Inputs: the counter, the condition, the carried state; outputs: the condition, the carried state after
   * the step, the results. Everything else comes from around it, under the names of {@link graphName}.
   */
  readonly body: Graph;
  /** Names of the state tensors that the loop carries; others are only read. */
  readonly carried: readonly string[];
}

export function assemble(parts: Parts): Program {
  const { state, data, results, body, carried, scheduled, batch } = parts;
  const trips = "trips";
  const outputs = parts.kind === "train" ? state : [];
  const bytes = writeModel({
    name: parts.kind,
    initializer: [
      tensorInit("always", tensor("bool", [], Uint8Array.of(1))),
      tensorInit("first", tensor("int64", [], BigInt64Array.of(0n))),
    ],
    input: [
      ...state.map(({ name, dtype, dims }) => valueInit(graphName.state(name), dtype, dims)),
      ...data.map(({ name, dtype, dims }) => valueInit(graphName.data(name), dtype, ["rows", ...dims])),
      valueInit(graphName.order, "int64", ["K", batch]),
      ...(scheduled ? [valueInit(graphName.lr, "float32", ["K"])] : []),
    ],
    node: [
      { opType: "Shape", input: [graphName.order], output: ["extent"] },
      {
        opType: "Gather",
        input: ["extent", "first"],
        output: [trips],
        attribute: [{ name: "axis", type: attributeKind.int, i: 0n }],
      },
      {
        opType: "Loop",
        input: [trips, "always", ...carried.map(graphName.state)],
        output: [...carried.map(graphName.next), ...results.map(({ name }) => graphName.result(name))],
        attribute: [bodyInit(body, new Names())],
      },
      ...outputs
        .filter(({ name }) => !carried.includes(name))
        .map(({ name }) => ({
          opType: "Identity",
          input: [graphName.state(name)],
          output: [graphName.next(name)],
        })),
    ],
    output: [
      ...outputs.map(({ name, dtype, dims }) => valueInit(graphName.next(name), dtype, dims)),
      ...results.map(({ name, dtype, dims }) => valueInit(graphName.result(name), dtype, ["K", ...dims])),
    ],
  });
  return {
    kind: parts.kind,
    bytes,
    id: programId(bytes),
    batch,
    steps: parts.steps,
    flopPerStep: parts.flopPerStep,
    flop: parts.flopPerStep * BigInt(parts.steps),
    state,
    data,
    scheduled,
    results,
  };
}

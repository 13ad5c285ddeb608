/** How a node of a stranger's model is written in the engine's own rows. */
import type { Attributes } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Inputs, Value } from "../graph/graph.ts";

/** What depends on whether a model is trained or used. */
export interface Mode {
  /** Whether dropout drops. */
  readonly training: boolean;
  /** Whether batch normalisation uses the batch's own statistics; else the running ones. */
  readonly batchStatistics: boolean;
  /** Tells of every running statistic what it becomes with this step: itself, if it stays. */
  update(statistic: Value, next: Value): void;
  /** 1 where an element is kept and 0 where it is dropped, float32: another mask for every call and every step. */
  keep(b: Build, dims: readonly number[], ratio: number): Value;
}

/** A model that is used and does not change. */
export const inUse: Mode = {
  training: false,
  batchStatistics: false,
  update: () => {},
  keep: () => {
    throw new Error("nothing is dropped outside of training");
  },
};

/** One node, with the values it reads. */
export interface Call {
  readonly b: Build;
  readonly op: string;
  readonly inputs: Inputs;
  readonly attributes: Attributes;
  /** Version of the operator set that gives the node its meaning. */
  readonly opset: number;
  /** How many outputs the node has; trailing ones may be unused. */
  readonly outputs: number;
  readonly mode: Mode;
}

export interface Operator {
  /** The attributes it may have; any other is refused. */
  readonly attributes: readonly string[];
  /** Its outputs. Throws an EngineError without the name of the node. */
  make(call: Call): readonly Value[];
}

export type Operators = Readonly<Record<string, Operator>>;

/** An operator with one output; `attributes` are separated by spaces. */
export function operator(attributes: string, make: (call: Call) => Value): Operator {
  return { attributes: attributes.split(" ").filter((name) => name !== ""), make: (call) => [make(call)] };
}

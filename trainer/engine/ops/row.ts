/** What the engine knows of one operator. */
import { EngineError } from "../error.ts";
import type { Build } from "../graph/build.ts";
import type { Inputs, Node, Rule, Value } from "../graph/graph.ts";

export interface Row extends Rule {
  /**
   * The gradient with respect to each input, given `dy`, the gradient with respect to the first output, written in
   * operators again; undefined for an input that has none. Absent: no gradient passes (integers, comparisons).
   */
  gradient?(b: Build, node: Node, dy: Value): Inputs;
  /** The same for operators whose outputs all pass gradients: `dys` has one for each that got any. */
  gradientOfAll?(b: Build, node: Node, dys: Inputs): Inputs;
  /** `dy` may still be smaller than the output where it would only be repeated: elementwise operators do not mind. */
  readonly broadcasts?: boolean;
  /**
   * Multiply-adds count two, everything else nothing (the usual count of the field, which no cheap operator can inflate).
   * The gradient for either operand of a contraction costs the same again.
   */
  flop?(node: Node): bigint;
  /**
   * How the operator is written in the file; absent: as itself. For those that are no ONNX operators, and for those
   * whose kernels give other bits on another thread count or processor.
   */
  lower?(b: Build, node: Node): Inputs;
}

export type Rows = Readonly<Record<string, Row>>;

/** The input at a position. Throws `BadShape` when it is not given. */
export function need(inputs: Inputs, position: number): Value {
  const input = inputs[position];
  if (input === undefined) throw new EngineError("BadShape", `its input ${position} is missing`);
  return input;
}

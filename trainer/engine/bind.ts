/** Writes a stranger's model in the engine's rows, for one batch size: from here on every shape is known. */
import { EngineError, ensure } from "./error.ts";
import type { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import { bindLoop } from "./loop.ts";
import type { Limits } from "./onnx/limits.ts";
import { defaultLimits } from "./onnx/limits.ts";
import type { Model, ModelNode, ModelValue } from "./onnx/model.ts";
import { nodeLabel } from "./onnx/model.ts";
import type { Call, Mode } from "./operators/operator.ts";
import { operators } from "./operators/table.ts";

type Bindable = Pick<Model, "nodes" | "opset">;

/**
 * Adds the model's nodes to the graph of `b`. `given` has a value for every input and initialiser by name.
 * Returns the values of all names. Throws an EngineError that names the node.
 */
export function bind(
  b: Build,
  model: Bindable,
  given: ReadonlyMap<string, Value>,
  mode: Mode,
  limits: Limits = defaultLimits,
): Map<string, Value> {
  const values = new Map(given);
  let total = 0;
  for (const node of model.nodes) {
    const outputs = within(node, () => {
      if (node.body === undefined) return bindNode(b, model, node, values, mode);
      return bindLoop(b, node, node.body, values, (inner, seen, rounds) => {
        // What a loop computes, it computes in every round.
        const left = (limits.stepElements - total) / rounds;
        return bind(inner, { ...node.body!, opset: model.opset }, seen, mode, {
          ...limits,
          stepElements: left,
        });
      });
    });
    node.outputs.forEach((name, i) => {
      if (name === "") return;
      const value = outputs[i];
      ensure(
        value !== undefined,
        "Unsupported",
        `${nodeLabel(node)}: its output ${i} (${name}) is not supported`,
      );
      values.set(name, value);
    });
    total = within(node, () => count(outputs, total, limits));
  }
  return values;
}

/** The operators of a model that the engine does not have; an error when there are any. */
export function checkOperators(model: Model): void {
  for (const node of model.nodes) operatorOf(node);
}

/** The shape of an input when its first dimension is the batch. Throws `DynamicShape` for what stays unknown. */
export function inputDims(
  input: ModelValue,
  batch: number,
  sizes: Readonly<Record<string, number>> = {},
): number[] {
  return input.dims.map((dim, axis) => {
    const place = `input ${JSON.stringify(input.name)}`;
    if (axis === 0) {
      const fixed = typeof dim === "number" && dim !== batch;
      ensure(
        !fixed,
        "DynamicShape",
        `${place} was exported for ${dim} samples, the job has ${batch}: export it with a dynamic first axis`,
      );
      return batch;
    }
    const size = typeof dim === "string" ? sizes[dim] : dim;
    if (size === undefined) {
      const name = dim === "" ? `axis ${axis}` : `axis ${axis} (${dim})`;
      throw new EngineError("DynamicShape", `${place}: ${name} has no fixed size: export the model with one`);
    }
    return size;
  });
}

function operatorOf(node: ModelNode) {
  if (!Object.hasOwn(operators, node.op)) {
    const known = Object.keys(operators).sort().join(", ");
    throw new EngineError(
      "Unsupported",
      `${nodeLabel(node)}: operator ${node.op} is not supported; supported are ${known}`,
    );
  }
  return operators[node.op]!;
}

function bindNode(
  b: Build,
  model: Bindable,
  node: ModelNode,
  values: ReadonlyMap<string, Value>,
  mode: Mode,
): readonly Value[] {
  const operator = operatorOf(node);
  const strange = Object.keys(node.attributes).find((name) => !operator.attributes.includes(name));
  ensure(strange === undefined, "Unsupported", `attribute ${strange} is not known`);
  const call: Call = {
    b,
    op: node.op,
    inputs: node.inputs.map((name) => (name === "" ? undefined : values.get(name))),
    attributes: node.attributes,
    opset: model.opset,
    outputs: node.outputs.length,
    mode,
  };
  return operator.make(call);
}

function count(outputs: readonly Value[], total: number, limits: Limits): number {
  let sum = total;
  for (const { dims, dtype } of outputs) {
    ensure(
      dims.length <= limits.rank,
      "TooLarge",
      `its output has rank ${dims.length}, the limit is ${limits.rank}`,
    );
    // Shape arithmetic may meet empty lists; numbers to compute with are never empty.
    const valid = dims.every((dim) => dim >= (dtype === "float32" ? 1 : 0));
    ensure(valid, "BadShape", `its output [${dims}] is empty`);
    const size = dims.reduce((product, dim) => product * dim, 1);
    ensure(
      size <= limits.elements,
      "TooLarge",
      `its output [${dims}] has more than ${limits.elements} elements`,
    );
    sum += size;
  }
  ensure(
    sum <= limits.stepElements,
    "TooLarge",
    `up to here one step computes more than ${limits.stepElements} elements`,
  );
  return sum;
}

/** Puts the node in front of what is wrong with it. */
function within<T>(node: ModelNode, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EngineError)
      throw error.message.startsWith("node ") ? error : error.at(nodeLabel(node));
    if (error instanceof RangeError)
      throw new EngineError("TooLarge", `${nodeLabel(node)}: ${error.message}`);
    if (error instanceof TypeError)
      throw new EngineError("Malformed", `${nodeLabel(node)}: ${error.message}`);
    throw error;
  }
}

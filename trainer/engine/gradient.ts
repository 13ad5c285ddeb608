/** Reverse-mode differentiation: one walk from the loss back, which adds the gradients to the same graph. */
import type { Build } from "./graph/build.ts";
import type { Inputs, Node, Value } from "./graph/graph.ts";
import { sumOf } from "./graph/sum.ts";
import type { Row, Rows } from "./ops/row.ts";

/**
 * The gradients of a scalar `loss` with respect to `parameters`, of their shapes; undefined for those that the loss
 * does not depend on.
 */
export function gradients(
  b: Build,
  rows: Rows,
  loss: Value,
  parameters: readonly Value[],
): (Value | undefined)[] {
  const nodes = [...b.graph.nodes]; // those added below come later and need no walk
  const carries = carriers(nodes, parameters);
  const found = new Map<Value, Value[]>([[loss, [b.filled(loss.dtype, loss.dims, 1)]]]);

  const total = (value: Value): Value | undefined => {
    const terms = found.get(value);
    return terms && sumOf(b, terms);
  };

  for (const node of nodes.reverse()) {
    const given = passed(b, rows[node.op], node, node.outputs.map(total));
    node.inputs.forEach((input, i) => {
      const d = given[i];
      if (input === undefined || d === undefined || !carries.has(input)) return;
      const terms = found.get(input);
      if (terms === undefined) found.set(input, [d]);
      else terms.push(d);
    });
  }

  return parameters.map((parameter) => {
    const d = total(parameter);
    return d && b.expand(d, parameter.dims);
  });
}

/** What a node passes to its inputs, given the gradients that arrived at its outputs. */
function passed(b: Build, row: Row | undefined, node: Node, arrived: Inputs): Inputs {
  if (arrived.every((dy) => dy === undefined)) return [];
  const [dy] = arrived;
  if (row?.gradientOfAll !== undefined) return row.gradientOfAll(b, node, arrived);
  if (row?.gradient === undefined || dy === undefined) return [];
  return row.gradient(b, node, row.broadcasts === true ? dy : b.expand(dy, node.outputs[0]!.dims));
}

/** Values through which a parameter reaches others: floats that depend on one. */
export function carriers(nodes: readonly Node[], parameters: readonly Value[]): Set<Value> {
  const carries = new Set(parameters);
  for (const node of nodes) {
    if (!node.inputs.some((input) => input !== undefined && carries.has(input))) continue;
    for (const output of node.outputs) if (output.dtype.startsWith("float")) carries.add(output);
  }
  return carries;
}

/** Reverse-mode differentiation: one walk from the loss back, which adds the gradients to the same graph. */
import type { Build } from "./graph/build.ts";
import type { Node, Value } from "./graph/graph.ts";
import type { Rows } from "./ops/row.ts";

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
  const found = new Map<Value, Value>([[loss, b.filled(loss.dtype, loss.dims, 1)]]);

  for (const node of nodes.reverse()) {
    const [y] = node.outputs;
    const arrived = y && found.get(y);
    const row = rows[node.op];
    if (arrived === undefined || row?.gradient === undefined) continue;
    const dy = row.broadcasts === true ? arrived : b.expand(arrived, y!.dims);
    const given = row.gradient(b, node, dy);
    node.inputs.forEach((input, i) => {
      const d = given[i];
      if (input === undefined || d === undefined || !carries.has(input)) return;
      const before = found.get(input);
      found.set(input, before === undefined ? d : b.add(before, d));
    });
  }

  return parameters.map((parameter) => {
    const d = found.get(parameter);
    return d && b.expand(d, parameter.dims);
  });
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

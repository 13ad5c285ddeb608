/** Runs a graph in double precision, row by row: slow, exact, and the judge of everything faster. */
import type { Array64 } from "./array64.ts";
import { toArray64 } from "./array64.ts";
import type { Graph, Value } from "./graph.ts";

/** The values of `wanted`, given those of the inputs by name. Throws on a graph with loops. */
export function evaluate64(
  graph: Graph,
  inputs: Readonly<Record<string, Array64>>,
  wanted: readonly Value[],
): Array64[] {
  const known = new Map<Value, Array64>();
  for (const { name, value } of graph.inputs) {
    const given = inputs[name];
    if (given !== undefined) known.set(value, given);
  }
  for (const value of graph.constants) known.set(value, toArray64(value.constant!));
  const read = (value: Value): Array64 => {
    const found = known.get(value);
    if (found === undefined) throw new Error(`value ${value.id} is not known`);
    return found;
  };
  for (const node of graph.nodes) {
    const rule = graph.rules[node.op];
    if (rule === undefined) throw new Error(`${node.op} cannot be evaluated`);
    const results = rule.evaluate64(
      node.inputs.map((input) => input && read(input)),
      node,
    );
    node.outputs.forEach((output, i) => {
      known.set(output, results[i]!);
    });
  }
  return wanted.map(read);
}

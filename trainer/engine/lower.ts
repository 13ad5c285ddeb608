/**
 * From rows to operators of the file: what is not needed is left out, and every row that has a form of its own for the
 * file takes it. After this the graph is what runs.
 */
import { Build } from "./graph/build.ts";
import type { Node, Value } from "./graph/graph.ts";
import { Graph } from "./graph/graph.ts";
import { liveNodes } from "./graph/live.ts";
import type { Rows } from "./ops/row.ts";

/** A new graph with the same inputs and outputs. */
export function lower(graph: Graph, rows: Rows): Graph {
  return lowerInto(new Graph(rows), graph, rows, new Map());
}

function lowerInto(target: Graph, graph: Graph, rows: Rows, known: Map<Value, Value>): Graph {
  const b = new Build(target);
  for (const { name, value } of graph.inputs) known.set(value, target.input(name, value.dtype, value.dims));
  for (const { name, value } of graph.outers) known.set(value, target.outer(name, value.dtype, value.dims));
  const read = (value: Value): Value => {
    if (value.constant !== undefined) return target.constant(value.constant);
    const found = known.get(value);
    if (found === undefined) throw new Error(`value ${value.id} is used before it is made`);
    return found;
  };
  for (const node of liveNodes(graph)) {
    const inputs = node.inputs.map((input) => input && read(input));
    const outputs = node.body === undefined ? lowered(b, { ...node, inputs }, rows) : loop(node, inputs);
    node.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (value !== undefined) known.set(output, value);
    });
  }
  for (const { name, value } of graph.outputs) target.output(name, read(value));
  return target;

  function loop({ body }: Node, [trips, , ...carried]: readonly (Value | undefined)[]): readonly Value[] {
    const inner = lowerInto(new Graph(rows, target), body!, rows, known);
    return target.loop(Number(trips!.constant!.data[0]), carried as Value[], inner);
  }
}

function lowered(b: Build, node: Node, rows: Rows): readonly (Value | undefined)[] {
  return rows[node.op]?.lower?.(b, node) ?? b.apply(node.op, node.inputs, node.attributes);
}

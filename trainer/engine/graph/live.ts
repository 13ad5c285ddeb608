/** Which nodes the outputs of a graph depend on. */
import type { Graph, Node, Value } from "./graph.ts";

/** The nodes that are needed, in their order. */
export function liveNodes(graph: Graph): Node[] {
  const needed = new Set<Value>(graph.outputs.map(({ value }) => value));
  const live = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const value of reads(node)) needed.add(value);
    return true;
  });
  return live.reverse();
}

/** Values that a node reads, those of its body from around it included. */
export function reads(node: Node): Value[] {
  const own = node.inputs.filter((input) => input !== undefined);
  return node.body === undefined ? own : [...own, ...freeValues(node.body)];
}

/** Values that a graph reads and does not have itself. */
function freeValues(graph: Graph): Value[] {
  const live = liveNodes(graph);
  const own = new Set<Value>([...graph.inputs, ...graph.outers].map(({ value }) => value));
  for (const node of live) for (const output of node.outputs) own.add(output);
  const read = [...live.flatMap(reads), ...graph.outputs.map(({ value }) => value)];
  return read.filter((value) => !own.has(value) && value.constant === undefined);
}

/** Rewrites a graph node by node into a new one; what the outputs do not need is left out. */
import { Build } from "./build.ts";
import type { Inputs, Node, Rules, Value } from "./graph.ts";
import { Graph } from "./graph.ts";
import { liveNodes } from "./live.ts";

export interface Rewriting {
  /** Writes into the new graph. */
  readonly b: Build;
  /** The node of the old graph. */
  readonly node: Node;
  /** The new values of its inputs. */
  readonly inputs: Inputs;
  /** The new value of an old one that was made before. */
  read(value: Value): Value;
}

/** A new graph with the same inputs and outputs; `rewrite` gives the new outputs of every node but loops. */
export function copyGraph(graph: Graph, rules: Rules, rewrite: (rewriting: Rewriting) => Inputs): Graph {
  return copyInto(new Graph(rules), graph, rewrite, new Map());
}

function copyInto(
  target: Graph,
  graph: Graph,
  rewrite: (rewriting: Rewriting) => Inputs,
  known: Map<Value, Value>,
): Graph {
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
    const outputs = node.body === undefined ? rewrite({ b, node, inputs, read }) : loop(node.body, inputs);
    node.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (value !== undefined) known.set(output, value);
    });
  }
  for (const { name, value } of graph.outputs) target.output(name, read(value));
  return target;

  function loop(body: Graph, [trips, , ...carried]: Inputs): Inputs {
    const inner = copyInto(new Graph(target.rules, target), body, rewrite, known);
    return target.loop(Number(trips!.constant!.data[0]), carried as Value[], inner);
  }
}

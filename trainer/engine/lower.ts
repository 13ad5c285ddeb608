/**
 * From rows to operators of the file: every row that has a form of its own for the file takes it, and products take in
 * what is added to them. After this the graph is what runs.
 */

import { fuse } from "./fuse.ts";
import { copyGraph } from "./graph/copy.ts";
import type { Graph } from "./graph/graph.ts";
import type { Rows } from "./ops/row.ts";

/** A new graph with the same inputs and outputs. */
export function lower(graph: Graph, rows: Rows): Graph {
  // Twice, as a form is written with rows that may have a form of their own (a softmax with sums); none goes deeper.
  return fuse(inFileForm(inFileForm(graph, rows), rows), rows);
}

function inFileForm(graph: Graph, rows: Rows): Graph {
  return copyGraph(graph, rows, ({ b, node, inputs }) => {
    const row = rows[node.op];
    return row?.lower?.(b, { ...node, inputs }) ?? b.apply(node.op, inputs, node.attributes);
  });
}

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
  const written = copyGraph(graph, rows, ({ b, node, inputs }) => {
    const row = rows[node.op];
    return row?.lower?.(b, { ...node, inputs }) ?? b.apply(node.op, inputs, node.attributes);
  });
  return fuse(written, rows);
}

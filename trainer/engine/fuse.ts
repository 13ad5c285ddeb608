/**
 * Joins operators around products of matrices, which saves passes over memory: a transposed operand becomes a flag,
 * and a sum with something (a bias, a momentum, another gradient) becomes the product's third operand.
 * This changes rounding where sums are long, so it is part of what a program means, not an option of the run.
 */
import { floatOf, intOf } from "./graph/attribute.ts";
import type { Build } from "./graph/build.ts";
import { copyGraph } from "./graph/copy.ts";
import type { Graph, Inputs, Node, Value } from "./graph/graph.ts";
import { liveNodes, reads } from "./graph/live.ts";
import { sameDims } from "./graph/shape.ts";
import type { Rows } from "./ops/row.ts";

/** A new graph with the same inputs and outputs. */
export function fuse(graph: Graph, rows: Rows): Graph {
  const source = new Map<Value, Node>();
  const uses = new Map<Value, number>();
  survey(graph, source, uses);
  return copyGraph(graph, rows, ({ b, node, inputs, read }) => {
    if (node.op === "Gemm") return [product(b, node, inputs, source, read)];
    if (node.op !== "Add") return b.apply(node.op, inputs, node.attributes);
    const [p, q] = node.inputs as [Value, Value];
    return [
      sum(b, node, p, q, source, uses, read) ??
        sum(b, node, q, p, source, uses, read) ??
        b.add(inputs[0]!, inputs[1]!),
    ];
  });
}

type Source = ReadonlyMap<Value, Node>;
type Read = (value: Value) => Value;

function survey(graph: Graph, source: Map<Value, Node>, uses: Map<Value, number>): void {
  const use = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const node of liveNodes(graph)) {
    for (const output of node.outputs) source.set(output, node);
    for (const value of reads(node)) use(value);
    if (node.body !== undefined) survey(node.body, source, uses);
  }
  for (const { value } of graph.outputs) use(value);
}

/** The same product, reading through transposes of its first two operands. */
function product(
  b: Build,
  node: Node,
  inputs: Inputs,
  source: Source,
  read: Read,
  c = inputs[2],
  beta?: number,
): Value {
  const through = [0, 1].map((i) => {
    const from = source.get(node.inputs[i]!);
    const value = from?.op === "Transpose" ? read(from.inputs[0]!) : inputs[i]!;
    return { value, flipped: value !== inputs[i] };
  });
  const trans = ["transA", "transB"].map(
    (name, i) => (intOf(node.attributes, name, 0) === 1) !== through[i]!.flipped,
  );
  return b.gemm(through[0]!.value, through[1]!.value, {
    transA: trans[0]!,
    transB: trans[1]!,
    beta: beta ?? floatOf(node.attributes, "beta", 1),
    ...(c && { c }),
  });
}

/** `other + term` as one product, if `term` is a product that nothing else uses, in its own shape or another. */
function sum(
  b: Build,
  node: Node,
  other: Value,
  term: Value,
  source: Source,
  uses: ReadonlyMap<Value, number>,
  read: Read,
): Value | undefined {
  const dims = node.outputs[0]!.dims;
  if (!sameDims(term.dims, dims) || uses.get(term) !== 1) return undefined;
  const outer = source.get(term);
  const matrix = outer?.op === "Reshape" ? outer.inputs[0]! : term;
  const gemm = source.get(matrix);
  if (gemm?.op !== "Gemm" || gemm.inputs[2] !== undefined || uses.get(matrix) !== 1) return undefined;

  const scaled = source.get(other);
  const factor =
    scaled?.op === "Mul" ? scaled.inputs.find((input) => input?.constant?.data.length === 1) : undefined;
  const addend = factor === undefined ? other : scaled!.inputs.find((input) => input !== factor)!;
  const bias = addend.dims.length === 1 && addend.dims[0] === matrix.dims[1];
  if (!bias && !sameDims(addend.dims, dims)) return undefined;

  const c = bias ? read(addend) : b.reshape(read(addend), matrix.dims);
  const beta = factor === undefined ? 1 : Number(factor.constant!.data[0]);
  return b.reshape(
    product(
      b,
      gemm,
      gemm.inputs.map((input) => input && read(input)),
      source,
      read,
      c,
      beta,
    ),
    dims,
  );
}

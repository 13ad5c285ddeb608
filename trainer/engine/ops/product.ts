/** Products of matrices. */
import { ensure } from "../error.ts";
import { array64, broadcastSteps, walk } from "../graph/array64.ts";
import type { Attributes } from "../graph/attribute.ts";
import { floatOf, intOf } from "../graph/attribute.ts";
import type { Build, Gemm } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { broadcast } from "../graph/shape.ts";
import { elements } from "../tensor.ts";
import { need, type Rows } from "./row.ts";

/**
 * Whether ONNX Runtime's CPU kernel may give other bits on another number of threads for [m, k] x [k, n]. It splits
 * the longer of m and n over the threads, and where it splits n, the blocks of k depend on how many there are.
 * Then the product of the transposes, which splits m, is used.
 */
function dependsOnThreads(m: number, k: number, n: number): boolean {
  return n > m && k > 128 && n > 16;
}

export const products: Rows = {
  /** The last two axes are matrices, those before them are broadcast. Both inputs have at least two axes. */
  MatMul: {
    shape(inputs) {
      const [a, b] = [need(inputs, 0), need(inputs, 1)];
      const fits =
        a.dtype === b.dtype && a.dims.length >= 2 && b.dims.length >= 2 && a.dims.at(-1) === b.dims.at(-2);
      ensure(fits, "BadShape", `[${a.dims}] and [${b.dims}] cannot be multiplied`);
      const batch = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2));
      return [{ dtype: a.dtype, dims: [...batch, a.dims.at(-2)!, b.dims.at(-1)!] }];
    },
    flop: ({ inputs: [a], outputs: [y] }) => 2n * BigInt(elements(y!.dims)) * BigInt(a!.dims.at(-1)!),
    evaluate64([a, b], { outputs }) {
      const y = array64(outputs[0]!.dims);
      const [m, k, n] = [a!.dims.at(-2)!, a!.dims.at(-1)!, b!.dims.at(-1)!];
      const batch = y.dims.slice(0, -2);
      const starts = [a!, b!].map(({ dims }) => {
        const all: number[] = [];
        walk(batch, broadcastSteps(dims.slice(0, -2), batch), 0, (_, offset) => all.push(offset));
        return all;
      });
      for (let i = 0; i < elements(batch); i++) {
        const [from, by] = [starts[0]![i]! * m * k, starts[1]![i]! * k * n];
        multiply(
          m,
          k,
          n,
          (r, c) => a!.data[from + r * k + c]!,
          (r, c) => b!.data[by + r * n + c]!,
          y.data,
          i * m * n,
        );
      }
      return [y];
    },
    gradient(b, { inputs, outputs: [y] }, dy) {
      const [p, q] = [need(inputs, 0), need(inputs, 1)];
      if (elements(q.dims.slice(0, -2)) === 1) return oneMatrix(b, p, q, dy);
      const sumBatch = (d: Value, to: Value) =>
        b.sumTo(d, [...y!.dims.slice(0, -2), ...d.dims.slice(-2)], to.dims);
      return [sumBatch(b.matmul(dy, b.transposeLast(q)), p), sumBatch(b.matmul(b.transposeLast(p), dy), q)];
    },
    lower: (b, { inputs: [p, q] }) => [isFloat(p!) ? lowerMatMul(b, p!, q!) : b.matmul(p!, q!)],
  },

  /** a b + beta c for matrices, each transposed first if its attribute says so. */
  Gemm: {
    shape(inputs, attributes) {
      const [a, b, c] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      ensure(
        a.dtype === b.dtype && a.dims.length === 2 && b.dims.length === 2,
        "BadShape",
        "its inputs are no matrices",
      );
      const { m, k, n, inner } = gemmSizes(a, b, attributes);
      ensure(k === inner, "BadShape", `[${a.dims}] and [${b.dims}] cannot be multiplied`);
      if (c !== undefined) broadcast([m, n], c.dims);
      return [{ dtype: a.dtype, dims: [m, n] }];
    },
    flop({ inputs: [a, b], attributes }) {
      const { m, k, n } = gemmSizes(a!, b!, attributes);
      return 2n * BigInt(m) * BigInt(k) * BigInt(n);
    },
    evaluate64([a, b, c], { inputs, attributes, outputs }) {
      const { m, k, n, transA, transB } = gemmSizes(inputs[0]!, inputs[1]!, attributes);
      const y = array64(outputs[0]!.dims);
      if (c !== undefined) {
        const beta = floatOf(attributes, "beta", 1);
        walk(y.dims, broadcastSteps(c.dims, y.dims), 0, (i, offset) => {
          y.data[i] = beta * c.data[offset]!;
        });
      }
      const left = transA
        ? (r: number, i: number) => a!.data[i * m + r]!
        : (r: number, i: number) => a!.data[r * k + i]!;
      const right = transB
        ? (i: number, s: number) => b!.data[s * k + i]!
        : (i: number, s: number) => b!.data[i * n + s]!;
      multiply(m, k, n, left, right, y.data, 0);
      return [y];
    },
    gradient(b, { inputs, attributes, outputs: [y] }, dy) {
      const [p, q, c] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      const { transA, transB } = gemmSizes(p, q, attributes);
      return [
        transA ? b.gemm(q, dy, { transA: transB, transB: true }) : b.gemm(dy, q, { transB: !transB }),
        transB ? b.gemm(dy, p, { transA: true, transB: transA }) : b.gemm(p, dy, { transA: !transA }),
        c && b.scale(b.sumTo(dy, y!.dims, c.dims), floatOf(attributes, "beta", 1)),
      ];
    },
    lower(b, { inputs: [p, q, c], attributes }) {
      const { transA, transB } = gemmSizes(p!, q!, attributes);
      const beta = floatOf(attributes, "beta", 1);
      if (isFloat(p!)) return [safeGemm(b, p!, q!, { transA, transB, beta, ...(c && { c }) })];
      // ONNX Runtime has no Gemm of integers.
      const product = b.matmul(transA ? b.transpose(p!, [1, 0]) : p!, transB ? b.transpose(q!, [1, 0]) : q!);
      return [c === undefined ? product : b.add(product, b.scale(c, beta))];
    },
  },
};

/** Sums of integers are the same in any order. */
const isFloat = ({ dtype }: Value): boolean => dtype.startsWith("float");

function gemmSizes(a: Value, b: Value, attributes: Attributes) {
  const transA = intOf(attributes, "transA", 0) === 1;
  const transB = intOf(attributes, "transB", 0) === 1;
  const [m, k] = transA ? [a.dims[1]!, a.dims[0]!] : [a.dims[0]!, a.dims[1]!];
  const [inner, n] = transB ? [b.dims[1]!, b.dims[0]!] : [b.dims[0]!, b.dims[1]!];
  return { m, k, n, inner, transA, transB };
}

/** The product in the form that does not depend on threads. */
function safeGemm(
  b: Build,
  p: Value,
  q: Value,
  { transA = false, transB = false, c, beta = 1 }: Gemm,
): Value {
  const m = p.dims[transA ? 1 : 0]!;
  const k = p.dims[transA ? 0 : 1]!;
  const n = q.dims[transB ? 0 : 1]!;
  if (!dependsOnThreads(m, k, n)) return b.gemm(p, q, { transA, transB, beta, ...(c && { c }) });
  const product = b.transpose(b.gemm(q, p, { transA: !transB, transB: !transA }), [1, 0]);
  return c === undefined ? product : b.add(product, b.scale(c, beta));
}

/** Gradients of a product of a whole batch with one matrix: two products of two matrices. */
function oneMatrix(b: Build, p: Value, q: Value, dy: Value): readonly [Value, Value] {
  const [k, n] = q.dims.slice(-2) as [number, number];
  const rows = elements(p.dims.slice(0, -1));
  const [left, right, d] = [b.reshape(p, [rows, k]), b.reshape(q, [k, n]), b.reshape(dy, [rows, n])];
  return [
    b.reshape(b.gemm(d, right, { transB: true }), p.dims),
    b.reshape(b.gemm(left, d, { transA: true }), q.dims),
  ];
}

/** One matrix for a whole batch is one product of two matrices. */
function lowerMatMul(b: Build, p: Value, q: Value): Value {
  const [k, n] = q.dims.slice(-2) as [number, number];
  if (elements(q.dims.slice(0, -2)) === 1) {
    const rows = elements(p.dims.slice(0, -1));
    const lead = new Array<number>(Math.max(0, q.dims.length - p.dims.length)).fill(1);
    const product = safeGemm(b, b.reshape(p, [rows, k]), b.reshape(q, [k, n]), {});
    return b.reshape(product, [...lead, ...p.dims.slice(0, -1), n]);
  }
  if (!dependsOnThreads(p.dims.at(-2)!, k, n)) return b.matmul(p, q);
  return b.transposeLast(b.matmul(b.transposeLast(q), b.transposeLast(p)));
}

/** y[r, s] += sum over i of a(r, i) b(i, s). */
function multiply(
  m: number,
  k: number,
  n: number,
  a: (r: number, i: number) => number,
  b: (i: number, s: number) => number,
  y: Float64Array,
  start: number,
): void {
  for (let r = 0; r < m; r++) {
    for (let i = 0; i < k; i++) {
      const factor = a(r, i);
      for (let s = 0; s < n; s++) y[start + r * n + s]! += factor * b(i, s);
    }
  }
}

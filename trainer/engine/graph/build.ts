/** Expressions over a graph: each method adds the node it is named after, or the simpler thing that equals it. */
import type { DType } from "../tensor.ts";
import { elements, tensor } from "../tensor.ts";
import { toTensor } from "./array64.ts";
import type { Attribute, Attributes } from "./attribute.ts";
import { float, int, ints, intsOf, text } from "./attribute.ts";
import { elementType } from "./element-type.ts";
import type { Graph, Inputs, Value } from "./graph.ts";
import { broadcast, sameDims } from "./shape.ts";

export interface Gemm {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Added to the product after multiplication with `beta`. */
  readonly c?: Value;
  readonly beta?: number;
}

export interface Window {
  readonly group?: number;
  readonly strides: readonly number[];
  /** Begin of each axis, then end of each axis. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

export class Build {
  readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  apply(op: string, inputs: Inputs, attributes?: Attributes): readonly Value[] {
    return this.graph.apply(op, inputs, attributes);
  }

  one(op: string, inputs: Inputs, attributes?: Attributes): Value {
    return this.graph.one(op, inputs, attributes);
  }

  // Constants

  /** A number of the type of `like`, without dimensions. */
  scalar(like: { readonly dtype: DType }, value: number): Value {
    return this.filled(like.dtype, [], value);
  }

  filled(dtype: DType, dims: readonly number[], value: number): Value {
    const data = new Float64Array(elements(dims)).fill(value);
    return this.graph.constant(toTensor(dtype, { dims, data }));
  }

  indices(...values: number[]): Value {
    return this.graph.constant(tensor("int64", [values.length], BigInt64Array.from(values, BigInt)));
  }

  /** 0, 1, …, n - 1 along the last axis of a shape whose other dimensions are 1. */
  iota(dtype: DType, dims: readonly number[]): Value {
    const data = Float64Array.from({ length: elements(dims) }, (_, i) => i);
    return this.graph.constant(toTensor(dtype, { dims, data }));
  }

  // Elementwise

  add(a: Value, b: Value): Value {
    if (isAll(b, 0) && fits(a, b)) return a;
    return isAll(a, 0) && fits(b, a) ? b : this.one("Add", [a, b]);
  }

  sub(a: Value, b: Value): Value {
    return isAll(b, 0) && fits(a, b) ? a : this.one("Sub", [a, b]);
  }

  mul(a: Value, b: Value): Value {
    if (isAll(b, 1) && fits(a, b)) return a;
    return isAll(a, 1) && fits(b, a) ? b : this.one("Mul", [a, b]);
  }

  div(a: Value, b: Value): Value {
    return isAll(b, 1) && fits(a, b) ? a : this.one("Div", [a, b]);
  }

  scale(a: Value, factor: number): Value {
    return this.mul(a, this.scalar(a, factor));
  }

  neg = (a: Value): Value => this.one("Neg", [a]);
  exp = (a: Value): Value => this.one("Exp", [a]);
  log = (a: Value): Value => this.one("Log", [a]);
  sqrt = (a: Value): Value => this.one("Sqrt", [a]);
  reciprocal = (a: Value): Value => this.one("Reciprocal", [a]);
  erf = (a: Value): Value => this.one("Erf", [a]);
  equal = (a: Value, b: Value): Value => this.one("Equal", [a, b]);
  less = (a: Value, b: Value): Value => this.one("Less", [a, b]);
  not = (a: Value): Value => this.one("Not", [a]);
  where = (condition: Value, a: Value, b: Value): Value => this.one("Where", [condition, a, b]);

  cast(a: Value, dtype: DType): Value {
    return a.dtype === dtype ? a : this.one("Cast", [a], { to: int(elementType[dtype]) });
  }

  // Reductions; `axes` are not negative

  sum(a: Value, axes: readonly number[], keep = true): Value {
    return this.#reduce("ReduceSum", a, axes, keep);
  }

  mean(a: Value, axes: readonly number[], keep = true): Value {
    return this.#reduce("ReduceMean", a, axes, keep);
  }

  max(a: Value, axes: readonly number[], keep = true): Value {
    return this.#reduce("ReduceMax", a, axes, keep);
  }

  min(a: Value, axes: readonly number[], keep = true): Value {
    return this.#reduce("ReduceMin", a, axes, keep);
  }

  /** Position of the largest along an axis, which is dropped. */
  argMax(a: Value, axis: number): Value {
    return this.one("ArgMax", [a], { axis: int(axis), keepdims: int(0) });
  }

  #reduce(op: string, a: Value, axes: readonly number[], keep: boolean): Value {
    if (axes.every((axis) => a.dims[axis] === 1)) {
      return this.reshape(a, keep ? a.dims : a.dims.filter((_, axis) => !axes.includes(axis)));
    }
    const keepdims = int(keep ? 1 : 0);
    // Operator set 17 has the axes of this one as an input.
    if (op === "ReduceSum") return this.one(op, [a, this.indices(...axes)], { keepdims });
    return this.one(op, [a], { axes: ints(axes), keepdims });
  }

  /** Undoes a broadcast of `to` to `from` in a gradient `d`, which fits `from` but may be smaller where it repeats. */
  sumTo(d: Value, from: readonly number[], to: readonly number[]): Value {
    const missing = from.length - to.length;
    const lead = from.length - d.dims.length;
    const axes = from.flatMap((size, axis) =>
      size !== 1 && (axis < missing || to[axis - missing] === 1) ? [axis] : [],
    );
    let repeats = 1;
    const own: number[] = [];
    for (const axis of axes) {
      if (axis >= lead && d.dims[axis - lead] !== 1) own.push(axis - lead);
      else repeats *= from[axis]!;
    }
    const summed = this.scale(own.length === 0 ? d : this.sum(d, own), repeats);
    const excess = summed.dims.length - to.length;
    return excess <= 0 ? summed : this.reshape(summed, summed.dims.slice(excess));
  }

  // Moves

  reshape(a: Value, dims: readonly number[]): Value {
    if (sameDims(a.dims, dims)) return a;
    const before = this.graph.sourceOf(a);
    if (before?.op === "Reshape") return this.reshape(before.inputs[0]!, dims);
    return this.one("Reshape", [a, this.indices(...dims)]);
  }

  transpose(a: Value, perm: readonly number[]): Value {
    if (perm.every((axis, i) => axis === i)) return a;
    const before = this.graph.sourceOf(a);
    if (before?.op === "Transpose") {
      const first = intsOf(before.attributes, "perm");
      return this.transpose(
        before.inputs[0]!,
        perm.map((axis) => first[axis]!),
      );
    }
    // Moving only axes of size 1 changes no order of elements.
    const moved = perm.filter((axis) => a.dims[axis] !== 1);
    const dims = perm.map((axis) => a.dims[axis]!);
    if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return this.reshape(a, dims);
    return this.one("Transpose", [a], { perm: ints(perm) });
  }

  /** Swaps the last two axes. */
  transposeLast(a: Value): Value {
    const rank = a.dims.length;
    return this.transpose(a, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
  }

  expand(a: Value, dims: readonly number[]): Value {
    return sameDims(a.dims, dims) ? a : this.one("Expand", [a, this.indices(...dims)]);
  }

  slice(
    a: Value,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps?: readonly number[],
  ): Value {
    const whole = axes.every(
      (axis, i) => starts[i] === 0 && ends[i] === a.dims[axis] && (steps?.[i] ?? 1) === 1,
    );
    if (whole) return a;
    const by = steps ?? axes.map(() => 1);
    return this.one("Slice", [
      a,
      this.indices(...starts),
      this.indices(...ends),
      this.indices(...axes),
      this.indices(...by),
    ]);
  }

  concat(values: readonly Value[], axis: number): Value {
    return values.length === 1 ? values[0]! : this.one("Concat", values, { axis: int(axis) });
  }

  /** Zeros around: `pads` is begin of each axis, then end of each axis. */
  pad(a: Value, pads: readonly number[]): Value {
    return pads.every((p) => p === 0)
      ? a
      : this.one("Pad", [a, this.indices(...pads)], { mode: text("constant") });
  }

  gather(a: Value, indices: Value): Value {
    return this.one("Gather", [a, indices], { axis: int(0) });
  }

  // Contractions

  matmul(a: Value, b: Value): Value {
    return this.one("MatMul", [a, b]);
  }

  /** `a b + beta c` of matrices, each transposed first if asked. */
  gemm(a: Value, b: Value, { transA = false, transB = false, c, beta = 1 }: Gemm = {}): Value {
    const attributes: Record<string, Attribute> = {};
    if (c !== undefined && beta !== 1) attributes.beta = float(beta);
    if (transA) attributes.transA = int(1);
    if (transB) attributes.transB = int(1);
    return this.one("Gemm", c === undefined ? [a, b] : [a, b, c], attributes);
  }

  conv(x: Value, w: Value, window: Window, bias?: Value): Value {
    return this.one("Conv", bias === undefined ? [x, w] : [x, w, bias], windowAttributes(w, window));
  }

  convTranspose(x: Value, w: Value, window: Window, outputPadding: readonly number[]): Value {
    const attributes = { ...windowAttributes(w, window), output_padding: ints(outputPadding) };
    return this.one("ConvTranspose", [x, w], attributes);
  }
}

/** Attributes of a convolution, in the order in which they are written. */
export function windowAttributes(w: Value, { group = 1, strides, pads, dilations }: Window): Attributes {
  return {
    dilations: ints(dilations),
    group: int(group),
    kernel_shape: ints(w.dims.slice(2)),
    pads: ints(pads),
    strides: ints(strides),
  };
}

function isAll(value: Value, number: number): boolean {
  return value.constant?.data.every((x: number | bigint) => Number(x) === number) === true;
}

/** Whether `small` broadcasts to `large` without making it larger. */
function fits(large: Value, small: Value): boolean {
  return large.dtype === small.dtype && sameDims(broadcast(large.dims, small.dims), large.dims);
}

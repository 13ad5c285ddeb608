/** Arrays in double precision: what the reference evaluation computes with, whatever the element type. */
import type { DType, Tensor } from "../tensor.ts";
import { elements, tensor } from "../tensor.ts";

export interface Array64 {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** A new array, zero unless `data` is given. */
export function array64(
  dims: readonly number[],
  data: Float64Array = new Float64Array(elements(dims)),
): Array64 {
  return { dims, data };
}

/** Widens a tensor; int64 values beyond 2^53 are rounded. */
export function toArray64(value: Tensor): Array64 {
  return { dims: value.dims, data: Float64Array.from(value.data as Iterable<number | bigint>, Number) };
}

/** Rounds to an element type, as a cast does: to nearest for floats, towards zero for integers, non-zero is true. */
export function toTensor(dtype: DType, { dims, data }: Array64): Tensor {
  switch (dtype) {
    case "float32":
      return tensor(dtype, dims, Float32Array.from(data));
    case "float64":
      return tensor(dtype, dims, Float64Array.from(data));
    case "int64":
      return tensor(dtype, dims, BigInt64Array.from(data, toInt64));
    case "int32":
      return tensor(dtype, dims, Int32Array.from(data));
    case "int8":
      return tensor(dtype, dims, Int8Array.from(data));
    case "uint8":
      return tensor(dtype, dims, Uint8Array.from(data));
    case "bool":
      return tensor(
        dtype,
        dims,
        Uint8Array.from(data, (x) => (x === 0 ? 0 : 1)),
      );
  }
}

/** Row-major strides. */
export function strides(dims: readonly number[]): number[] {
  const result = new Array<number>(dims.length);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result[axis] = step;
    step *= dims[axis]!;
  }
  return result;
}

/**
 * Walks every index of `dims` in row-major order and calls `visit(position, offset)`, where `offset` is
 * `start + sum(index[axis] * steps[axis])`: one loop for broadcasts, transposes, slices and pads.
 */
export function walk(
  dims: readonly number[],
  steps: readonly number[],
  start: number,
  visit: (position: number, offset: number) => void,
): void {
  const count = elements(dims);
  const index = new Array<number>(dims.length).fill(0);
  let offset = start;
  for (let position = 0; position < count; position++) {
    visit(position, offset);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      offset += steps[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      offset -= steps[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
}

/** Steps that read an array of shape `from` as if it had been broadcast to `to`. */
export function broadcastSteps(from: readonly number[], to: readonly number[]): number[] {
  const own = strides(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]!));
}

/** Towards zero, and to the nearest end of the range; NaN is 0. */
function toInt64(x: number): bigint {
  if (Number.isNaN(x)) return 0n;
  if (x >= 2 ** 63) return 2n ** 63n - 1n;
  return x <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(x));
}

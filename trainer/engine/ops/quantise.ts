/** From floats to 8-bit integers and back, with the roundings of ONNX: single precision, half to even, saturating. */
import { ensure } from "../error.ts";
import type { Array64 } from "../graph/array64.ts";
import { array64 } from "../graph/array64.ts";
import { intOf } from "../graph/attribute.ts";
import type { Value } from "../graph/graph.ts";
import { sameDims } from "../graph/shape.ts";
import type { DType } from "../tensor.ts";
import { elements } from "../tensor.ts";
import { need, type Rows } from "./row.ts";

const ranges: Partial<Record<DType, readonly [number, number]>> = { uint8: [0, 255], int8: [-128, 127] };

/** To the nearest whole number, the even one of two; through 2^52 doubles have the halves. */
export function halfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  const near = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
  return near === 0 && x < 0 ? -0 : near;
}

/** `x` as it is stored in an 8-bit type. */
export function saturated(dtype: DType, x: number): number {
  const [low, high] = ranges[dtype]!;
  return Math.min(Math.max(x, low), high);
}

export const isByte = ({ dtype }: Value): boolean => dtype === "uint8" || dtype === "int8";

/** A scale or zero point: one number, or one for each place along an axis of `size`. */
export function checkScale(value: Value, dtype: DType, size: number, what: string): void {
  const count = elements(value.dims);
  const fits = value.dtype === dtype && value.dims.length <= 1 && (count === 1 || count === size);
  ensure(fits, "BadShape", `${what} is ${value.dtype} [${value.dims}], expected ${dtype} [] or [${size}]`);
}

/** The number of a list of one or more for the element at a place, where `axis` says which numbers change along. */
function along(list: Array64 | undefined, dims: readonly number[], axis: number): (place: number) => number {
  if (list === undefined) return () => 0;
  if (list.data.length === 1) return () => list.data[0]!;
  const inner = elements(dims.slice(axis + 1));
  return (place) => list.data[Math.floor(place / inner) % list.data.length]!;
}

function axisIn(x: Value, attributes: Parameters<Rows[string]["shape"]>[1]): number {
  const axis = intOf(attributes, "axis", 1);
  return axis < 0 ? axis + x.dims.length : axis;
}

export const quantisations: Rows = {
  Round: {
    shape: (inputs) => [need(inputs, 0)],
    evaluate64: ([x]) => [array64(x!.dims, x!.data.map(halfToEven))],
  },

  /** x / scale, rounded, plus the zero point. */
  QuantizeLinear: {
    shape(inputs, attributes) {
      const [x, scale, zero] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      ensure(x.dtype === "float32", "Unsupported", `quantises ${x.dtype}, only float32 is supported`);
      const size = x.dims[axisIn(x, attributes)] ?? 1;
      checkScale(scale, "float32", size, "its scale");
      if (zero === undefined) return [{ dtype: "uint8", dims: x.dims }];
      ensure(isByte(zero), "Unsupported", `quantises to ${zero.dtype}, only uint8 and int8 are supported`);
      checkScale(zero, zero.dtype, size, "its zero point");
      ensure(
        sameDims(zero.dims, scale.dims),
        "BadShape",
        "its scale and its zero point have different shapes",
      );
      return [{ dtype: zero.dtype, dims: x.dims }];
    },
    evaluate64([x, scale, zero], { inputs, attributes, outputs }) {
      const axis = axisIn(inputs[0]!, attributes);
      const [by, from] = [along(scale, x!.dims, axis), along(zero, x!.dims, axis)];
      const dtype = outputs[0]!.dtype;
      return [
        array64(
          x!.dims,
          x!.data.map((v, i) => saturated(dtype, halfToEven(Math.fround(v / by(i))) + from(i))),
        ),
      ];
    },
  },

  /** To uint8 with the scale and the zero point that its own range asks for: all three are outputs. */
  DynamicQuantizeLinear: {
    shape(inputs) {
      const x = need(inputs, 0);
      ensure(x.dtype === "float32", "BadShape", `quantises ${x.dtype}, not float32`);
      return [
        { dtype: "uint8", dims: x.dims },
        { dtype: "float32", dims: [] },
        { dtype: "uint8", dims: [] },
      ];
    },
    evaluate64([x]) {
      const [low, high] = x!.data.reduce(([a, b], v) => [Math.min(a!, v), Math.max(b!, v)], [0, 0]) as [
        number,
        number,
      ];
      // Of nothing but zeros the scale is 1.
      const scale = high === low ? 1 : Math.fround(Math.fround(high - low) / 255);
      const zero = saturated("uint8", halfToEven(Math.fround(-low / scale)));
      const y = x!.data.map((v) => saturated("uint8", halfToEven(Math.fround(v / scale)) + zero));
      return [array64(x!.dims, y), array64([], Float64Array.of(scale)), array64([], Float64Array.of(zero))];
    },
  },

  /** (x - zero point) * scale. */
  DequantizeLinear: {
    shape(inputs, attributes) {
      const [x, scale, zero] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      const known = isByte(x) || (x.dtype === "int32" && zero === undefined);
      ensure(
        known,
        "Unsupported",
        `takes ${x.dtype}: uint8, int8, or int32 without a zero point are supported`,
      );
      const size = x.dims[axisIn(x, attributes)] ?? 1;
      checkScale(scale, "float32", size, "its scale");
      if (zero !== undefined) {
        checkScale(zero, x.dtype, size, "its zero point");
        ensure(
          sameDims(zero.dims, scale.dims),
          "BadShape",
          "its scale and its zero point have different shapes",
        );
      }
      return [{ dtype: "float32", dims: x.dims }];
    },
    evaluate64([x, scale, zero], { inputs, attributes }) {
      const axis = axisIn(inputs[0]!, attributes);
      const [by, from] = [along(scale, x!.dims, axis), along(zero, x!.dims, axis)];
      return [
        array64(
          x!.dims,
          x!.data.map((v, i) => Math.fround(Math.fround(v - from(i)) * by(i))),
        ),
      ];
    },
  },
};

/** Operators that set a value against others of its kind. None is written as itself: see `lower`. */
import { array64, strides, walk } from "../graph/array64.ts";
import { floatOf, intOf, intsOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { keptDims } from "./reduce.ts";
import { need, type Rows } from "./row.ts";

/*
 * ONNX Runtime's Softmax and LogSoftmax differ by up to 2 units in the last place between processors of one class.
 * Written as a maximum, a difference, an exponential, a sum and a quotient they are the same everywhere.
 */
export const normalisations: Rows = {
  Softmax: {
    shape: (inputs) => [need(inputs, 0)],
    evaluate64: ([x], { attributes }) => {
      const y = array64(x!.dims);
      lines(x!.dims, intOf(attributes, "axis"), (line) => {
        const max = line.reduce((m, i) => Math.max(m, x!.data[i]!), -Infinity);
        const sum = line.reduce((s, i) => s + Math.exp(x!.data[i]! - max), 0);
        for (const i of line) y.data[i] = Math.exp(x!.data[i]! - max) / sum;
      });
      return [y];
    },
    gradient(b, { attributes, outputs: [y] }, dy) {
      const weighted = b.mul(dy, y!);
      return [b.sub(weighted, b.mul(y!, b.sum(weighted, [intOf(attributes, "axis")])))];
    },
    lower(b, { inputs: [x], attributes }) {
      const axis = [intOf(attributes, "axis")];
      const powers = power(b, b.sub(x!, b.max(x!, axis)));
      return [b.div(powers, b.sum(powers, axis))];
    },
  },

  LogSoftmax: {
    shape: (inputs) => [need(inputs, 0)],
    evaluate64: ([x], { attributes }) => {
      const y = array64(x!.dims);
      lines(x!.dims, intOf(attributes, "axis"), (line) => {
        const max = line.reduce((m, i) => Math.max(m, x!.data[i]!), -Infinity);
        const log = Math.log(line.reduce((s, i) => s + Math.exp(x!.data[i]! - max), 0));
        for (const i of line) y.data[i] = x!.data[i]! - max - log;
      });
      return [y];
    },
    gradient(b, { attributes, outputs: [y] }, dy) {
      return [b.sub(dy, b.mul(power(b, y!), b.sum(dy, [intOf(attributes, "axis")])))];
    },
    lower(b, { inputs: [x], attributes }) {
      const axis = [intOf(attributes, "axis")];
      const shifted = b.sub(x!, b.max(x!, axis));
      return [b.sub(shifted, b.log(b.sum(power(b, shifted), axis)))];
    },
  },

  /**
   * What batch, layer, instance and group normalisation share: x - mean over 1 / sqrt(variance + epsilon), both taken
   * over `axes`. Outputs: the result; mean, variance (of the population) and 1 / sqrt(variance + epsilon), axes kept.
   */
  Standardize: {
    shape(inputs, attributes) {
      const x = need(inputs, 0);
      const kept = { dtype: x.dtype, dims: keptDims(x.dims, intsOf(attributes, "axes")) };
      return [x, kept, kept, kept];
    },
    evaluate64([x], { attributes, outputs }) {
      const [y, mean, variance, factor] = outputs.map((output) => array64(output.dims));
      const own = strides(mean!.dims);
      const steps = mean!.dims.map((dim, axis) => (dim === 1 ? 0 : own[axis]!));
      const each = (visit: (i: number, group: number) => void) => walk(x!.dims, steps, 0, visit);
      const count = x!.data.length / mean!.data.length;
      each((i, g) => {
        mean!.data[g]! += x!.data[i]! / count;
      });
      each((i, g) => {
        variance!.data[g]! += (x!.data[i]! - mean!.data[g]!) ** 2 / count;
      });
      variance!.data.forEach((v, g) => {
        factor!.data[g] = 1 / Math.sqrt(v + floatOf(attributes, "epsilon"));
      });
      each((i, g) => {
        y!.data[i] = (x!.data[i]! - mean!.data[g]!) * factor!.data[g]!;
      });
      return [y!, mean!, variance!, factor!];
    },
    /** dx = factor (dy - mean(dy) - y mean(dy y)), Ioffe and Szegedy 2015 with the sums gathered. */
    gradient(b, { attributes, outputs: [y, , , factor] }, dy) {
      const axes = intsOf(attributes, "axes");
      const along = b.mul(y!, b.mean(b.mul(dy, y!), axes));
      return [b.mul(b.sub(b.sub(dy, b.mean(dy, axes)), along), factor!)];
    },
    lower(b, { inputs: [x], attributes }) {
      const axes = intsOf(attributes, "axes");
      const mean = b.mean(x!, axes);
      const centred = b.sub(x!, mean);
      const variance = b.mean(b.mul(centred, centred), axes);
      const factor = b.reciprocal(b.sqrt(b.add(variance, b.scalar(x!, floatOf(attributes, "epsilon")))));
      return [b.mul(centred, factor), mean, variance, factor];
    },
  },
};

/**
 * The exponential of what is never positive: exactly 0 below about -80, where a kernel would make denormal numbers,
 * which cost ten times as much here and in all that follows. Masked attention is full of them. The 2e-35 that is taken
 * away everywhere (more than e^-80) is far below the rounding of a sum that has a 1 in it.
 */
function power(b: Build, x: Value): Value {
  const above = b.exp(b.one("Max", [x, b.scalar(x, -80)]));
  return b.one("Relu", [b.sub(above, b.scalar(x, 2e-35))]);
}

/** Positions of the elements of every line along an axis. */
function lines(dims: readonly number[], axis: number, visit: (line: readonly number[]) => void): void {
  const step = strides(dims)[axis]!;
  const size = dims[axis]!;
  const others = dims.map((dim, i) => (i === axis ? 1 : dim));
  walk(others, strides(dims), 0, (_, offset) =>
    visit(Array.from({ length: size }, (_unused, i) => offset + i * step)),
  );
}

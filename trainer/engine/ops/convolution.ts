/** Convolutions over two axes. (One axis is written as two, of which the first has size 1.) */
import { ensure } from "../error.ts";
import { array64 } from "../graph/array64.ts";
import type { Attributes } from "../graph/attribute.ts";
import { intOf, intsOf } from "../graph/attribute.ts";
import type { Build, Window } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import { elements } from "../tensor.ts";
import { need } from "./elementwise.ts";
import type { Rows } from "./row.ts";

type Dims4 = readonly [number, number, number, number];

export const convolutions: Rows = {
  /** x [N, C, H, W], w [M, C/group, kh, kw], bias [M]. */
  Conv: {
    shape(inputs, attributes) {
      const [x, w, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      ensure(
        x.dims.length === 4 && w.dims.length === 4,
        "BadShape",
        `[${x.dims}] * [${w.dims}] is not over two axes`,
      );
      const window = windowOf(attributes);
      const [n, c, ...size] = x.dims as Dims4;
      const [m, perGroup, ...kernel] = w.dims as Dims4;
      const fits = x.dtype === w.dtype && c === perGroup * window.group && m % window.group === 0;
      ensure(fits, "BadShape", `[${x.dims}] and weights [${w.dims}] in ${window.group} groups do not fit`);
      ensure(
        bias === undefined || (bias.dims.length === 1 && bias.dims[0] === m),
        "BadShape",
        `its bias is not [${m}]`,
      );
      return [
        { dtype: x.dtype, dims: [n, m, ...size.map((dim, i) => outputSize(dim, kernel[i]!, i, window))] },
      ];
    },
    flop: ({ inputs: [, w], outputs: [y] }) =>
      2n * BigInt(elements(y!.dims)) * BigInt(elements(w!.dims.slice(1))),
    evaluate64([x, w, bias], { attributes, outputs }) {
      const y = array64(outputs[0]!.dims);
      if (bias !== undefined) {
        const plane = y.dims[2]! * y.dims[3]!;
        for (let i = 0; i < y.data.length; i++)
          y.data[i] = bias.data[Math.floor(i / plane) % bias.data.length]!;
      }
      taps(x!.dims as Dims4, w!.dims as Dims4, y.dims as Dims4, windowOf(attributes), (xi, wi, yi) => {
        y.data[yi]! += x!.data[xi]! * w!.data[wi]!;
      });
      return [y];
    },
    gradient(b, { inputs, attributes }, dy) {
      const [x, w, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      const window = windowOf(attributes);
      return [
        convolutionBack(b, dy, w, window, x.dims),
        weightGradient(b, x, dy, w.dims, window),
        bias && b.sum(dy, [0, 2, 3], false),
      ];
    },
    lower(b, { inputs: [x, w, bias], attributes }) {
      return [lowerConv(b, x!, w!, windowOf(attributes), bias)];
    },
  },

  /** x [N, C, H, W], w [C, M/group, kh, kw], bias [M]: the gradient of a convolution with respect to its input. */
  ConvTranspose: {
    shape(inputs, attributes) {
      const [x, w, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      ensure(
        x.dims.length === 4 && w.dims.length === 4,
        "BadShape",
        `[${x.dims}] * [${w.dims}] is not over two axes`,
      );
      const window = windowOf(attributes);
      const [n, c, ...size] = x.dims as Dims4;
      const [rows, perGroup, ...kernel] = w.dims as Dims4;
      const fits = x.dtype === w.dtype && c === rows && c % window.group === 0;
      ensure(fits, "BadShape", `[${x.dims}] and weights [${w.dims}] in ${window.group} groups do not fit`);
      const m = perGroup * window.group;
      ensure(
        bias === undefined || (bias.dims.length === 1 && bias.dims[0] === m),
        "BadShape",
        `its bias is not [${m}]`,
      );
      const extra = intsOf(attributes, "output_padding", [0, 0]);
      const sizes = size.map((dim, i) => {
        const out =
          (dim - 1) * window.strides[i]! + reach(kernel[i]!, i, window) - margin(i, window) + extra[i]!;
        ensure(out > 0, "BadShape", `its output would be ${out} long`);
        return out;
      });
      return [{ dtype: x.dtype, dims: [n, m, ...sizes] }];
    },
    flop: ({ inputs: [x, w] }) => 2n * BigInt(elements(x!.dims)) * BigInt(elements(w!.dims.slice(1))),
    evaluate64([x, w, bias], { attributes, outputs }) {
      const y = array64(outputs[0]!.dims);
      if (bias !== undefined) {
        const plane = y.dims[2]! * y.dims[3]!;
        for (let i = 0; i < y.data.length; i++)
          y.data[i] = bias.data[Math.floor(i / plane) % bias.data.length]!;
      }
      taps(y.dims as Dims4, w!.dims as Dims4, x!.dims as Dims4, windowOf(attributes), (yi, wi, xi) => {
        y.data[yi]! += x!.data[xi]! * w!.data[wi]!;
      });
      return [y];
    },
    gradient(b, { inputs, attributes }, dy) {
      const [x, w, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
      const window = windowOf(attributes);
      // The roles of input and output of the convolution it belongs to are exchanged.
      return [
        b.conv(dy, w, window),
        weightGradient(b, dy, x, w.dims, window),
        bias && b.sum(dy, [0, 2, 3], false),
      ];
    },
    lower(b, { inputs: [x, w, bias], attributes, outputs: [y] }) {
      const product = lowerTranspose(
        b,
        x!,
        w!,
        windowOf(attributes),
        intsOf(attributes, "output_padding", [0, 0]),
      );
      return [bias === undefined ? product : b.add(product, b.reshape(bias, [1, y!.dims[1]!, 1, 1]))];
    },
  },
};

type FullWindow = Window & { readonly group: number };

function windowOf(attributes: Attributes): FullWindow {
  return {
    group: intOf(attributes, "group", 1),
    strides: intsOf(attributes, "strides"),
    pads: intsOf(attributes, "pads"),
    dilations: intsOf(attributes, "dilations"),
  };
}

/** How far a kernel of `size` taps reaches. */
export function reach(size: number, axis: number, { dilations }: Window): number {
  return dilations[axis]! * (size - 1) + 1;
}

/** Padding before and after together. */
export function margin(axis: number, { pads }: Window): number {
  return pads[axis]! + pads[axis + pads.length / 2]!;
}

export function outputSize(dim: number, kernel: number, axis: number, window: Window): number {
  const room = dim + margin(axis, window) - reach(kernel, axis, window);
  ensure(
    room >= 0,
    "BadShape",
    `a window of ${reach(kernel, axis, window)} does not fit into ${dim} + padding`,
  );
  return Math.floor(room / window.strides[axis]!) + 1;
}

/** The gradient of a convolution with respect to its input, of shape `dims`. */
function convolutionBack(b: Build, dy: Value, w: Value, window: FullWindow, dims: readonly number[]): Value {
  const left = [0, 1].map((i) => {
    const covered =
      (dy.dims[i + 2]! - 1) * window.strides[i]! + reach(w.dims[i + 2]!, i, window) - margin(i, window);
    return dims[i + 2]! - covered;
  });
  return b.convTranspose(dy, w, window, left);
}

/**
 * The gradient with respect to the weights, of shape `dims`: a convolution of x by dy with samples in the place of
 * channels, strides and dilations exchanged. What the strides left over at the end is cut off.
 */
function weightGradient(b: Build, x: Value, dy: Value, dims: readonly number[], window: FullWindow): Value {
  const { group } = window;
  const [n, c, h, w] = x.dims as Dims4;
  const perGroup = c / group;
  const samples = b.reshape(b.transpose(b.reshape(x, [n, group, perGroup, h, w]), [2, 1, 0, 3, 4]), [
    perGroup,
    group * n,
    h,
    w,
  ]);
  const kernel = b.transpose(dy, [1, 0, 2, 3]);
  const swapped = { group, strides: window.dilations, dilations: window.strides, pads: window.pads };
  const full = b.conv(samples, kernel, swapped);
  return b.transpose(b.slice(full, [2, 3], [0, 0], dims.slice(2)), [1, 0, 2, 3]);
}

/**
 * A convolution of one image in one group is one product, whose blocks may depend on the number of threads where its
 * sums are long. Then each channel becomes a group of its own, whose results are added.
 */
function lowerConv(b: Build, x: Value, w: Value, window: FullWindow, bias: Value | undefined): Value {
  const [n, c] = x.dims as Dims4;
  const [m, , kh, kw] = w.dims as Dims4;
  if (n * window.group > 1 || c * kh * kw <= 128) return b.conv(x, w, window, bias);
  if (c === 1) return b.slice(b.conv(b.concat([x, x], 0), w, window, bias), [0], [0], [1]);
  const byChannel = b.reshape(b.transpose(w, [1, 0, 2, 3]), [c * m, 1, kh, kw]);
  const apart = b.conv(x, byChannel, { ...window, group: c });
  const [, , oh, ow] = apart.dims as Dims4;
  const sum = b.reshape(b.sum(b.reshape(apart, [c, m * oh * ow]), [0], false), [1, m, oh, ow]);
  return bias === undefined ? sum : b.add(sum, b.reshape(bias, [1, m, 1, 1]));
}

/** Sums over more than 128 channels would be blocked by the number of threads: they are added from pieces. */
function lowerTranspose(b: Build, x: Value, w: Value, window: FullWindow, extra: readonly number[]): Value {
  const perGroup = x.dims[1]! / window.group;
  if (window.group > 1 || perGroup <= 128) return b.convTranspose(x, w, window, extra);
  let sum: Value | undefined;
  for (let from = 0; from < perGroup; from += 128) {
    const to = Math.min(from + 128, perGroup);
    const piece = b.convTranspose(
      b.slice(x, [1], [from], [to]),
      b.slice(w, [0], [from], [to]),
      window,
      extra,
    );
    sum = sum === undefined ? piece : b.add(sum, piece);
  }
  return sum!;
}

/** Calls `visit` for every product in a convolution, with the positions of input, weight and output. */
function taps(
  x: Dims4,
  w: Dims4,
  y: Dims4,
  window: FullWindow,
  visit: (xi: number, wi: number, yi: number) => void,
): void {
  const { group, strides, pads, dilations } = window;
  const [n, c, h, width] = x;
  const [, , kh, kw] = w;
  const [, m, oh, ow] = y;
  const [cPer, mPer] = [c / group, m / group];
  for (let image = 0; image < n; image++)
    for (let o = 0; o < m; o++)
      for (let i = 0; i < cPer; i++) {
        const channel = Math.floor(o / mPer) * cPer + i;
        for (let u = 0; u < kh; u++)
          for (let v = 0; v < kw; v++) {
            const wi = ((o * cPer + i) * kh + u) * kw + v;
            for (let r = 0; r < oh; r++) {
              const row = r * strides[0]! - pads[0]! + u * dilations[0]!;
              if (row < 0 || row >= h) continue;
              for (let s = 0; s < ow; s++) {
                const column = s * strides[1]! - pads[1]! + v * dilations[1]!;
                if (column < 0 || column >= width) continue;
                visit(
                  ((image * c + channel) * h + row) * width + column,
                  wi,
                  ((image * m + o) * oh + r) * ow + s,
                );
              }
            }
          }
      }
}

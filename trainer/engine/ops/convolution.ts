/** Convolutions over two axes. (One axis is written as two, of which the first has size 1.) */
import { ensure } from "../error.ts";
import { type Array64, array64 } from "../graph/array64.ts";
import { intsOf } from "../graph/attribute.ts";
import type { Build } from "../graph/build.ts";
import type { Inputs, Value } from "../graph/graph.ts";
import { elements } from "../tensor.ts";
import { lowerConv, lowerTranspose } from "./convolution-lowering.ts";
import { need, type Rows } from "./row.ts";
import { type Dims4, type FullWindow, margin, outputSize, reach, windowOf } from "./window.ts";

export const convolutions: Rows = {
  /** x [N, C, H, W], w [M, C/group, kh, kw], bias [M]. */
  Conv: {
    shape(inputs, attributes) {
      const { x, w, bias } = imagesAndWeights(inputs);
      const window = windowOf(attributes);
      const [n, c, ...size] = x.dims as Dims4;
      const [m, perGroup, ...kernel] = w.dims as Dims4;
      const fits = x.dtype === w.dtype && c === perGroup * window.group && m % window.group === 0;
      ensure(fits, "BadShape", `[${x.dims}] and weights [${w.dims}] in ${window.group} groups do not fit`);
      checkBias(bias, m);
      return [
        { dtype: x.dtype, dims: [n, m, ...size.map((dim, i) => outputSize(dim, kernel[i]!, i, window))] },
      ];
    },
    flop: ({ inputs: [, w], outputs: [y] }) =>
      2n * BigInt(elements(y!.dims)) * BigInt(elements(w!.dims.slice(1))),
    evaluate64([x, w, bias], { attributes, outputs }) {
      const y = biased(outputs[0]!.dims as Dims4, bias);
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
      const { x, w, bias } = imagesAndWeights(inputs);
      const window = windowOf(attributes);
      const [n, c, ...size] = x.dims as Dims4;
      const [rows, perGroup, ...kernel] = w.dims as Dims4;
      const fits = x.dtype === w.dtype && c === rows && c % window.group === 0;
      ensure(fits, "BadShape", `[${x.dims}] and weights [${w.dims}] in ${window.group} groups do not fit`);
      const m = perGroup * window.group;
      checkBias(bias, m);
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
      const y = biased(outputs[0]!.dims as Dims4, bias);
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

/** The inputs of a convolution. Throws `BadShape` where they are not over two axes. */
function imagesAndWeights(inputs: Inputs): {
  readonly x: Value;
  readonly w: Value;
  readonly bias: Value | undefined;
} {
  const [x, w] = [need(inputs, 0), need(inputs, 1)];
  const isPlanar = x.dims.length === 4 && w.dims.length === 4;
  ensure(isPlanar, "BadShape", `[${x.dims}] * [${w.dims}] is not over two axes`);
  return { x, w, bias: inputs[2] };
}

function checkBias(bias: Value | undefined, channels: number): void {
  const fits = bias === undefined || (bias.dims.length === 1 && bias.dims[0] === channels);
  ensure(fits, "BadShape", `its bias is not [${channels}]`);
}

/** An output to which products are yet to be added: zero, or each channel's bias. */
function biased(dims: Dims4, bias: Array64 | undefined): Array64 {
  const y = array64(dims);
  if (bias === undefined) return y;
  const plane = dims[2] * dims[3];
  for (let i = 0; i < y.data.length; i++) y.data[i] = bias.data[Math.floor(i / plane) % bias.data.length]!;
  return y;
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

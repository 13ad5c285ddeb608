/** How convolutions are written in the file, so that their bits do not depend on the number of threads. */
import type { Build } from "../graph/build.ts";
import type { Value } from "../graph/graph.ts";
import type { Dims4, FullWindow } from "./window.ts";

/**
 * A convolution of one image in one group is one product, whose blocks may depend on the number of threads where its
 * sums are long. Then each channel becomes a group of its own, whose results are added.
 */
export function lowerConv(b: Build, x: Value, w: Value, window: FullWindow, bias: Value | undefined): Value {
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
export function lowerTranspose(
  b: Build,
  x: Value,
  w: Value,
  window: FullWindow,
  extra: readonly number[],
): Value {
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

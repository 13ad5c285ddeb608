/** Windows that slide over the two axes of images: of convolutions and of pools. */
import { ensure } from "../error.ts";
import type { Attributes } from "../graph/attribute.ts";
import { intOf, intsOf } from "../graph/attribute.ts";
import type { Window } from "../graph/build.ts";

/** Of images and of weights. */
export type Dims4 = readonly [number, number, number, number];

export type FullWindow = Window & { readonly group: number };

/** The window that a convolution names in its attributes. */
export function windowOf(attributes: Attributes): FullWindow {
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

/** How many places a kernel of `kernel` taps has along an axis of `dim`. Throws `BadShape` where it has none. */
export function outputSize(dim: number, kernel: number, axis: number, window: Window): number {
  const room = dim + margin(axis, window) - reach(kernel, axis, window);
  ensure(
    room >= 0,
    "BadShape",
    `a window of ${reach(kernel, axis, window)} does not fit into ${dim} + padding`,
  );
  return Math.floor(room / window.strides[axis]!) + 1;
}

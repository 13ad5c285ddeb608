import type { Tensor } from "../engine/tensor.ts";
import type { Manifest } from "./manifest.ts";

/** How many predictions are right, of how many. */
export interface Grade {
  readonly right: number;
  readonly graded: number;
}

/**
 * Compares the predictions for some samples, [samples, ...], with their targets: equal classes (those with the label to
 * ignore do not count), equal signs of every output, or every output within the stated distance.
 */
export function gradeBatch(manifest: Manifest, prediction: Tensor, target: Tensor): Grade {
  const { loss, accuracy } = manifest;
  const usual =
    loss.type === "binaryCrossEntropy" ? ({ type: "sign" } as const) : ({ type: "argmax" } as const);
  const kind: NonNullable<Manifest["accuracy"]> = accuracy ?? usual;
  const said = prediction.data;
  const wanted = target.data;
  const samples = target.dims[0] ?? 0;
  const perSample = wanted.length / samples;
  if (kind.type === "argmax") {
    const ignored = loss.type === "softmaxCrossEntropy" ? loss.ignoreIndex : undefined;
    let [right, graded] = [0, 0];
    for (let i = 0; i < samples * perSample; i++) {
      if (Number(wanted[i]) === ignored) continue;
      graded += 1;
      if (Number(said[i]) === Number(wanted[i])) right += 1;
    }
    return { right, graded };
  }
  const fits =
    kind.type === "sign"
      ? (i: number) => Number(said[i]) > 0 === Number(wanted[i]) > 0.5
      : (i: number) => Math.abs(Number(said[i]) - Number(wanted[i])) <= kind.distance;
  let right = 0;
  for (let s = 0; s < samples; s++) {
    let all = true;
    for (let i = s * perSample; i < (s + 1) * perSample && all; i++) all = fits(i);
    if (all) right += 1;
  }
  return { right, graded: samples };
}

/** What an order must say about the job that its manifest describes; buyers write it, trainers and inspectors compare. */
import type { OrderSpec, Thresholds as OrderThresholds } from "../../pallets/marketplace/index.ts";
import { defaultThresholds } from "../../pallets/marketplace/index.ts";
import { fromHex, toHex } from "../proof/canonical.ts";
import { checkpoints, type Manifest, totalSteps } from "../proof/manifest.ts";
import type { Thresholds } from "../proof/thresholds.ts";

type Terms = Pick<OrderSpec, "flop" | "steps" | "checkpoints" | "target" | "validation" | "recipient"> & {
  readonly thresholds: OrderThresholds;
};

/** What follows from a manifest and the FLOP of one step of its program. */
export function orderTerms(manifest: Manifest, flopPerStep: bigint): Terms {
  const steps = totalSteps(manifest);
  const recipient = manifest.results?.recipient;
  return {
    flop: flopPerStep * BigInt(steps),
    steps,
    checkpoints: checkpoints(manifest),
    target: Math.round(manifest.target * 1e9),
    validation: manifest.validation.access === "public" ? "Public" : "Released",
    recipient: recipient === undefined ? undefined : fromHex(recipient),
    thresholds: orderThresholds(manifest.thresholds),
  };
}

/** In what an order differs from its manifest, in words; empty where they say the same. */
export function differences(spec: OrderSpec, manifest: Manifest, flopPerStep: bigint): string[] {
  const { thresholds, ...terms } = orderTerms(manifest, flopPerStep);
  const found = Object.entries(terms).flatMap(([name, wanted]) => {
    const said = spec[name as keyof typeof terms];
    return textOf(said) === textOf(wanted)
      ? []
      : [`${name} is ${textOf(said)} in the order, ${textOf(wanted)} by the manifest`];
  });
  const said = spec.thresholds ?? defaultThresholds;
  for (const [name, wanted] of Object.entries(thresholds)) {
    const value = said[name as keyof OrderThresholds];
    if (value !== wanted) found.push(`threshold ${name} is ${value} in the order, ${wanted} by the manifest`);
  }
  return found;
}

const textOf = (value: unknown): string => (value instanceof Uint8Array ? toHex(value) : String(value));

/** The manifest's thresholds as the chain counts them: fractions in 10^-9. */
function orderThresholds(t: Thresholds): OrderThresholds {
  return {
    drawdown: billionths(t.drawdown),
    accuracy_z: billionths(t.accuracyZ),
    wasserstein: billionths(t.wasserstein),
    relative_step: billionths(t.relativeStep),
    step_over_median: billionths(t.stepOverMedian),
    smallest_step: billionths(t.smallestStep),
    law_p: billionths(t.lawP),
    autocorrelation_z: billionths(t.autocorrelationZ),
    eigenvalue: billionths(t.eigenvalue),
    spearman: billionths(t.spearman),
    way_back: billionths(t.wayBack),
    fresh: t.fresh,
    fresh_z: billionths(t.freshZ),
    fresh_ratio: billionths(t.freshRatio),
    loss_entries: t.lossEntries,
    loss_checkpoints: t.lossCheckpoints,
    segments: t.segments,
  };
}

const billionths = (value: number): bigint => BigInt(Math.round(value * 1e9));

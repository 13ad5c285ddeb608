import { checkManifest, type Manifest, totalSteps } from "../proof/manifest.ts";
import { defaultThresholds, type Thresholds } from "../proof/thresholds.ts";
import { BuyerError } from "./buyer-error.ts";

/** A proof has no fewer checkpoints. */
const leastCheckpoints = 12;

/** What is left of a job after so many steps, beginning with a checkpoint. @throws BuyerError `NoCheckpoint` where that is too little. */
export function restOf(
  manifest: Manifest,
  done: number,
  from: { readonly uri: string; readonly hash: string },
): Manifest {
  const left = totalSteps(manifest) - done;
  if (left < leastCheckpoints)
    throw new BuyerError(
      "NoCheckpoint",
      `the job has ${totalSteps(manifest)} steps, of which ${done} are done: at least ${leastCheckpoints} must be left; make it longer`,
    );
  const { thresholds } = manifest;
  const checked = checkManifest({
    ...manifest,
    length: { steps: left },
    checkpointEvery: Math.min(manifest.checkpointEvery, Math.floor(left / leastCheckpoints)),
    initialisation: { type: "from", ...from },
    thresholds: forTheRest(thresholds),
  });
  if (checked.ok) return checked.manifest;
  throw new BuyerError(
    "NoCheckpoint",
    `the rest makes no job: ${checked.problems[0]?.field}: ${checked.problems[0]?.message}`,
  );
}

/**
 * What was learned before is not gained again, and a training that has settled wanders about its end, the more
 * so as its optimiser begins anew: where the buyer has not
 * said otherwise, the rest is judged by the target, by continuity, and by being done again.
 */
function forTheRest(thresholds: Thresholds): Thresholds {
  const usual = (name: keyof Thresholds) => thresholds[name] === defaultThresholds[name];
  return {
    ...thresholds,
    ...(usual("accuracyZ") && { accuracyZ: 0 }),
    ...(usual("drawdown") && { drawdown: 1 }),
    ...(usual("spearman") && { spearman: 0 }),
    ...(usual("wayBack") && { wayBack: 1 }),
  };
}

import { checkManifest, type Manifest, totalSteps } from "../proof/manifest.ts";
import { defaultThresholds } from "../proof/thresholds.ts";
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
    // What was learned before is not gained again: the target is what the end is judged by.
    thresholds:
      thresholds.accuracyZ === defaultThresholds.accuracyZ ? { ...thresholds, accuracyZ: 0 } : thresholds,
  });
  if (checked.ok) return checked.manifest;
  throw new BuyerError(
    "NoCheckpoint",
    `the rest makes no job: ${checked.problems[0]?.field}: ${checked.problems[0]?.message}`,
  );
}

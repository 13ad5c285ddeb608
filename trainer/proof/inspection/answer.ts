import type { Device } from "../../engine/device/device.ts";
import { ensure } from "../../engine/error.ts";
import { hashOf } from "../canonical.ts";
import { encodeCheckpoint } from "../checkpoint.ts";
import { trainTo } from "../compute.ts";
import type { Job } from "../job.ts";
import type { Package } from "../package.ts";
import { type EvidenceOptions, openEvidence } from "./evidence.ts";

/**
 * The trainer's side of a challenge: computes again, from the checkpoints kept, the states between them at which drawn
 * segments begin and end, and adds them to the package. With `pieces` also every tenth step within, for inspectors of
 * another class. Effects: writes `state-STEP.safetensors` files. Throws when this machine no longer gives the committed bits.
 */
export async function answerChallenge(
  device: Device,
  job: Job,
  pkg: Package,
  options: EvidenceOptions & { readonly pieces?: boolean },
): Promise<number[]> {
  const e = await openEvidence(device, job, pkg, options);
  const written: number[] = [];
  for (const segment of e.challenge.segments) {
    const { checkpoint, from, to } = segment;
    const base = e.timeline.stepOf(checkpoint - 1);
    const ends = e.timeline.segmentsOf(checkpoint);
    const wanted = new Set(
      [from, to].filter((step) => step !== base && step !== e.timeline.stepOf(checkpoint)),
    );
    if (options.pieces) for (let step = from + 10; step < to; step += 10) wanted.add(step);
    let state = await e.state(checkpoint - 1);
    let at = base;
    for (const step of [...wanted].sort((a, b) => a - b)) {
      for await (const part of trainTo(device, job, e.timeline, state, step, { signal: e.signal })) {
        ({ state } = part);
        const index = ends.findIndex((s) => s.to === part.to);
        const committed = e.link(checkpoint).states[index];
        const hash = hashOf(encodeCheckpoint({ step: part.to, state }));
        ensure(
          index < 0 || hash === committed,
          "BadJob",
          `step ${part.to} gives another state than it did: is this the machine and ONNX Runtime that trained it?`,
        );
      }
      at = step;
      await pkg.writeState(at, encodeCheckpoint({ step: at, state }));
      written.push(at);
    }
  }
  return written;
}

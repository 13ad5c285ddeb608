import { DataError } from "../../engine/data/errors.ts";
import type { Device } from "../../engine/device/device.ts";
import type { Tensors } from "../../engine/tensor.ts";
import type { Hash } from "../canonical.ts";
import type { Link, Losses } from "../chain.ts";
import { decodeCheckpoint } from "../checkpoint.ts";
import { type Identity, jobSeed } from "../identity.ts";
import { checkpointBytes, type Job } from "../job.ts";
import type { Package, Proof } from "../package.ts";
import { type Timeline, timelineOf, upTo } from "../timeline.ts";
import { type Challenge, drawChallenge } from "./challenge.ts";

/** Everything that the checks look at. */
export interface Evidence {
  readonly device: Device;
  readonly job: Job;
  /** What the order says; the proof must agree. */
  readonly identity: Identity;
  /** Links as they were anchored, by index; where absent, the package's own are taken. */
  readonly anchors: ReadonlyMap<number, Hash> | undefined;
  readonly seed: Uint8Array;
  /** Up to the last checkpoint that is proved. */
  readonly timeline: Timeline;
  /** The same to the end of the job. */
  readonly whole: Timeline;
  /** The training was left before its end: what only a finished one reaches is not asked of it. */
  readonly unfinished: boolean;
  readonly proof: Proof;
  readonly pkg: Package;
  readonly challengeSeed: Uint8Array;
  readonly challenge: Challenge;
  /** Whether trainer and inspector compute the same bits. */
  readonly exact: boolean;
  readonly signal: AbortSignal | undefined;
  link(index: number): Link;
  /** A checkpoint's file, of bounded size. */
  bytes(index: number): Promise<Uint8Array>;
  /** The state in a checkpoint. Throws a DataError where it is not one of this job. */
  state(index: number): Promise<Tensors>;
  losses(index: number): Promise<Losses>;
  /** The state that was supplied for a step between checkpoints. */
  supplied(step: number): Promise<Uint8Array | undefined>;
}

export interface EvidenceOptions {
  readonly identity: Identity;
  readonly anchors?: ReadonlyMap<number, Hash>;
  /**
   * The last checkpoint that is proved, from 1 on, where the training was stopped before its end. What lies beyond it is no
   * part of the proof.
   */
  readonly until?: number;
  /** 32 bytes that nobody knew before the proof was submitted. */
  readonly challenge: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Opens a package for inspection. Throws a DataError where `proof.json` is not to be read. */
export async function openEvidence(
  device: Device,
  job: Job,
  pkg: Package,
  options: EvidenceOptions,
): Promise<Evidence> {
  const { identity, anchors, until, challenge, signal } = options;
  const proof = await pkg.proof();
  const seed = jobSeed(identity);
  const whole = timelineOf(job.manifest, seed);
  const timeline = until === undefined ? whole : upTo(whole, until);
  const maxBytes = checkpointBytes(job);
  const bytes = (index: number) => pkg.checkpoint(index, maxBytes);
  return {
    device,
    job,
    identity,
    anchors,
    seed,
    timeline,
    whole,
    unfinished: timeline.checkpoints < whole.checkpoints,
    proof,
    pkg,
    challengeSeed: challenge,
    challenge: drawChallenge(challenge, timeline, job.manifest.thresholds),
    exact: device.determinism === proof.determinism && device.runtime === proof.runtime,
    signal,
    link: (index) => {
      const link = proof.links[index];
      if (link === undefined) throw new DataError("Missing", "proof.json", `has no link ${index}`);
      return link;
    },
    bytes,
    state: async (index) =>
      decodeCheckpoint(`checkpoint ${index}`, await bytes(index), job.train.state).state,
    losses: (index) => {
      const steps = index === 0 ? 0 : timeline.stepOf(index) - timeline.stepOf(index - 1);
      return pkg.losses(index, steps, timeline.sampled.length);
    },
    supplied: (step) => pkg.state(step, maxBytes),
  };
}

import type { Device } from "../engine/device/device.ts";
import type { Tensors } from "../engine/tensor.ts";
import { DivergedError, type TrainOptions } from "../engine/train-loop.ts";
import { canonicalJson, fromHex, type Hash, hashOf } from "./canonical.ts";
import { type Link, linkHash, meanLoss, sampleRoot } from "./chain.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { sampleLosses, trainTo } from "./compute.ts";
import { type Identity, jobSeed, linkBase } from "./identity.ts";
import { checkpointBytes, firstState, type Job } from "./job.ts";
import { manifestHash } from "./manifest.ts";
import type { Package, Proof } from "./package.ts";
import { type Timeline, timelineOf } from "./timeline.ts";

const keptBytes = 2 ** 30;

/** A folder in which a training cannot be recorded. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  /** `Foreign`: it holds another job's proof. `Damaged`: its last checkpoint is not what its link says. */
  readonly code: "Foreign" | "Damaged";

  constructor(code: RecordError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface RecordOptions extends TrainOptions {
  /** Called with every new link, before training goes on: the place to anchor it. */
  readonly onLink?: (link: Link) => Promise<void> | void;
  /**
   * Keeps the states between checkpoints too, so that an inspector need not compute what leads to them; otherwise they
   * are computed again when a challenge asks for them. By default they are kept where all together fit in 1 GiB.
   */
  readonly keepStates?: boolean;
}

/**
 * Trains a job and records the proof of it. Goes on from the last checkpoint of the package, with the same result as
 * an uninterrupted run; whatever ends it, the checkpoints before stay. Throws a RecordError, the signal's reason, or
 * what the training loop throws.
 */
export async function record(
  device: Device,
  job: Job,
  identity: Identity,
  target: Package,
  options: RecordOptions = {},
): Promise<Proof> {
  const seed = jobSeed(identity);
  const timeline = timelineOf(job.manifest, seed);
  const begun = target.exists() ? await taken(device, job, identity, target) : undefined;
  let proof = begun?.proof ?? emptyProof(device, job, identity);
  let state = begun?.state ?? firstState(job, seed);
  const keep =
    options.keepStates ?? timeline.segments * encodeCheckpoint({ step: 0, state }).length <= keptBytes;
  await target.writeManifest(job.manifest);
  for (let index = proof.links.length; index <= timeline.checkpoints; index++) {
    const states: Hash[] = [];
    const losses: number[] = [];
    const end = timeline.stepOf(index);
    for await (const part of trainTo(device, job, timeline, state, end, options)) {
      ({ state } = part);
      losses.push(...part.losses);
      const bytes = encodeCheckpoint({ step: part.to, state });
      states.push(hashOf(bytes));
      if (keep && part.to < end) await target.writeState(part.to, bytes);
    }
    const link = await close(index, states, Float32Array.from(losses));
    await options.onLink?.(link);
  }
  return proof;

  /** Writes checkpoint, losses and link, the link last: what is there of it is whole. */
  async function close(index: number, states: Hash[], steps: Float32Array): Promise<Link> {
    const bytes = encodeCheckpoint({ step: timeline.stepOf(index), state });
    const samples = await sampleLosses(device, job, state, timeline.sampled, options);
    if (!samples.every(Number.isFinite))
      throw new DivergedError(timeline.stepOf(index), "the loss of a sampled row became NaN or infinite");
    const link = linkOf(proof, timeline, index, { checkpoint: hashOf(bytes), states, steps, samples });
    await target.writeCheckpoint(index, bytes);
    await target.writeLosses(index, { steps, samples });
    proof = { ...proof, links: [...proof.links, link] };
    await target.writeProof(proof);
    return link;
  }
}

/** What one link commits to. */
export interface Committed {
  readonly checkpoint: Hash;
  readonly states: readonly Hash[];
  readonly steps: Float32Array;
  readonly samples: Float32Array;
}

/** The link that continues a proof. */
export function linkOf(proof: Proof, timeline: Timeline, index: number, what: Committed): Link {
  const { checkpoint, states, steps, samples } = what;
  const open = {
    index,
    step: timeline.stepOf(index),
    checkpoint,
    states: [...states],
    samples: sampleRoot(samples),
    loss: meanLoss(samples),
  };
  const before = proof.links.at(-1)?.link;
  const previous = before === undefined ? linkBase(proof.identity, proof.manifest) : fromHex(before);
  const segments = index === 0 ? [] : timeline.segmentsOf(index);
  return { ...open, link: linkHash(previous, open, segments, steps) };
}

/** A proof of which nothing is done yet. */
export const emptyProof = (device: Device, job: Job, identity: Identity): Proof => ({
  version: 1,
  identity,
  manifest: manifestHash(job.manifest),
  program: job.train.id as Hash,
  determinism: device.determinism,
  runtime: device.runtime,
  links: [],
});

/** What an earlier run left, checked: the proof so far and the state of its last checkpoint. */
async function taken(device: Device, job: Job, identity: Identity, target: Package) {
  const proof = await target.proof();
  const fresh = emptyProof(device, job, identity);
  for (const field of ["manifest", "program", "determinism", "runtime"] as const)
    if (proof[field] !== fresh[field])
      throw new RecordError(
        "Foreign",
        `${target.folder} holds a proof with ${field} ${proof[field]}; this job has ${fresh[field]}`,
      );
  if (hashOf(canonicalJson(proof.identity)) !== hashOf(canonicalJson(fresh.identity)))
    throw new RecordError("Foreign", `${target.folder} holds a proof for order ${proof.identity.order}`);
  const last = proof.links.at(-1);
  if (last === undefined) return undefined;
  const bytes = await target.checkpoint(last.index, checkpointBytes(job));
  if (hashOf(bytes) !== last.checkpoint)
    throw new RecordError(
      "Damaged",
      `checkpoint ${last.index} in ${target.folder} is not what its link says`,
    );
  const state: Tensors = decodeCheckpoint(`checkpoint ${last.index}`, bytes, job.train.state).state;
  return { proof, state };
}

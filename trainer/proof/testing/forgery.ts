import type { Device } from "../../engine/device/device.ts";
import { type Tensor, type Tensors, tensor } from "../../engine/tensor.ts";
import { hashOf } from "../canonical.ts";
import { encodeCheckpoint } from "../checkpoint.ts";
import { sampleLosses } from "../compute.ts";
import { type Identity, jobSeed } from "../identity.ts";
import type { Job } from "../job.ts";
import type { Package, Proof } from "../package.ts";
import { emptyProof, linkOf } from "../record.ts";
import { timelineOf } from "../timeline.ts";

/** What a forger says happened. */
export interface Story {
  /** The state after `step` steps, for the end of every segment, asked for in ascending order from 0. */
  state(step: number): Promise<Tensors> | Tensors;
  /** Losses of the steps, where the forger has better ones than invented. */
  steps?(from: number, to: number): Float32Array;
  /** What the forger would have the losses be, given the true ones of the claimed states. */
  losses?(true_: Float32Array, index: number): Float32Array;
}

/**
 * Makes the package that tells a story, as a careful forger would: every hash, link and loss agrees with the claimed
 * states, step counters are right, and the loss of each step is a plausible one between the sampled losses.
 */
export async function forge(
  device: Device,
  job: Job,
  identity: Identity,
  target: Package,
  story: Story,
): Promise<Proof> {
  const timeline = timelineOf(job.manifest, jobSeed(identity));
  let proof = emptyProof(device, job, identity);
  let before = Number.NaN;
  await target.writeManifest(job.manifest);
  for (let index = 0; index <= timeline.checkpoints; index++) {
    const segments = index === 0 ? [] : timeline.segmentsOf(index);
    const states: Tensors[] = [];
    for (const step of index === 0 ? [0] : segments.map((s) => s.to))
      states.push(counted(job, await story.state(step), step));
    const files = states.map((state, k) => encodeCheckpoint({ step: segments[k]?.to ?? 0, state }));
    const last = states.at(-1) as Tensors;
    const truth = await sampleLosses(device, job, last, timeline.sampled);
    const samples = story.losses?.(truth, index) ?? truth;
    const now = samples.reduce((a, b) => a + b, 0) / samples.length;
    const length = (segments.at(-1)?.to ?? 0) - (segments[0]?.from ?? 0);
    const invented = Float32Array.from({ length }, (_, i) => before + ((now - before) * (i + 1)) / length);
    const steps = (length > 0 && story.steps?.(segments[0]?.from ?? 0, segments.at(-1)?.to ?? 0)) || invented;
    before = now;
    const bytes = files.at(-1) as Uint8Array;
    const hashes = index === 0 ? [] : files.map((f) => hashOf(f));
    const link = linkOf(proof, timeline, index, {
      checkpoint: hashOf(bytes),
      states: hashes,
      steps,
      samples,
    });
    await target.writeCheckpoint(index, bytes);
    // A forger answers challenges too: the states between checkpoints are at hand.
    for (const [k, file] of files.entries()) await target.writeState(segments[k]?.to ?? 0, file);
    await target.writeLosses(index, { steps, samples });
    proof = { ...proof, links: [...proof.links, link] };
  }
  await target.writeProof(proof);
  return proof;
}

/** The state with its step counter set. */
function counted(job: Job, state: Tensors, step: number): Tensors {
  const counter = job.train.state.find((s) => s.role === "counter")?.name ?? "step";
  return { ...state, [counter]: tensor("int64", [], BigInt64Array.of(BigInt(step))) };
}

/** Applies a function to every floating-point tensor of one state, or of several of one layout. */
export function mapStates(
  change: (values: readonly Float32Array[], name: string) => Float32Array,
  ...states: readonly Tensors[]
): Tensors {
  const [first] = states as [Tensors];
  return Object.fromEntries(
    Object.entries(first).map(([name, value]): [string, Tensor] => {
      if (value.dtype !== "float32") return [name, value];
      const all = states.map((s) => s[name]?.data as Float32Array);
      return [name, tensor("float32", value.dims, change(all, name))];
    }),
  );
}

/** (1 - t) a + t b. */
export const blend = (a: Tensors, b: Tensors, t: number): Tensors =>
  mapStates(
    ([x, y]) => (x as Float32Array).map((v, i) => (1 - t) * v + t * ((y as Float32Array)[i] as number)),
    a,
    b,
  );

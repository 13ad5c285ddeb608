import { z } from "zod";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { merkleRoot } from "../engine/data/merkle.ts";
import { fromHex, type Hash, isHash, toHex } from "./canonical.ts";
import { u64 } from "./identity.ts";
import type { Segment } from "./timeline.ts";

const hash = z.custom<Hash>(isHash, "must be 0x and 64 hexadecimal digits");

/** What a trainer commits to with one checkpoint. */
export const linkSchema = z.strictObject({
  index: z.int().min(0),
  step: z.int().min(0),
  /** Hash of the checkpoint file, which is that of the whole state. */
  checkpoint: hash,
  /** Hash of the state at the end of every segment since the last checkpoint; the last is `checkpoint`. */
  states: z.array(hash).max(100_000),
  /** Root over the losses of the sampled rows, each as four little-endian bytes. */
  samples: hash,
  /** Mean of those losses. */
  loss: z.number(),
  /** The commitment itself. */
  link: hash,
});
export type Link = z.infer<typeof linkSchema>;

/** The losses behind one link: of every step since the last checkpoint, and of every sampled row. */
export interface Losses {
  readonly steps: Float32Array;
  readonly samples: Float32Array;
}

/**
 * link_i = H(link_{i-1} || H(checkpoint_i) || root of the segments since i-1 || root of the sample losses || u64_le(i)
 * || u64_le(step) || f64_le(loss)). The leaf of a segment is its end state's hash followed by its step losses.
 */
export function linkHash(
  previous: Uint8Array,
  link: Omit<Link, "link">,
  segments: readonly Segment[],
  stepLosses: Float32Array,
): Hash {
  const start = segments[0]?.from ?? 0;
  const leaves = segments.map((s, k) =>
    Buffer.concat([
      fromHex(link.states[k] ?? link.checkpoint),
      floatBytes(stepLosses.subarray(s.from - start, s.to - start)),
    ]),
  );
  const loss = Buffer.alloc(8);
  loss.writeDoubleLE(link.loss);
  return toHex(
    blake2b256(
      previous,
      fromHex(link.checkpoint),
      merkleRoot(leaves),
      fromHex(link.samples),
      u64(link.index),
      u64(link.step),
      loss,
    ),
  );
}

/** Root over the losses of the sampled rows. */
export const sampleRoot = (samples: Float32Array): Hash =>
  toHex(merkleRoot(Array.from(samples, (_, i) => floatBytes(samples.subarray(i, i + 1)))));

/** Mean of the sample losses, summed in order. */
export function meanLoss(samples: Float32Array): number {
  let sum = 0;
  for (const loss of samples) sum += loss;
  return sum / samples.length;
}

const floatBytes = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

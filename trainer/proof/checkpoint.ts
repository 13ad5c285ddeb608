import { DataError } from "../engine/data/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../engine/data/safetensors.ts";
import { mismatch, type TensorSpec, type Tensors } from "../engine/tensor.ts";

const format = "matrixai-checkpoint-1";

/** Everything from which training goes on: parameters, statistics, optimiser buffers and the step counter. */
export interface Checkpoint {
  readonly step: number;
  readonly state: Tensors;
}

/** A safetensors file; equal states have equal bytes, so its hash is the hash of the whole state. */
export const encodeCheckpoint = ({ step, state }: Checkpoint): Uint8Array =>
  encodeSafetensors(state, { format, step: String(step) });

/**
 * Reads a checkpoint of a known layout. Throws a DataError naming the file where a tensor is missing, unknown or of
 * another shape, a value is not finite, or the bytes are not the one way to write this state.
 */
export function decodeCheckpoint(name: string, bytes: Uint8Array, layout: readonly TensorSpec[]): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(name, bytes);
  const step = Number(metadata.step);
  if (metadata.format !== format || !Number.isSafeInteger(step) || step < 0)
    throw new DataError(
      "BadHeader",
      name,
      `is no checkpoint: its metadata should say format ${format} and a step`,
    );
  const known = new Set(layout.map((s) => s.name));
  const extra = Object.keys(tensors).find((n) => !known.has(n));
  if (extra !== undefined) throw new DataError("Mismatch", name, `"${extra}" is no tensor of this job`);
  for (const spec of layout) {
    const problem = mismatch(spec, tensors[spec.name]);
    if (problem !== undefined) throw new DataError("Mismatch", name, problem);
    const { data } = tensors[spec.name] as Tensors[string];
    if (data instanceof Float32Array && !data.every(Number.isFinite))
      throw new DataError("BadValue", name, `"${spec.name}" holds a value that is not finite`);
  }
  const checkpoint = { step, state: tensors };
  if (Buffer.compare(encodeCheckpoint(checkpoint), bytes) !== 0)
    throw new DataError("BadHeader", name, "is not in canonical form");
  return checkpoint;
}

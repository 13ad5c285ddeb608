import { type Dataset, range } from "../engine/data/dataset.ts";
import { DataError } from "../engine/data/errors.ts";
import { firstNotFinite } from "../engine/finite.ts";
import type { DataSpec } from "../engine/program.ts";
import { elementBytes, elements, type Tensor } from "../engine/tensor.ts";

const chunkBytes = 2 ** 22;

/**
 * Reads all samples as a program takes them in, and refuses what would make a training fail that nobody can do better: a
 * value that is not finite, a label that is no class. Found before the work, it is for the buyer to answer.
 * @throws DataError `BadValue` that names the first such sample; the signal's reason.
 */
export async function checkSamples(
  name: string,
  data: Dataset,
  specs: readonly DataSpec[],
  signal?: AbortSignal,
): Promise<void> {
  const rowBytes = specs.reduce((sum, spec) => sum + elements(spec.dims) * elementBytes(spec.dtype), 1);
  const chunk = Math.max(1, Math.min(4096, Math.floor(chunkBytes / rowBytes)));
  for (let start = 0; start < data.rows; start += chunk) {
    signal?.throwIfAborted();
    const rows = range(start, Math.min(data.rows, start + chunk));
    const tensors = await data.read(rows);
    for (const spec of specs) {
      const tensor = tensors[spec.name] as Tensor;
      const at = firstUnsound(tensor, spec);
      if (at < 0) continue;
      const sample = start + Math.floor(at / elements(spec.dims));
      throw new DataError(
        "BadValue",
        name,
        `${spec.name} of sample ${sample} is ${tensor.data[at]}, ${wanted(spec)}`,
      );
    }
  }
}

/** The place of the first value that is not as it should be, or -1. */
function firstUnsound({ data }: Tensor, { below, ignore }: DataSpec): number {
  if (below !== undefined)
    return data.findIndex((value) => !(value >= 0 && value < below) && Number(value) !== ignore);
  return data instanceof Float32Array || data instanceof Float64Array ? firstNotFinite(data) : -1;
}

const wanted = ({ below, ignore }: DataSpec): string =>
  below === undefined
    ? "expected a finite number"
    : `expected a class from 0 to ${below - 1}, or ${ignore} for none`;

import type { Model } from "../engine/onnx/model.ts";
import { readModel } from "../engine/onnx/read.ts";
import { trainingProgram } from "../proof/job.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { DataPlace } from "./data-file.ts";
import { fetchModel, shapeOf } from "./open-job.ts";

/** What is known of a job without its data. */
export interface WeighedJob {
  readonly model: Model;
  /** Of one step, by the canonical counter. */
  readonly flopPerStep: bigint;
}

/**
 * Fetches the model alone and counts its work: all that can be said of a job whose data is sealed.
 * @throws JobError, StorageError, EngineError.
 */
export async function weighJob(manifest: Manifest, place: DataPlace): Promise<WeighedJob> {
  const model = readModel(await fetchModel(place, manifest));
  shapeOf(manifest, model);
  return { model, flopPerStep: trainingProgram(manifest, model).flopPerStep };
}

import type { JobFile } from "../job/job-file.ts";
import type { JobPlace } from "../job/open-job.ts";
import { openJob, sourceOf } from "../job/open-job.ts";
import { BuyerError } from "./buyer-error.ts";
import { costOf, type JobCost } from "./order-spec.ts";

/** A job that was checked as a trainer and an inspector will, with all its data at hand. */
export interface ReadyJob extends JobFile {
  readonly cost: JobCost;
}

/**
 * Opens everything that a job names, and counts what it costs. @throws BuyerError where data is missing that only the buyer can
 * have, and what `openJob` throws.
 */
export async function readyJob(file: JobFile, place: JobPlace): Promise<ReadyJob> {
  const { training, validation } = file.manifest;
  if (validation.access === "released")
    throw new BuyerError(
      "NotPlaceable",
      "validation: say where the data lies (format, uri, targetsUri), or it could never be released to inspectors",
    );
  const { job, model, close } = await openJob(file.manifest, place);
  close();
  const sources = await Promise.all([training, validation].map((part) => sourceOf(place, part)));
  return { ...file, cost: costOf(job, model.bytes.length, sources) };
}

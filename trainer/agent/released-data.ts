/** Validation data that a buyer kept back until the proof was in. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Inspection } from "../../pallets/proof-of-training/index.ts";
import { JobError } from "../job/job-error.ts";
import { maxReleasedBytes, parseReleased, type ReleasedValidation } from "../proof/released-validation.ts";
import type { Agent } from "./agent-context.ts";
import { addressOf } from "./ordered-job.ts";

/**
 * Where the data lies and how it is read, as the buyer has said; undefined where it has said nothing. `folder` holds what is
 * fetched. @throws StorageError, JobError `BadData`.
 */
export async function releasedData(
  agent: Agent,
  { released }: Pick<Inspection, "released">,
  folder: string,
  signal: AbortSignal,
): Promise<ReleasedValidation | undefined> {
  if (released === undefined) return undefined;
  const [uri, to] = [addressOf(released), join(folder, "released.json")];
  await agent.store.get({ uri, to, hash: undefined, maxBytes: maxReleasedBytes, signal });
  const parsed = parseReleased(await readFile(to));
  if (parsed.ok) return parsed.released;
  throw new JobError("BadData", `${uri} does not say where validation data lies: ${parsed.problem}`);
}

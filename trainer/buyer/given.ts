import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Given, JobPlace } from "../job/open-job.ts";
import { maxReleasedBytes, parseReleased } from "../proof/released-validation.ts";
import { BuyerError } from "./buyer-error.ts";
import type { JobSecrets } from "./order-secrets.ts";

/** What a buyer's own secrets open of its job. @throws StorageError, BuyerError `NoSecrets`. */
export async function givenBy({ training, validation }: JobSecrets, place: JobPlace): Promise<Given> {
  return {
    ...(training && { dataKeys: training }),
    ...(validation && { released: { data: await released(validation.uri, place), keys: validation.keys } }),
  };
}

async function released(uri: string, { store, signal }: JobPlace) {
  const folder = await mkdtemp(join(tmpdir(), "matrixai-released-"));
  try {
    const to = join(folder, "validation.json");
    await store.get({ uri, to, hash: undefined, maxBytes: maxReleasedBytes, ...(signal && { signal }) });
    const parsed = parseReleased(await readFile(to));
    if (parsed.ok) return parsed.released;
    throw new BuyerError("NoSecrets", `${uri} does not say where validation data lies: ${parsed.problem}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A training that goes on where an earlier order's has ended. */
import { pathToFileURL } from "node:url";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import type { JobFile } from "../job/job-file.ts";
import { hashFile } from "../storage/content-hash.ts";
import { StorageError } from "../storage/error.ts";
import { BuyerError } from "./buyer-error.ts";
import { restOf } from "./rest-of-job.ts";
import { type Taken, type TakeOptions, takeModel } from "./take-model.ts";

/**
 * The rest of a job: it begins with the last checkpoint of an earlier order that can be had, fetched and checked against what was
 * anchored, and takes the steps that are left of the whole. @throws BuyerError `NoCheckpoint`, and what fetching throws.
 */
export async function continuedJob(
  chain: ChainClient,
  { manifest, keepsBack }: JobFile,
  earlier: OrderDetails,
  options: TakeOptions,
): Promise<JobFile> {
  const { id, ended } = earlier.info;
  if (ended?.outcome === "Rejected")
    throw new BuyerError("NoCheckpoint", `order ${id} was rejected: its checkpoints are not to be trusted`);
  const { checkpoint, bought } = await takeLast(chain, earlier, options);
  const from = { uri: pathToFileURL(checkpoint).href, hash: await hashFile(checkpoint, options.signal) };
  return { manifest: restOf(manifest, bought.last.step, from), keepsBack };
}

/** The last checkpoint that was handed in; of a trainer that handed in none, the last that it has stored. */
async function takeLast(chain: ChainClient, earlier: OrderDetails, options: TakeOptions): Promise<Taken> {
  const { id } = earlier.info;
  try {
    return await takeModel(chain, earlier, options);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return await takeModel(chain, earlier, { ...options, stored: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new BuyerError(
      "NoCheckpoint",
      `no checkpoint of order ${id} can be gone on with (${error.message}): where its trainer gives the address of a package, name it with --from; or order the training anew`,
    );
  }
}

/** Of a package that was stored on the way, the last checkpoint may be missing. */
const isMissing = (error: unknown): error is Error =>
  (error instanceof BuyerError && error.code === "NoModel") ||
  (error instanceof StorageError && error.code === "NotFound");

/** A training that goes on where an earlier order's has ended. */
import { pathToFileURL } from "node:url";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import type { JobFile } from "../job/job-file.ts";
import { hashFile } from "../storage/content-hash.ts";
import { BuyerError } from "./buyer-error.ts";
import { restOf } from "./rest-of-job.ts";
import { type TakeOptions, takeModel } from "./take-model.ts";

/**
 * The rest of a job: it begins with the last checkpoint that was anchored for an earlier order, fetched and checked against the
 * chain, and takes the steps that are left of the whole. @throws BuyerError `NoCheckpoint`, and what fetching throws.
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
  try {
    const { checkpoint, bought } = await takeModel(chain, earlier, options);
    const from = { uri: pathToFileURL(checkpoint).href, hash: await hashFile(checkpoint, options.signal) };
    return { manifest: restOf(manifest, bought.last.step, from), keepsBack };
  } catch (error) {
    if (!(error instanceof BuyerError) || error.code !== "NoModel") throw error;
    throw new BuyerError(
      "NoCheckpoint",
      `the last checkpoint of order ${id} cannot be had (${error.message}): its trainer has it; ask for the address of the package and give it with --from, or order the training anew`,
    );
  }
}

/** The key of the data that an order is trained on. */
import type { Order } from "../../pallets/marketplace/index.ts";
import { keyDue } from "../../pallets/proof-of-training/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { JobError } from "../job/job-error.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { givenKey } from "./given-keys.ts";

/** The claim must be in a block before the time to start is over. */
const blocksForClaim = 8;

/**
 * The key pair of an accepted order's data; undefined where that is not sealed, `waits` while the buyer has time.
 * @throws JobError `KeyWithheld` where it gave none in time, or the wrong one.
 */
export async function trainingKeys(
  agent: Agent,
  id: number,
  { deal, deadline, state }: Order,
  { training }: Manifest,
  block: number,
): Promise<SealKeys | "waits" | undefined> {
  if (training.sealed === undefined || deal === undefined) return undefined;
  const given = await givenKey(agent, id, "TrainingData", deal.sealing_key);
  if (given.type === "key" && toHex(given.keys.publicKey) === training.sealed) return given.keys;
  if (given.type !== "none")
    throw new JobError("KeyWithheld", "the buyer gave another key than that of the data");
  // From `from` on the chain takes the claim; the buyer has half of what is left besides.
  const from = keyDue({ deadline, deal }) + 1;
  const patience = Math.max(from, Math.min(Math.ceil((from + deadline) / 2), deadline - blocksForClaim));
  if (state !== "Accepted" || block < patience) return "waits";
  throw new JobError("KeyWithheld", `the buyer has given no key of the data up to block ${block}`);
}

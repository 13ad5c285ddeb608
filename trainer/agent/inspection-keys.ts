/** What whoever looks into an order was given of what is sealed, or what it means that it was not. */
import { type KeyPurpose, storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import type { Inspection } from "../../pallets/proof-of-training/index.ts";
import { equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { JobError } from "../job/job-error.ts";
import type { Given } from "../job/open-job.ts";
import { isOrderKey } from "../job/order-keys.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { givenKey } from "./given-keys.ts";
import { packageKeysOf } from "./handing-in.ts";
import { isGiven, panelKeys } from "./panel-keys.ts";
import { releasedData } from "./released-data.ts";

/** An order under inspection, as the chain has it. */
export interface Proceeding {
  readonly id: number;
  readonly order: Order;
  readonly inspection: Inspection;
}

/** Whether the trainer was given something for a key of the data. */
export async function wasTrainerGiven(agent: Agent, { id, order }: Proceeding): Promise<boolean> {
  const { deal } = order;
  if (deal === undefined) return false;
  return (await agent.chain.read(marketplace.ReleasedKeys, [id, deal.trainer, "TrainingData"])) !== undefined;
}

/**
 * The key pair of training data that is sealed. @throws JobError `KeyWithheld`: the buyer has not given it, or has given
 * something else to an inspector of this round, or to a trainer that claims so.
 */
export async function inspectedDataKeys(
  agent: Agent,
  proceeding: Proceeding,
  { training }: Manifest,
): Promise<SealKeys | undefined> {
  if (training.sealed === undefined) return undefined;
  const { id, order, inspection } = proceeding;
  const purpose = "TrainingData";
  const keys = await ownKey(agent, proceeding, purpose);
  if (keys === undefined || toHex(keys.publicKey) !== training.sealed)
    throw new JobError("KeyWithheld", "the buyer has not given the key of its training data");
  for (const seat of await panelKeys(agent, id, inspection, purpose))
    if (seat.envelope !== undefined && !isGiven(seat, id, purpose, keys))
      throw new JobError("KeyWithheld", `the buyer has given another key to ${toHex(seat.inspector)}`);
  const { deal } = order;
  const envelope = deal && (await agent.chain.read(marketplace.ReleasedKeys, [id, deal.trainer, purpose]));
  const isClaim = inspection.submission.type === "Fault" && inspection.submission.value === "KeyWithheld";
  if (isClaim && envelope && !isOrderKey({ order: id, purpose }, envelope, keys, deal.sealing_key!))
    throw new JobError("KeyWithheld", "the buyer has given another key to the trainer");
  return keys;
}

/**
 * Validation data that was kept back, with its key pair. Undefined where it was not released to all inspectors of the round
 * alike: then it counts as not released at all. @throws StorageError, JobError.
 */
export async function inspectedRelease(
  agent: Agent,
  proceeding: Proceeding,
  folder: string,
  signal: AbortSignal,
): Promise<Given["released"]> {
  const { id, order, inspection } = proceeding;
  if (order.spec.validation === "Public") return undefined;
  const data = await releasedData(agent, inspection, folder, signal);
  if (data?.sealed === undefined) return data && { data };
  const purpose = "ValidationData";
  const keys = await ownKey(agent, proceeding, purpose);
  if (keys === undefined || toHex(keys.publicKey) !== data.sealed) return undefined;
  const panel = await panelKeys(agent, id, inspection, purpose);
  return panel.every((seat) => isGiven(seat, id, purpose, keys)) ? { data, keys } : undefined;
}

/**
 * The key pair of a package that is sealed; undefined where the trainer has not given it, or has given something else to an
 * inspector of this round.
 */
export async function inspectedPackageKeys(
  agent: Agent,
  proceeding: Proceeding,
): Promise<SealKeys | undefined> {
  const { id, order, inspection } = proceeding;
  if (order.spec.recipient === undefined) return undefined;
  const purpose = "Package";
  const isOwn = order.deal !== undefined && equalBytes(order.deal.trainer, agent.account);
  const keys = isOwn
    ? await packageKeysOf(agent, id, order.stopped)
    : await ownKey(agent, proceeding, purpose);
  if (keys === undefined) return undefined;
  const panel = await panelKeys(agent, id, inspection, purpose);
  const isWrong = panel.some((seat) => seat.envelope !== undefined && !isGiven(seat, id, purpose, keys));
  return isWrong ? undefined : keys;
}

/** What this trainer itself was given, as an inspector of any round or as the order's trainer. */
async function ownKey(
  agent: Agent,
  { id, order, inspection }: Proceeding,
  purpose: KeyPurpose,
): Promise<SealKeys | undefined> {
  const seat = inspection.seats.find(({ inspector }) => equalBytes(inspector, agent.account));
  const given = await givenKey(agent, id, purpose, seat ? seat.sealing_key : order.deal?.sealing_key);
  return given.type === "key" ? given.keys : undefined;
}

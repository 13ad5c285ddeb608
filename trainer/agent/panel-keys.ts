/** Which keys the inspectors of a round were given. Nobody is given one after `keys_by`: then all of them see the same. */
import { type KeyPurpose, storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import type { Inspection } from "../../pallets/proof-of-training/index.ts";
import { isOrderKey } from "../job/order-keys.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { releasedData } from "./released-data.ts";

/** A place on the present panel: to what its keys are sealed, and the envelope that it was given. */
export interface PanelKey {
  readonly inspector: Uint8Array;
  readonly sealedTo: Uint8Array | undefined;
  readonly envelope: Uint8Array | undefined;
}

/** What each inspector of the present round was given for a purpose. */
export async function panelKeys(
  agent: Agent,
  id: number,
  { seats, round }: Pick<Inspection, "seats" | "round">,
  purpose: KeyPurpose,
): Promise<PanelKey[]> {
  const panel = seats.filter((seat) => seat.round === round);
  return Promise.all(
    panel.map(async ({ inspector, sealing_key }) => ({
      inspector,
      sealedTo: sealing_key,
      envelope: await agent.chain.read(marketplace.ReleasedKeys, [id, inspector, purpose]),
    })),
  );
}

/** Whether an inspector was given this very key. */
export const isGiven = (
  { sealedTo, envelope }: PanelKey,
  order: number,
  purpose: KeyPurpose,
  keys: SealKeys,
): boolean =>
  sealedTo !== undefined &&
  envelope !== undefined &&
  isOrderKey({ order, purpose }, envelope, keys, sealedTo);

/**
 * Whether a round can be judged as of a block: all keys that its inspectors may need are there, or none comes any more.
 * `folder` holds what is fetched.
 */
export async function canJudge(
  agent: Agent,
  id: number,
  order: Order,
  inspection: Inspection,
  {
    folder,
    block,
    signal,
  }: { readonly folder: string; readonly block: number; readonly signal: AbortSignal },
): Promise<boolean> {
  if (inspection.keys_by === undefined || block > inspection.keys_by) return true;
  const { spec, deal } = order;
  const areIn = async (purpose: KeyPurpose) =>
    (await panelKeys(agent, id, inspection, purpose)).every(({ envelope }) => envelope !== undefined);
  const trainers =
    deal && (await agent.chain.read(marketplace.ReleasedKeys, [id, deal.trainer, "TrainingData"]));
  if (trainers !== undefined && !(await areIn("TrainingData"))) return false;
  if (inspection.submission.type === "Fault") return true;
  if (spec.recipient !== undefined && !(await areIn("Package"))) return false;
  if (spec.validation === "Public" || block > (inspection.release_by ?? 0)) return true;
  if (inspection.released === undefined) return false;
  try {
    const released = await releasedData(agent, inspection, folder, signal);
    return released?.sealed === undefined || (await areIn("ValidationData"));
  } catch {
    signal.throwIfAborted();
    // It may still be put there.
    return false;
  }
}

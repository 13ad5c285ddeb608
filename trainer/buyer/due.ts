/** What a buyer owes the parties of its order, as a block has it: keys of its data, and the way to what it kept back. */
import { type KeyPurpose, storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import type { Inspection } from "../../pallets/proof-of-training/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { sealOrderKey } from "../job/order-keys.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { JobSecrets } from "./order-secrets.ts";

/** One thing to hand out. */
export interface Due {
  readonly call: RuntimeCall;
  /** Who is given something; 32 bytes. Undefined where it is told to all inspectors at once. */
  readonly to: Uint8Array | undefined;
  readonly what:
    | "the key of the training data"
    | "the key of the validation data"
    | "where the validation data lies";
  /** Last block in which the chain takes it, or in which it can still help. */
  readonly by: number;
}

/**
 * What is due in the block after `at`, and not handed out yet. Nothing is remembered but on the chain, so whoever has the
 * secrets can go on at any time. @throws ChainError.
 */
export async function dueOf(
  chain: ChainClient,
  { info, inspection }: OrderDetails,
  secrets: JobSecrets,
  at: { readonly hash: string; readonly number: number },
): Promise<Due[]> {
  const { id, order } = info;
  if (order === undefined) return [];
  const wanted = [...forTrainer(order, inspection, secrets), ...forInspectors(inspection, secrets)].filter(
    ({ by }) => at.number < by,
  );
  const given = await Promise.all(
    wanted.map(({ to, purpose }) => chain.read(marketplace.ReleasedKeys, [id, to, purpose], at.hash)),
  );
  return [
    ...forAll(id, order, inspection, secrets).filter(({ by }) => at.number < by),
    ...wanted.filter((_, place) => given[place] === undefined).map((each) => keyDue(id, each)),
  ];
}

interface Wanted {
  readonly to: Uint8Array;
  readonly sealing: Uint8Array;
  readonly purpose: Exclude<KeyPurpose, "Package">;
  readonly keys: SealKeys;
  readonly by: number;
}

/** Before it starts; once it has claimed that it was given none, it is too late. */
function forTrainer(
  { state, deal, deadline }: Order,
  inspection: Inspection | undefined,
  { training }: JobSecrets,
): Wanted[] {
  const waits = (state === "Accepted" || state === "Training") && inspection === undefined;
  if (training === undefined || deal?.sealing_key === undefined || !waits) return [];
  return [
    { to: deal.trainer, sealing: deal.sealing_key, purpose: "TrainingData", keys: training, by: deadline },
  ];
}

/** Each of a panel, as soon as it is drawn, and no later than the chain allows. */
function forInspectors(inspection: Inspection | undefined, { training, validation }: JobSecrets): Wanted[] {
  const { keys_by: by } = inspection ?? {};
  if (inspection?.phase !== "Committing" || by === undefined) return [];
  const isProof = inspection.submission.type === "Proof";
  const panel = inspection.seats.filter(({ round }) => round === inspection.round);
  return panel.flatMap(({ inspector: to, sealing_key: sealing }) => {
    if (sealing === undefined) return [];
    return [
      ...(training ? [{ to, sealing, purpose: "TrainingData" as const, keys: training, by }] : []),
      ...(validation && isProof
        ? [{ to, sealing, purpose: "ValidationData" as const, keys: validation.keys, by }]
        : []),
    ];
  });
}

/** Once for all panels: later ones read what was said to the first. */
function forAll(
  order: number,
  { spec }: Order,
  inspection: Inspection | undefined,
  { validation }: JobSecrets,
): Due[] {
  const { release_by: by, released, submission } = inspection ?? {};
  if (validation === undefined || by === undefined || released !== undefined) return [];
  if (spec.validation !== "Released" || submission?.type !== "Proof") return [];
  const value = { order, uri: textBytes(validation.uri) };
  const call: RuntimeCall = { type: "ProofOfTraining", value: { type: "release_validation", value } };
  return [{ call, to: undefined, what: "where the validation data lies", by }];
}

function keyDue(order: number, { to, sealing, purpose, keys, by }: Wanted): Due {
  const key = sealOrderKey({ order, purpose }, keys, sealing);
  const call: RuntimeCall = {
    type: "ProofOfTraining",
    value: { type: "release_key", value: { order, to, purpose, key } },
  };
  const what = purpose === "TrainingData" ? "the key of the training data" : "the key of the validation data";
  return { call, to, what, by };
}

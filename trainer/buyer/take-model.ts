import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { toHex } from "../proof/canonical.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Store } from "../storage/store.ts";
import { type Bought, fetchModel } from "./bought.ts";
import { BuyerError } from "./buyer-error.ts";
import { partsOf } from "./known.ts";
import { type OrderSecrets, secretsFolder, secretsOf } from "./order-secrets.ts";
import { submissionOf } from "./submission.ts";

export interface TakeOptions {
  readonly store: Store;
  /** Where the package goes; `model.onnx` is made in it. */
  readonly folder: string;
  /** Where the order's keys are kept; `secretsFolder()` where absent. */
  readonly secrets?: string;
  /** In their place: to whom results are sealed. */
  readonly keys?: SealKeys;
  /** Another place of the package than the trainer has told the chain. */
  readonly from?: string;
  /** Every file, so that the folder can be inspected as a whole. */
  readonly whole?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (what: "blocks" | "files", done: number, of: number, name?: string) => void;
}

export interface Taken {
  /** Path of the trained model. */
  readonly model: string;
  /** Path of the checkpoint it was made of. */
  readonly checkpoint: string;
  readonly bought: Bought;
  /** What inspectors found on the validation data; undefined where the chain says nothing. */
  readonly accuracy: number | undefined;
}

/**
 * The model of an order: fetched, opened with the order's own keys, and checked against what the chain recorded.
 * @throws BuyerError `NoModel`, `NoSecrets`, StorageError, DataError, ChainError.
 */
export async function takeModel(
  chain: ChainClient,
  details: OrderDetails,
  options: TakeOptions,
): Promise<Taken> {
  const { store, folder, signal, from, whole = false, onProgress = () => undefined } = options;
  const { id, order, anchors, ended } = details.info;
  const last = ended ? ended.last : anchors.at(-1);
  const trainer = ended ? ended.trainer : order?.deal?.trainer;
  if (last === undefined || last.index === 0 || trainer === undefined)
    throw new BuyerError("NoModel", `order ${id} has no model: no checkpoint was trained`);
  const { manifest } = partsOf(details);
  const keys = options.keys ?? (await secretsHere(chain, details, options.secrets))?.results;
  const submitted =
    from === undefined
      ? await submissionOf(chain, details, signal, (done, of) => onProgress("blocks", done, of))
      : undefined;
  const bought: Bought = {
    order: id,
    trainer,
    manifest,
    hash: submitted?.package.hash,
    uri: from ?? Buffer.from(submitted!.package.uri).toString(),
    last,
  };
  const model = await fetchModel(store, bought, folder, {
    ...(keys && { keys }),
    whole,
    signal,
    onProgress: (done, of, name) => onProgress("files", done, of, name),
  });
  return { ...model, bought, accuracy: submitted?.accuracy };
}

/** The keys of an order that are kept on this machine, if they are. @throws BuyerError `NoSecrets`. */
export async function secretsHere(
  chain: ChainClient,
  details: OrderDetails,
  folder = secretsFolder(),
): Promise<OrderSecrets | undefined> {
  const genesis = await chain.request<string>("chain_getBlockHash", 0);
  return secretsOf(folder, { genesis, manifest: toHex(partsOf(details).manifest) }, details.info.id);
}

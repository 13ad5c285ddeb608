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
import { lastStored, takeStored } from "./take-stored.ts";

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
  /** Not what was handed in, but the last checkpoint that the trainer has stored while it trained. */
  readonly stored?: boolean;
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
  const how = { signal, ...(keys && { keys }) };
  const onBlock = (done: number, of: number) => onProgress("blocks", done, of);
  const onFile = (done: number, of: number, name: string) => onProgress("files", done, of, name);
  const look = { ...how, store, folder, ...(from !== undefined && { from }), onProgress: onBlock };
  if (options.stored)
    return { ...(await takeStored(chain, details, { ...look, onFile })), accuracy: undefined };
  const submitted =
    from === undefined ? await submissionOf(chain, details, signal, onBlock).catch(instead) : undefined;
  const bought: Bought = {
    order: id,
    trainer,
    manifest,
    hash: submitted?.package.hash,
    uri: from ?? Buffer.from(submitted!.package.uri).toString(),
    last,
  };
  const model = await fetchModel(store, bought, folder, { ...how, whole, onProgress: onFile });
  return { ...model, bought, accuracy: submitted?.accuracy };

  /** Says what there is where nothing was handed in. */
  async function instead(error: Error): Promise<never> {
    if (!(error instanceof BuyerError) || error.code !== "NoModel") throw error;
    const found = await lastStored(chain, details, look);
    if (found === undefined)
      throw new BuyerError("NoModel", `${error.message}, and its trainer has told of nothing that it stored`);
    const { index, step } = found.anchor;
    const rest = ended ? `, or order the steps that are left with: order place JOB --continues ${id}` : "";
    throw new BuyerError(
      "NoModel",
      `${error.message}; its trainer says to have stored checkpoint ${index} of step ${step}: get that with --checkpoint${rest}`,
    );
  }
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

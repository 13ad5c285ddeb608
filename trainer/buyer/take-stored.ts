import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { DataError } from "../engine/data/errors.ts";
import { StorageError } from "../storage/error.ts";
import { type Bought, fetchModel } from "./bought.ts";
import { BuyerError } from "./buyer-error.ts";
import { partsOf } from "./known.ts";
import { type LookOptions, type StoredCheckpoint, storedCheckpoints } from "./stored-checkpoints.ts";

/** A liar may store as much garbage as it likes. */
const mostTries = 16;

/**
 * The model of the last checkpoint of an order that its trainer has stored and that leads to an anchored link. Of what does not,
 * nothing is taken, and the one before is tried. @throws BuyerError `NoModel`, StorageError, ChainError.
 */
export async function takeStored(
  chain: ChainClient,
  details: OrderDetails,
  options: LookOptions & { readonly onFile: (done: number, of: number, name: string) => void },
): Promise<{ readonly model: string; readonly checkpoint: string; readonly bought: Bought }> {
  const { store, folder, keys, signal, onFile } = options;
  const { id, order, ended } = details.info;
  const found = storedCheckpoints(chain, details, options);
  let why: string | undefined;
  for (let tries = 0; ; tries++) {
    const next = await found.next();
    if (next.done || tries === mostTries)
      throw new BuyerError("NoModel", `no checkpoint of order ${id} can be had: ${why ?? next.value}`);
    const { uri, anchor } = next.value;
    const trainer = (ended?.trainer ?? order?.deal?.trainer) as Uint8Array;
    const bought = {
      order: id,
      trainer,
      manifest: partsOf(details).manifest,
      hash: undefined,
      uri,
      last: anchor,
    };
    try {
      const how = { ...(keys && { keys }), whole: false, signal, onProgress: onFile };
      return { ...(await fetchModel(store, bought, folder, how)), bought };
    } catch (error) {
      signal.throwIfAborted();
      if (!isRefusal(error)) throw error;
      why ??= error.message;
    }
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof BuyerError ||
  error instanceof DataError ||
  (error instanceof StorageError && error.code !== "DiskFull");

/** The last checkpoint that the trainer of an order says to have stored; undefined where there is none. @throws as {@link takeStored}. */
export async function lastStored(
  chain: ChainClient,
  details: OrderDetails,
  options: LookOptions,
): Promise<StoredCheckpoint | undefined> {
  const { value, done } = await storedCheckpoints(chain, details, options).next();
  return done ? undefined : value;
}

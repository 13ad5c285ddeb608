/** Files of data that a manifest names, on this machine: fetched if need be, and opened where they are sealed. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashOf, toHex } from "../proof/canonical.ts";
import { StorageError } from "../storage/error.ts";
import type { SealKeys } from "../storage/sealed.ts";
import { unsealFile } from "../storage/sealed-file.ts";
import type { Store } from "../storage/store.ts";
import { JobError } from "./job-error.ts";

/** Where data is fetched from, and to. */
export interface DataPlace {
  readonly store: Store;
  /** Folder for what is fetched. */
  readonly cache: string;
  /** `file:///` data is read where it lies, wherever that is: only for addresses that this machine's user wrote. */
  readonly inPlace: boolean;
  /** Largest file of data that is fetched; 1 TiB where absent. */
  readonly maxDataBytes?: number;
  readonly signal?: AbortSignal;
}

const maxDataBytes = 2 ** 40;

/**
 * The path of a file of data. `keys` open one that is sealed. @throws StorageError, and JobError `BadData` where a sealed
 * file does not open.
 */
export async function dataFile(place: DataPlace, uri: string, keys: SealKeys | undefined): Promise<string> {
  const isHere = place.inPlace && uri.startsWith("file:///");
  const plain = join(place.cache, hashOf(Buffer.from(uri)).slice(2));
  if (keys === undefined) {
    if (isHere) return fileURLToPath(uri);
    await fetched(place, uri, plain, place.maxDataBytes ?? maxDataBytes);
    return plain;
  }
  const sealed = isHere ? fileURLToPath(uri) : `${plain}.sealed`;
  try {
    if (!isHere) await fetched(place, uri, sealed, sealedLimit(place.maxDataBytes ?? maxDataBytes));
    await unsealFile(sealed, plain, keys, place.signal);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "BadSeal") throw error;
    throw new JobError("BadData", `${uri} does not open with its key: ${error.message}`);
  } finally {
    if (!isHere) await rm(sealed, { force: true });
  }
  return plain;
}

/** The keys of data that is sealed; undefined of data that is not. @throws JobError `KeyWithheld`. */
export function dataKeys(
  field: string,
  sealed: string | undefined,
  given: SealKeys | undefined,
): SealKeys | undefined {
  if (sealed === undefined) return undefined;
  if (given === undefined)
    throw new JobError("KeyWithheld", `the ${field} is sealed, and its key is not here`);
  const found = toHex(given.publicKey);
  if (found !== sealed)
    throw new JobError(
      "KeyWithheld",
      `the ${field} is sealed to ${sealed}, but the key given is that of ${found}`,
    );
  return given;
}

/** What a seal adds is less than a part in a thousand, and some bytes. */
const sealedLimit = (bytes: number): number => bytes + Math.ceil(bytes / 1000) + 1024;

function fetched({ store, signal }: DataPlace, uri: string, to: string, maxBytes: number): Promise<void> {
  return store.get({ uri, to, hash: undefined, maxBytes, ...(signal && { signal }) });
}

/** Results lie where their hash says: a project that knows the hash from the chain finds them at any member that agreed. */
import { readFile } from "node:fs/promises";
import { addressIn } from "../storage/bundle.ts";
import { rawCid } from "../storage/ipfs-address.ts";
import type { Store } from "../storage/store.ts";
import { maxResultBytes } from "./result.ts";

/** `<64 digits>.safetensors`. */
export const resultName = (hash: Uint8Array): string => `${digits(hash)}.safetensors`;

/**
 * Stores a result's file under a trainer's base: at its name, or in IPFS as one block whose address follows from the hash.
 * Gives the address. @throws StorageError.
 */
export const storeResult = (
  store: Store,
  base: string,
  hash: Uint8Array,
  path: string,
  signal?: AbortSignal,
): Promise<string> =>
  store.put(
    path,
    base.startsWith("ipfs:") ? "ipfs:raw" : addressIn(base, resultName(hash)),
    signal ? { signal } : {},
  );

/** The address of a result under a trainer's base, which of IPFS may name a node: `ipfs:?peer=MULTIADDR`. */
export function resultAddress(base: string, hash: Uint8Array): string {
  const [inIpfs, query = ""] = /^ipfs:(?:\/\/)?(\?.*)?$/.exec(base) ?? [];
  return inIpfs === undefined ? addressIn(base, resultName(hash)) : `ipfs://${rawCid(hash)}${query}`;
}

/** A result from a trainer's base, into the file `to`. @throws StorageError: `HashMismatch` where it is another. */
export async function fetchResult(
  store: Store,
  base: string,
  hash: Uint8Array,
  to: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const uri = resultAddress(base, hash);
  await store.get({
    uri,
    to,
    hash: `0x${digits(hash)}`,
    maxBytes: maxResultBytes,
    ...(signal && { signal }),
  });
  return readFile(to);
}

const digits = (hash: Uint8Array): string => Buffer.from(hash).toString("hex");

import { createReadStream } from "node:fs";
import { blake2b256Stream } from "../engine/data/blake2b.ts";

/** BLAKE2b-256 of data that arrives in pieces. */
export interface Hasher {
  update(part: Uint8Array): void;
  /** As 0x and 64 hex digits; ends the hasher. */
  digest(): string;
}

export function contentHasher(): Hasher {
  const stream = blake2b256Stream();
  return { update: stream.update, digest: () => `0x${Buffer.from(stream.digest()).toString("hex")}` };
}

/** The content hash of a file. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hasher = contentHasher();
  for await (const part of createReadStream(path, signal ? { signal } : {})) hasher.update(part);
  return hasher.digest();
}

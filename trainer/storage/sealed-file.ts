import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileProblem } from "./error.ts";
import { type SealKeys, seal, unseal } from "./sealed.ts";

/** Seals a file into another one. @throws StorageError. */
export const sealFile = (from: string, to: string, recipient: Uint8Array, signal?: AbortSignal) =>
  through(from, to, (plain) => seal(plain, recipient), signal);

/** Opens a sealed file into another one, which is there only if all of it was right. @throws StorageError. */
export const unsealFile = (from: string, to: string, keys: SealKeys, signal?: AbortSignal) =>
  through(from, to, (sealed) => unseal(sealed, keys), signal);

async function through(
  from: string,
  to: string,
  change: (parts: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await pipeline(createReadStream(from), change, createWriteStream(to), signal ? { signal } : {});
  } catch (error) {
    await rm(to, { force: true });
    signal?.throwIfAborted();
    throw fileProblem(to, error);
  }
}

import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileProblem } from "./error.ts";
import { type SealKeys, seal, unseal } from "./sealed.ts";

/** Seals a file into another one. @throws StorageError. */
export const sealFile = (from: string, to: string, recipient: Uint8Array, signal?: AbortSignal) =>
  through(from, to, (plain) => seal(plain, recipient), signal);

/** Opens a sealed file into another one, which is there only if all of it was right. @throws StorageError. */
export const unsealFile = (from: string, to: string, keys: SealKeys, signal?: AbortSignal) =>
  through(from, to, (sealed) => unseal(sealed, keys), signal);

/** Seals a few bytes. */
export const sealBytes = (plain: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> =>
  collect(seal(Readable.from([Buffer.from(plain)]), recipient));

/** Opens a few sealed bytes. @throws StorageError `BadSeal`. */
export const openBytes = (sealed: Uint8Array, keys: SealKeys): Promise<Uint8Array> =>
  collect(unseal(Readable.from([Buffer.from(sealed)]), keys));

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

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return new Uint8Array(Buffer.concat(all));
}

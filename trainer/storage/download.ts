import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Backend, Reading } from "./backend.ts";
import { contentHasher, type Hasher, hashFile } from "./content-hash.ts";
import { fileProblem, StorageError } from "./error.ts";

export interface Download {
  readonly uri: string;
  /** File to write. It appears only when it is whole and right. */
  readonly to: string;
  /** BLAKE2b-256 of the content; `undefined` where something else (a Merkle root) will be checked by the caller. */
  readonly hash: string | undefined;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** Called with the bytes that are here and the size, if known. */
  readonly onProgress?: (done: number, size: number | undefined) => void;
  /** How often a broken connection is taken up again, in a row without progress. */
  readonly retries?: number;
  /** Milliseconds before the first retry; doubled each time. */
  readonly pauseMs?: number;
  /** The least that must come in so many ms; a server that only drips is taken for one that fails. */
  readonly pace?: Pace;
}

interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/** Half a kilobyte a second: no line that models are sent over is as slow. */
const usualPace: Pace = { bytes: 16_384, ms: 30_000 };

class TooSlow extends StorageError {}

/**
 * Fetches one object into a file. What came before a failure stays beside it (`.partial`), and the next call goes on
 * from there, whether in this process or a later one. Throws a StorageError or the signal's reason.
 */
export async function download(backend: Backend, job: Download): Promise<void> {
  if (job.hash !== undefined && (await isAlready(job.to, job.hash))) return;
  const partial = `${job.to}.${job.hash?.slice(2, 18) ?? "unverified"}.partial`;
  await mkdir(dirname(job.to), { recursive: true });
  let failures = 0;
  for (;;) {
    const before = await sizeOf(partial);
    try {
      const found = await takeOn(backend, job, partial, before);
      if (job.hash !== undefined && found !== job.hash)
        throw new StorageError("HashMismatch", `${job.uri} has the hash ${found}, expected ${job.hash}`);
      await rename(partial, job.to);
      return;
    } catch (error) {
      job.signal?.throwIfAborted();
      const problem = fileProblem(partial, error);
      if (!(problem instanceof StorageError)) throw problem;
      if (problem.code === "HashMismatch") {
        await rm(partial, { force: true });
        // An old part and a new one may belong to different versions: then the whole is worth one more try.
        if (before > 0) continue;
      }
      if (problem.code !== "Interrupted") throw problem;
      const isProgress = !(problem instanceof TooSlow) && (await sizeOf(partial)) > before;
      failures = isProgress ? 1 : failures + 1;
      if (failures > (job.retries ?? 5)) throw problem;
      await pause(
        (job.pauseMs ?? 500) * 2 ** (failures - 1),
        undefined,
        job.signal ? { signal: job.signal } : {},
      );
    }
  }
}

/** Continues the partial file to the end of the object and gives the hash of the whole. */
async function takeOn(backend: Backend, job: Download, partial: string, start: number): Promise<string> {
  const reading = await backend.read(job.uri, start, job.signal);
  try {
    return await append(job, partial, reading);
  } finally {
    reading.close?.();
  }
}

async function append(job: Download, partial: string, reading: Reading): Promise<string> {
  const tooLarge = (size: number | string) =>
    new StorageError("TooLarge", `${job.uri} has ${size} bytes, at most ${job.maxBytes} are allowed`);
  if (reading.size !== undefined && reading.size > job.maxBytes) throw tooLarge(reading.size);
  const hasher = contentHasher();
  const file = await open(partial, reading.from === 0 ? "w" : "a");
  try {
    let done = reading.from === 0 ? 0 : await hashPart(partial, hasher, job.signal);
    job.onProgress?.(done, reading.size);
    const pace = job.pace ?? usualPace;
    // From the first part on: how long a server may be silent before is its backend's to say.
    let mark: { readonly done: number; readonly at: number } | undefined;
    for await (const part of reading.body) {
      done += part.length;
      mark ??= { done, at: performance.now() };
      if (performance.now() - mark.at > pace.ms && done !== reading.size) {
        if (done - mark.done < pace.bytes)
          throw new TooSlow(
            "Interrupted",
            `${job.uri} comes too slowly: ${done - mark.done} bytes in ${Math.round(pace.ms / 1000)} s, at least ${pace.bytes} are expected`,
          );
        mark = { done, at: performance.now() };
      }
      if (done > job.maxBytes) throw tooLarge("more");
      hasher.update(part);
      await file.write(part);
      job.onProgress?.(done, reading.size);
    }
    if (reading.size !== undefined && done !== reading.size)
      throw new StorageError("Interrupted", `${job.uri} ended after ${done} of ${reading.size} bytes`);
    await file.sync();
    return hasher.digest();
  } catch (error) {
    // A refused object must not lie around and be taken for the start of a good one.
    if (error instanceof StorageError && error.code === "TooLarge") await rm(partial, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function hashPart(path: string, hasher: Hasher, signal?: AbortSignal): Promise<number> {
  let size = 0;
  for await (const part of createReadStream(path, signal ? { signal } : {})) {
    hasher.update(part);
    size += part.length;
  }
  return size;
}

async function isAlready(path: string, hash: string): Promise<boolean> {
  if ((await sizeOf(path)) === 0 || (await hashFile(path)) !== hash) return false;
  // Who clears away what was used longest ago must see that this was used: many disks do not note the reading of a file.
  await utimes(path, new Date(), (await stat(path)).mtime);
  return true;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

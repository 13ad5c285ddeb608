import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve, sep } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { Backend } from "./backend.ts";
import { fileProblem, StorageError } from "./error.ts";

export interface FileOptions {
  /** Folder that relative addresses begin at, and outside of which nothing is read or written. */
  readonly root: string;
  /** Whole file system allowed: for addresses that the operator wrote, never for those of strangers. */
  readonly outside?: boolean;
}

/** `file:` addresses: `file:a/b` lies under the root, `file:///a/b` is absolute. */
export function fileBackend(options: FileOptions): Backend {
  return {
    async read(uri, from, signal) {
      const path = await inside(options, uri, pathOf(options, uri));
      try {
        const found = await stat(path);
        if (!found.isFile()) throw new StorageError("BadAddress", `${uri} is not a file`);
        const { size } = found;
        const start = from > size ? 0 : from;
        return {
          from: start,
          size,
          body: bytesOf(path, start, signal),
        };
      } catch (error) {
        throw fileProblem(path, error);
      }
    },
    async write(source, uri, { signal, onProgress } = {}) {
      const path = pathOf(options, uri);
      if (!options.outside && !path.startsWith(resolve(options.root) + sep)) throw outsideOf(options, uri);
      const temporary = `${path}.${process.pid}.partial`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await inside(options, uri, dirname(path));
        let done = 0;
        const count = new Transform({
          transform(part: Uint8Array, _encoding, next) {
            done += part.length;
            onProgress?.(done);
            next(null, part);
          },
        });
        // Flushed before it gets its name: a proof that was told to the chain must be whole after a power cut, too.
        const target = createWriteStream(temporary, { flush: true });
        await pipeline(createReadStream(source), count, target, signalOf(signal));
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw fileProblem(path, error);
      }
      return uri;
    },
  };
}

function pathOf({ root }: FileOptions, uri: string): string {
  try {
    const path = uri.startsWith("file:/")
      ? fileURLToPath(uri)
      : decodeURIComponent(uri.slice("file:".length));
    if (path.includes("\0") || path === "") throw new Error("an empty name or a zero byte");
    return isAbsolute(path) ? path : resolve(root, path);
  } catch (error) {
    throw new StorageError("BadAddress", `${uri} is no file address: ${(error as Error).message}`);
  }
}

/** The real path, links followed, if it may be used. */
async function inside(options: FileOptions, uri: string, path: string): Promise<string> {
  try {
    const [root, real] = await Promise.all([realpath(options.root), realpath(path)]);
    if (options.outside || real === root || real.startsWith(root + sep)) return real;
  } catch (error) {
    throw fileProblem(path, error);
  }
  throw outsideOf(options, uri);
}

const outsideOf = ({ root }: FileOptions, uri: string) =>
  new StorageError("Forbidden", `${uri} lies outside the folder ${root}`);

/** Opened when it is read, so that nothing is left open of an object that is refused. */
async function* bytesOf(
  path: string,
  start: number,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { start, ...signalOf(signal) });
  } catch (error) {
    throw fileProblem(path, error);
  }
}

const signalOf = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

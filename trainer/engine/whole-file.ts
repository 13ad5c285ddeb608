import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** The disk did not take a file. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/**
 * Writes a file so that it is there as a whole or not at all: into a neighbour, flushed to the disk, then renamed.
 * Throws a WriteError that says what the system said; an older file of that name then still stands.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(partial, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {}); // what went wrong first is told
    const { code = "", message } = error as NodeJS.ErrnoException;
    const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
    throw new WriteError(
      `${path} could not be written: ${isFull ? "the disk is full, or this account's share of it" : message}`,
      {
        cause: error,
      },
    );
  }
}

/** The rename itself is safe only when the folder is flushed too; not every system can. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A file that a person named cannot be read; the message says why, and repeats nothing of what is in it. */
export class GivenFileError extends Error {
  override readonly name = "GivenFileError";
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  ENOTDIR: "it lies under something that is no folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ELOOP: "its links lead in a circle",
};

/**
 * What is in a small file that a person named: a secret, a key, a configuration. A pipe serves, and a device without an end
 * is refused like a file that is too large. @throws GivenFileError.
 */
export function readGiven(path: string, what: string, maxBytes = 1 << 20): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (fstatSync(file).isDirectory()) throw unreadable(what, path, reasons.EISDIR!);
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const part = Buffer.allocUnsafe(1 << 16);
      const got = readSync(file, part);
      if (got === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, got));
      length += got;
      if (length > maxBytes) throw unreadable(what, path, `it has more than ${maxBytes} bytes`);
    }
  } catch (error) {
    if (error instanceof GivenFileError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw unreadable(what, path, reasons[code] ?? message);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const unreadable = (what: string, path: string, why: string): GivenFileError =>
  new GivenFileError(`${what} ${path} cannot be read: ${why}`);

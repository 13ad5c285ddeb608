/**
 * NumPy's npz: a zip of npy files. It is unpacked in memory, so it has a limit; a larger set belongs in plain npy
 * files, which are read in place.
 */
import { unzipSync } from "fflate";
import type { Column } from "./column.ts";
import { openFile, reason } from "./column.ts";
import { DataError } from "./errors.ts";
import { npyColumn } from "./npy.ts";

const maxBytes = 2 ** 30;
const endOfDirectoryBytes = 22;

/** Opens the array `key` of an npz file (stored as `key.npy`) as a column: its first dimension is the rows. */
export function openNpz(path: string, key: string): Column {
  const file = openFile(path);
  try {
    if (file.size > maxBytes)
      throw new DataError(
        "TooLarge",
        path,
        `${file.size} bytes are over ${maxBytes}: save plain npy files instead`,
      );
    const bytes = file.read(0, file.size);
    // A comment after the directory could hold a second archive.
    if (
      bytes.length < endOfDirectoryBytes ||
      bytes.readUInt32LE(bytes.length - endOfDirectoryBytes) !== 0x06054b50
    )
      throw new DataError("BadHeader", path, "is no zip archive, or has bytes after it");
    return npyColumn(`${path}(${key})`, unpack(path, bytes, `${key}.npy`));
  } finally {
    file.close();
  }
}

function unpack(path: string, archive: Uint8Array, wanted: string): Uint8Array {
  const names: string[] = [];
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(archive, {
      filter({ name, originalSize, compression }) {
        names.push(name);
        if (name !== wanted) return false;
        if (originalSize > maxBytes)
          throw new DataError("TooLarge", path, `${name} unpacks to ${originalSize} bytes, over ${maxBytes}`);
        if (compression !== 0 && compression !== 8)
          throw new DataError(
            "Unsupported",
            path,
            `${name} is packed by method ${compression}: only stored and deflate are taken`,
          );
        return true;
      },
    });
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError("BadHeader", path, `cannot be unpacked: ${reason(error)}`);
  }
  if (new Set(names).size !== names.length) throw new DataError("BadHeader", path, "has an entry twice");
  const found = unpacked[wanted];
  if (found === undefined)
    throw new DataError("Missing", path, `has no "${wanted}"; it has ${names.slice(0, 20).join(", ")}`);
  return found;
}

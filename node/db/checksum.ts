import { crc32 } from "node:zlib";

/** Bytes that a checksum adds to a stored value. */
export const checksumSize = 4;

/**
 * Writes the CRC-32 of `bytes[start, end)` behind it. LevelDB verifies its blocks only while compacting, so a
 * flipped bit would otherwise be served as data.
 */
export function writeChecksum(bytes: Buffer, start: number, end: number): void {
  bytes.writeUInt32LE(crc32(bytes.subarray(start, end)), end);
}

/** The value without its checksum; undefined when the two do not match. */
export function verified(stored: Buffer): Uint8Array | undefined {
  const end = stored.length - checksumSize;
  if (end < 0) return undefined;
  const value = new Uint8Array(stored.buffer, stored.byteOffset, end);
  return crc32(value) === stored.readUInt32LE(end) ? value : undefined;
}

import type { NibblePath } from "./nibbles.ts";

/**
 * The number of a state, rising with every one that is made. 0 stands for the empty trie, which has no nodes.
 */
export type Version = number;

/** Bytes of a version in an address. */
export const versionSize = 6;

/**
 * Where a stored node lies: the version that wrote it, then its path from the root, so that what one state
 * writes is one run of keys. The last byte tells an odd path from an even one that ends in zero.
 */
export function nodeAddress(version: Version, path: NibblePath, depth: number): Uint8Array {
  const size = versionSize + ((depth + 1) >> 1) + 1;
  const address = new Uint8Array(size);
  writeVersion(address, 0, version);
  path.packInto(address, versionSize, depth);
  address[size - 1] = depth & 1;
  return address;
}

/** What all addresses of a version start with. */
export function versionPrefix(version: Version): Uint8Array {
  const prefix = new Uint8Array(versionSize);
  writeVersion(prefix, 0, version);
  return prefix;
}

/** Big-endian, so that versions sort as numbers. */
export function writeVersion(out: Uint8Array, at: number, version: Version): void {
  const high = Math.floor(version / 2 ** 32);
  out[at] = high >> 8;
  out[at + 1] = high;
  out[at + 2] = version >>> 24;
  out[at + 3] = version >>> 16;
  out[at + 4] = version >>> 8;
  out[at + 5] = version;
}

export function readVersion(bytes: Uint8Array, at: number): Version {
  const high = (bytes[at]! << 8) | bytes[at + 1]!;
  const low = (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
  return high * 2 ** 32 + (low >>> 0);
}

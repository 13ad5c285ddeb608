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
  let rest = version;
  for (let i = at + versionSize - 1; i >= at; i--) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

export function readVersion(bytes: Uint8Array, at: number): Version {
  let version = 0;
  for (let i = 0; i < versionSize; i++) version = version * 256 + bytes[at + i]!;
  return version;
}

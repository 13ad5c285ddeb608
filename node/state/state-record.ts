import {
  readVersion,
  type Version,
  versionSize,
  writeVersion,
} from "../../runtime/primitives/trie/node-address.ts";
import type { Root } from "../../runtime/primitives/trie/stored-node.ts";

/** What is stored of a state, besides its nodes. */
export interface StateRecord {
  readonly version: Version;
  readonly rootHash: Uint8Array;
  /** The root node, which an older state wrote if this one changed nothing. */
  readonly root: Root;
  /** The state it was made from; 0 for the first one. */
  readonly parent: Version;
  /** States between this one and the first: the block's height where all blocks are kept from genesis. */
  readonly depth: number;
}

export function encodeStateRecord({ rootHash, root, parent, depth }: StateRecord): Uint8Array {
  const bytes = new Uint8Array(32 + 3 * versionSize + 1);
  bytes.set(rootHash);
  writeVersion(bytes, 32, root?.version ?? 0);
  bytes[38] = root?.leaf ? 1 : 0;
  writeVersion(bytes, 39, parent);
  writeVersion(bytes, 45, depth);
  return bytes;
}

export function decodeStateRecord(version: Version, bytes: Uint8Array): StateRecord {
  const root = readVersion(bytes, 32);
  return {
    version,
    rootHash: bytes.slice(0, 32),
    root: root === 0 ? undefined : { version: root, leaf: bytes[38] === 1 },
    parent: readVersion(bytes, 39),
    depth: readVersion(bytes, 45),
  };
}

/** Node addresses one after another, each behind its length (u32). */
export function encodeJournal(addresses: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const address of addresses) size += 4 + address.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const address of addresses) {
    view.setUint32(at, address.length);
    bytes.set(address, at + 4);
    at += 4 + address.length;
  }
  return bytes;
}

export function decodeJournal(bytes: Uint8Array): Uint8Array[] {
  const addresses: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at);
    addresses.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return addresses;
}

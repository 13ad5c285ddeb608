import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { from } from "multiformats/hashes/hasher";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { StorageError } from "./error.ts";

const blake2bCode = 0xb220;

/** Hash functions besides those that IPFS always has: the one by which everything here is named. */
export const hashers = [
  from({ name: "blake2b-256", code: blake2bCode, encode: (bytes) => blake2b256(bytes) }),
];

/** Largest single block that bitswap carries. */
export const maxRawBytes = 2 << 20;

const rawCodec = 0x55;

/** Names an object that is kept as one block, by the BLAKE2b-256 hash of its bytes. */
export const rawCid = (hash: Uint8Array): CID => CID.createV1(rawCodec, create(blake2bCode, hash));

export interface IpfsAddress {
  readonly cid: CID;
  /** Multiaddresses of nodes that hold it, at most four. */
  readonly peers: readonly string[];
}

/** So many bytes of an address every pallet takes. */
const maxAddressBytes = 256;

/** The address of an object, with as many of the peers that have it as there is room for, the first ones first. */
export function ipfsAddress(cid: CID, peers: readonly string[]): string {
  let address = `ipfs://${cid}`;
  for (const [place, peer] of peers.entries()) {
    const longer = `${address}${place === 0 ? "?" : "&"}peer=${encodeURIComponent(peer).replaceAll("%2F", "/")}`;
    if (longer.length > maxAddressBytes) break;
    address = longer;
  }
  return address;
}

/** Reads `ipfs://CID` or `ipfs:CID`, with `?peer=MULTIADDR` as often as needed. Paths below a CID are not taken. */
export function parseIpfs(uri: string): IpfsAddress {
  const [, cid, query] = /^ipfs:(?:\/\/)?([A-Za-z0-9]{10,128})\/?(?:\?(.{0,1500}))?$/.exec(uri) ?? [];
  if (cid === undefined) throw new StorageError("BadAddress", `${uri} is no ipfs://CID`);
  try {
    const peers = new URLSearchParams(query ?? "").getAll("peer").slice(0, 4);
    return { cid: CID.parse(cid), peers };
  } catch (error) {
    throw new StorageError("BadAddress", `${uri} is no ipfs://CID: ${(error as Error).message}`);
  }
}

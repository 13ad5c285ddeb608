import { CID } from "multiformats/cid";
import { StorageError } from "./error.ts";

export interface IpfsAddress {
  readonly cid: CID;
  /** Multiaddresses of nodes that hold it, at most four. */
  readonly peers: readonly string[];
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

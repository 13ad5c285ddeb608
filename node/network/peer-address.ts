import type { PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { NetworkError } from "./errors.ts";

/** An address with the peer that must be found there. */
export interface PeerAddress {
  readonly address: Multiaddr;
  readonly peer: PeerId;
}

/** Reads `/ip4/203.0.113.5/tcp/30333/p2p/12D3…`. @throws NetworkError that says what is missing. */
export function parsePeerAddress(text: string): PeerAddress {
  const address = parseAddress(text);
  const id = address.getComponents().findLast(({ name }) => name === "p2p")?.value;
  if (id === undefined) {
    throw new NetworkError(
      `${text} does not say which peer is there: end it with /p2p/ and the peer id, as the node logs it at its start`,
    );
  }
  return { address, peer: parsePeerId(id) };
}

/** @throws NetworkError when the text is no multiaddress. */
export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text);
  } catch (error) {
    throw new NetworkError(
      `"${text}" is no multiaddress, such as /ip4/203.0.113.5/tcp/30333: ${(error as Error).message}`,
    );
  }
}

/** @throws NetworkError when the text is no peer id. */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch {
    throw new NetworkError(`"${text}" is no peer id`);
  }
}

/** The questions of synchronisation, each with the checks that its answer must stand before anybody uses it. */
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { orderedTrieRoot } from "../../runtime/primitives/trie/root.ts";
import { bytesToHash, type Hash, hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { PeerId } from "../network/types.ts";
import { BadAnswer } from "./bad-answer.ts";
import { type LinkedHeader, linkDownwards, linkUpwards } from "./line.ts";
import { decodeBodies, decodeHeaders, encodeBodiesRequest, encodeHeadersRequest } from "./messages.ts";
import { PeerFailure, type SyncPeers } from "./peers.ts";
import { bodiesProtocol, headersProtocol, maxHeaders } from "./protocols.ts";

/** The peer's headers above a block that it shares with us; none when it has no more. */
export async function askHeadersAbove(
  peers: SyncPeers,
  peer: PeerId,
  parent: Head,
  signal: AbortSignal,
): Promise<LinkedHeader[]> {
  const from = { type: "Number", value: parent.number + 1 } as const;
  const body = encodeHeadersRequest({ from, descending: false, max: maxHeaders });
  const read = (answer: Uint8Array) => {
    const headers = decodeHeaders(answer);
    const first = headers[0]?.header;
    if (first && !equalBytes(first.parentHash, hashToBytes(parent.hash))) return undefined;
    return linkUpwards(parent, headers);
  };
  const headers = await peers.ask(peer, headersProtocol, body, read, signal).catch((error) => {
    if (error instanceof PeerFailure && error.isUnavailable) return [];
    throw error;
  });
  if (headers) return headers;
  // No fault: its best chain moved since the last answer.
  peers.pause(peer);
  throw new PeerFailure(peer, `it changed its branch below block ${parent.number + 1}`);
}

/** At most `max` headers from a block down, that block's first. */
export function askHeadersBelow(
  peers: SyncPeers,
  peer: PeerId,
  first: Hash,
  max: number,
  signal: AbortSignal,
): Promise<LinkedHeader[]> {
  const from = { type: "Hash", value: hashToBytes(first) } as const;
  const body = encodeHeadersRequest({ from, descending: true, max });
  const read = (answer: Uint8Array) => {
    const headers = linkDownwards(first, decodeHeaders(answer, max));
    if (headers.length === 0) throw new BadAnswer("it sent no header where it has one");
    return headers;
  };
  return peers.ask(peer, headersProtocol, body, read, signal);
}

/** Hash of the block at a height of the peer's best chain. */
export function askHashAt(
  peers: SyncPeers,
  peer: PeerId,
  number: number,
  signal: AbortSignal,
): Promise<Hash> {
  const from = { type: "Number", value: number } as const;
  const body = encodeHeadersRequest({ from, descending: true, max: 1 });
  const read = (answer: Uint8Array) => {
    const header = decodeHeaders(answer, 1)[0]?.header;
    if (header?.number !== number)
      throw new BadAnswer(`it sent header ${header?.number} when asked for ${number}`);
    return bytesToHash(hashHeader(header));
  };
  return peers.ask(peer, headersProtocol, body, read, signal);
}

/** Bodies of the first of these blocks, at least one, each with the extrinsics root of its header. */
export function askBodies(
  peers: SyncPeers,
  peer: PeerId,
  blocks: readonly LinkedHeader[],
  signal: AbortSignal,
): Promise<Uint8Array[][]> {
  const body = encodeBodiesRequest(blocks.map(({ hash }) => hashToBytes(hash)));
  const read = (answer: Uint8Array) => {
    const bodies = decodeBodies(answer, blocks.length);
    if (bodies.length === 0) throw new BadAnswer("it sent no body where it has one");
    bodies.forEach((extrinsics, i) => {
      const { header, hash } = blocks[i]!;
      if (equalBytes(orderedTrieRoot(extrinsics), header.extrinsicsRoot)) return;
      throw new BadAnswer(`it sent a body that is not that of block ${header.number} ${hash}`);
    });
    return bodies;
  };
  return peers.ask(peer, bodiesProtocol, body, read, signal);
}

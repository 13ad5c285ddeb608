/** Answers peers that catch up: within limits of count and bytes, and with turns for the rest of the node between. */
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { encodeHeader, type Header } from "../../runtime/primitives/header.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { ChainReader } from "../chain/types.ts";
import { Refusal } from "../network/errors.ts";
import type { Network, Protocol } from "../network/types.ts";
import {
  decodeBodiesRequest,
  decodeHeadersRequest,
  decodeStateRequest,
  encodeBodies,
  encodeHeaders,
  encodeProof,
  type HeadersRequest,
  type ProvenHeader,
} from "./messages.ts";
import {
  bodiesProtocol,
  headersProtocol,
  maxHeaders,
  softAnswerBytes,
  stateAnswerBytes,
  stateProtocol,
  trailProtocol,
} from "./protocols.ts";
import type { FinalityTrail } from "./types.ts";

type Reader = Pick<ChainReader, "header" | "body" | "justifications" | "hashAt" | "stateAt">;

/** Serves headers, bodies, states and, where there is finality, its trail, for as long as the network runs. */
export async function serveChain(
  network: Pick<Network, "handle">,
  chain: Reader,
  trail?: FinalityTrail,
): Promise<void> {
  const serve = (protocol: Protocol, answer: (body: Uint8Array) => Uint8Array | Promise<Uint8Array>) =>
    network.handle(protocol, async (body) => {
      try {
        return await answer(body);
      } catch (error) {
        if (error instanceof CodecError) throw new Refusal("BadRequest", error.message);
        throw error;
      }
    });
  await serve(headersProtocol, async (body) =>
    encodeHeaders(await headersFor(chain, decodeHeadersRequest(body))),
  );
  await serve(bodiesProtocol, async (body) =>
    encodeBodies(await bodiesFor(chain, decodeBodiesRequest(body))),
  );
  await serve(stateProtocol, (body) => {
    const { block, from, to } = decodeStateRequest(body);
    const lookup = chain.stateAt(bytesToHash(block));
    if (lookup.type !== "ok")
      throw new Refusal("Unavailable", `the state of ${bytesToHash(block)} is ${lookup.type}`);
    return encodeProof(lookup.state.rangeProof({ from, to }, stateAnswerBytes));
  });
  if (trail) {
    await serve(trailProtocol, (body) => {
      if (body.length !== 8)
        throw new Refusal("BadRequest", `${body.length} bytes where the id of a set belongs`);
      const setId = new DataView(body.buffer, body.byteOffset, 8).getBigUint64(0, true);
      return trail.prove(setId, softAnswerBytes);
    });
  }
}

/** From a block on, along the best chain or down to genesis. */
async function headersFor(chain: Reader, request: HeadersRequest): Promise<ProvenHeader[]> {
  if (request.max === 0) throw new Refusal("BadRequest", "no header was asked for");
  const headers: ProvenHeader[] = [];
  let bytes = 0;
  let hash = startOf(chain, request.from);
  while (hash && headers.length < Math.min(request.max, maxHeaders) && bytes < softAnswerBytes) {
    const header = chain.header(hash);
    if (!header) break;
    const justifications = chain.justifications(hash) ?? [];
    headers.push({ header, justifications });
    bytes += encodeHeader(header).length;
    for (const [, proof] of justifications) bytes += proof.length;
    hash = nextOf(chain, header, hash, request.descending);
    if (headers.length % headersPerTurn === 0) await turn();
  }
  if (headers.length === 0)
    throw new Refusal("Unavailable", "the first header that was asked for is not here");
  return headers;
}

const startOf = (chain: Reader, from: HeadersRequest["from"]): Hash | undefined =>
  from.type === "Hash" ? bytesToHash(from.value) : chain.hashAt(from.value);

function nextOf(chain: Reader, header: Header, hash: Hash, descending: boolean): Hash | undefined {
  if (descending) return header.number === 0 ? undefined : bytesToHash(header.parentHash);
  // What is not on the best chain has no next block that one could name.
  return chain.hashAt(header.number) === hash ? chain.hashAt(header.number + 1) : undefined;
}

/** The bodies of the first of these blocks, up to the first that is not here. */
async function bodiesFor(chain: Reader, hashes: readonly Uint8Array[]): Promise<(readonly Uint8Array[])[]> {
  const bodies: (readonly Uint8Array[])[] = [];
  let bytes = 0;
  for (const hash of hashes) {
    const body = bytes < softAnswerBytes ? chain.body(bytesToHash(hash)) : undefined;
    if (!body) break;
    bodies.push(body);
    for (const extrinsic of body) bytes += extrinsic.length;
    if (bodies.length % bodiesPerTurn === 0) await turn();
  }
  if (bodies.length === 0) throw new Refusal("Unavailable", "the first body that was asked for is not here");
  return bodies;
}

// About a millisecond of reading each.
const headersPerTurn = 32;
const bodiesPerTurn = 16;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

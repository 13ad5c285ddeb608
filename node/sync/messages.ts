/** What is said on the protocols of `protocols.ts`, in SCALE. All of it comes from strangers: decoders throw a `CodecError`. */
import { decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { boundedBytes, bytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u16, u32 } from "../../runtime/primitives/codec-number.ts";
import { record } from "../../runtime/primitives/codec-struct.ts";
import { option, tagged } from "../../runtime/primitives/codec-tagged.ts";
import { type Header, headerCodec } from "../../runtime/primitives/header.ts";
import { Reader } from "../../runtime/primitives/reader.ts";
import { Writer } from "../../runtime/primitives/writer.ts";
import { encodeBody, encodeJustifications, readBody, readJustifications } from "../chain/block-codec.ts";
import type { Justification } from "../chain/types.ts";
import { maxBodies, maxHeaders } from "./protocols.ts";

const hash = fixedBytes(32);

const headersRequest = record({
  from: tagged("HeadersFrom", { Hash: hash, Number: u32 }),
  /** Towards genesis; otherwise along the best chain. */
  descending: bool,
  /** At least 1. */
  max: u16,
});
export type HeadersRequest = Value<typeof headersRequest>;
export const encodeHeadersRequest = (request: HeadersRequest): Uint8Array => encode(headersRequest, request);
export const decodeHeadersRequest = (body: Uint8Array): HeadersRequest => decode(headersRequest, body);

/** A header with the proofs of its finality that the answering node keeps. */
export interface ProvenHeader {
  readonly header: Header;
  readonly justifications: readonly Justification[];
}

export function encodeHeaders(headers: readonly ProvenHeader[]): Uint8Array {
  const out = new Writer(headers.length * 512 + 4);
  out.compact(headers.length);
  for (const { header, justifications } of headers) {
    headerCodec.encode(header, out);
    out.bytes(encodeJustifications(justifications));
  }
  return out.finish();
}

/** At most `max` headers, as many as were asked for. */
export function decodeHeaders(body: Uint8Array, max = maxHeaders): ProvenHeader[] {
  return whole(body, (input) =>
    items(input, max, () => ({
      header: readHeader(input),
      justifications: readJustifications(input),
    })),
  );
}

const bodiesRequest = boundedVec(hash, maxBodies);
export const encodeBodiesRequest = (hashes: readonly Uint8Array[]): Uint8Array =>
  encode(bodiesRequest, hashes);
export const decodeBodiesRequest = (body: Uint8Array): readonly Uint8Array[] => decode(bodiesRequest, body);

export function encodeBodies(bodies: readonly (readonly Uint8Array[])[]): Uint8Array {
  const out = new Writer(1 << 16);
  out.compact(bodies.length);
  for (const body of bodies) out.bytes(encodeBody(body));
  return out.finish();
}

export const decodeBodies = (body: Uint8Array, max = maxBodies): Uint8Array[][] =>
  whole(body, (input) => items(input, max, () => readBoundedBody(input)));

/** The announcement of a block is its header. */
export const decodeAnnouncement = (bytes: Uint8Array): Header => whole(bytes, readHeader);

/** Keys are at most a kibibyte; the runtime's longest have some 200 bytes. */
const key = boundedBytes(1024);
const stateRequest = record({ block: hash, from: key, to: option(key) });
export type StateRequest = Value<typeof stateRequest>;
export const encodeStateRequest = (request: StateRequest): Uint8Array => encode(stateRequest, request);
export const decodeStateRequest = (body: Uint8Array): StateRequest => decode(stateRequest, body);

/** The items of a range proof (`runtime/primitives/trie/range-proof.ts`). */
const proofCodec = boundedVec(bytes, 65_536);
export const encodeProof = (proof: readonly Uint8Array[]): Uint8Array => encode(proofCodec, proof);
export const decodeProof = (body: Uint8Array): readonly Uint8Array[] => decode(proofCodec, body);

/** A batch of transactions in their wire form. */
const maxBatch = 4096;
const transactions = boundedVec(bytes, maxBatch);
export const encodeTransactions = (batch: readonly Uint8Array[]): Uint8Array => encode(transactions, batch);
export const decodeTransactions = (body: Uint8Array): readonly Uint8Array[] => decode(transactions, body);

// An item in memory takes a hundred times its byte on the wire, so a few megabytes of nothing would fill a gigabyte.
const maxDigestItems = 1024;
const maxExtrinsics = 65_536;

function readHeader(input: Reader): Header {
  const start = input.offset;
  input.take(32);
  input.compact();
  input.take(64);
  atMost(input.length(), maxDigestItems, "digest items");
  input.offset = start;
  return headerCodec.decode(input);
}

function readBoundedBody(input: Reader): Uint8Array[] {
  const start = input.offset;
  atMost(input.length(), maxExtrinsics, "extrinsics");
  input.offset = start;
  return readBody(input);
}

const items = <T>(input: Reader, max: number, read: (input: Reader) => T): T[] =>
  Array.from({ length: atMost(input.length(), max, "items") }, () => read(input));

function atMost(count: number, max: number, what: string): number {
  if (count > max) throw new CodecError("TooLong", `${count} ${what}, at most ${max} belong here`);
  return count;
}

function whole<T>(body: Uint8Array, read: (input: Reader) => T): T {
  const input = new Reader(body);
  const value = read(input);
  if (input.remaining > 0)
    throw new CodecError("TrailingBytes", `${input.remaining} bytes after the last item`);
  return value;
}

import { hash } from "./account.ts";
import { type Codec, decode, encode } from "./codec.ts";
import { compact } from "./codec-compact.ts";
import { vec } from "./codec-list.ts";
import { u32 } from "./codec-number.ts";
import { fieldsOf } from "./codec-struct.ts";
import { type Digest, digestCodec, digestItem } from "./digest.ts";
import { blake2_256 } from "./hashing.ts";
import { namedType } from "./type-def.ts";

/** A block without its body. Its seal, once there, is the last item of the digest. */
export interface Header {
  readonly parentHash: Uint8Array;
  readonly number: number;
  readonly stateRoot: Uint8Array;
  readonly extrinsicsRoot: Uint8Array;
  readonly digest: Digest;
}

const logs = vec(digestItem);
const number = compact(u32);

/** Substrate's `generic::Header` with 32-bit numbers. */
export const headerCodec: Codec<Header> = {
  type: namedType("sp_runtime::generic::header::Header", {
    tag: "composite",
    fields: fieldsOf({
      parent_hash: hash,
      number,
      state_root: hash,
      extrinsics_root: hash,
      digest: digestCodec,
    }),
  }),
  encode(header, out) {
    hash.encode(header.parentHash, out);
    number.encode(header.number, out);
    hash.encode(header.stateRoot, out);
    hash.encode(header.extrinsicsRoot, out);
    logs.encode(header.digest, out);
  },
  decode: (input) => ({
    parentHash: hash.decode(input),
    number: number.decode(input),
    stateRoot: hash.decode(input),
    extrinsicsRoot: hash.decode(input),
    digest: logs.decode(input),
  }),
};

export const encodeHeader = (header: Header): Uint8Array => encode(headerCodec, header);
export const decodeHeader = (bytes: Uint8Array): Header => decode(headerCodec, bytes);

/** BLAKE2b-256 of the encoding: every client computes it again. */
export const hashHeader = (header: Header): Uint8Array => blake2_256(encodeHeader(header));

/** The header as it is executed and signed: without the seals at its end. */
export function withoutSeal(header: Header): Header {
  const end = header.digest.findLastIndex((item) => item.type !== "Seal") + 1;
  return end === header.digest.length ? header : { ...header, digest: header.digest.slice(0, end) };
}

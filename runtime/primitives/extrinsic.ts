import { type MultiAddress, multiAddress } from "./account.ts";
import { type Codec, encode, lent, written } from "./codec.ts";
import { bytes } from "./codec-bytes.ts";
import { CodecError } from "./codec-error.ts";
import { blake2_256 } from "./hashing.ts";
import { Reader } from "./reader.ts";
import { type MultiSignature, multiSignature } from "./signature.ts";
import type { Writer } from "./writer.ts";

/** Who vouches for an extrinsic: nobody (inherents), a signature, or its extensions alone. */
export type Preamble<Extra> =
  | { readonly type: "Bare" }
  | {
      readonly type: "Signed";
      readonly address: MultiAddress;
      readonly signature: MultiSignature;
      readonly extra: Extra;
    }
  | { readonly type: "General"; readonly extensionVersion: number; readonly extra: Extra };

/** A decoded extrinsic, with the parts of its bytes that are signed. */
export interface Extrinsic<Call, Extra> {
  /** Of the format: 4 or 5. */
  readonly version: number;
  readonly preamble: Preamble<Extra>;
  readonly call: Call;
  readonly callBytes: Uint8Array;
  readonly extraBytes: Uint8Array;
  /** Bytes in all, which is what its length fee is charged for. */
  readonly length: number;
}

/**
 * Reads an extrinsic in its wire form: compact length, a byte of version (lower six bits) and kind (upper
 * two), then address, signature and extensions where the kind has them, then the call.
 * V4 bare, V4 signed, V5 bare and V5 general exist; anything else is refused.
 */
export function decodeExtrinsic<Call, Extra>(
  extrinsic: Uint8Array,
  call: Codec<Call>,
  extra: Codec<Extra>,
): Extrinsic<Call, Extra> {
  const input = new Reader(extrinsic);
  const length = input.length();
  if (length !== input.remaining) {
    throw new CodecError("TrailingBytes", `extrinsic announces ${length} bytes and has ${input.remaining}`);
  }
  const first = input.u8();
  const version = first & 0b0011_1111;
  const kind = kinds[`${first >> 6}/${version}`];
  if (!kind) throw new CodecError("UnknownVariant", `no extrinsic begins with byte ${first}`);

  const signer = kind === "Signed" ? readSigner(input) : undefined;
  const extensionVersion = kind === "General" ? input.u8() : 0;
  const extraStart = input.offset;
  const extensions = kind === "Bare" ? undefined : extra.decode(input);
  const callStart = input.offset;
  const value = call.decode(input);
  if (input.remaining > 0) {
    throw new CodecError("TrailingBytes", `${input.remaining} bytes after the call`);
  }
  return {
    version,
    preamble: preamble(signer, extensionVersion, extensions),
    call: value,
    callBytes: extrinsic.subarray(callStart),
    extraBytes: extrinsic.subarray(extraStart, callStart),
    length: extrinsic.length,
  };
}

const kinds: Readonly<Record<string, "Bare" | "Signed" | "General">> = {
  "0/4": "Bare",
  "2/4": "Signed",
  "0/5": "Bare",
  "1/5": "General",
};

interface Signer {
  readonly address: MultiAddress;
  readonly signature: MultiSignature;
}

const readSigner = (input: Reader): Signer => ({
  address: multiAddress.decode(input),
  signature: multiSignature.decode(input),
});

function preamble<Extra>(
  signer: Signer | undefined,
  extensionVersion: number,
  extra: Extra | undefined,
): Preamble<Extra> {
  if (extra === undefined) return { type: "Bare" };
  if (signer !== undefined) return { type: "Signed", ...signer, extra };
  return { type: "General", extensionVersion, extra };
}

/** Whether nobody signed it, told from its first bytes. */
export function isBare(bytes: Uint8Array): boolean {
  const mode = (bytes[0] ?? 0) & 3;
  const prefix = mode === 3 ? ((bytes[0] ?? 0) >> 2) + 5 : 1 << mode;
  return (bytes[prefix] ?? 0xff) >> 6 === 0;
}

/** The wire form of an unsigned extrinsic, as V4: what all indexers can read. */
export function encodeBare(callBytes: Uint8Array): Uint8Array {
  return withLength((out) => {
    out.u8(4);
    out.bytes(callBytes);
  });
}

/** The wire form of a signed extrinsic (V4). */
export function encodeSigned(
  address: MultiAddress,
  signature: MultiSignature,
  extraBytes: Uint8Array,
  callBytes: Uint8Array,
): Uint8Array {
  return withLength((out) => {
    out.u8(4 | 0b1000_0000);
    multiAddress.encode(address, out);
    multiSignature.encode(signature, out);
    out.bytes(extraBytes);
    out.bytes(callBytes);
  });
}

/**
 * What is signed: call, extensions, and what they imply, which `writeImplicit` writes. Its hash when that is
 * longer than 256 bytes.
 */
export const signedPayload = (
  callBytes: Uint8Array,
  extraBytes: Uint8Array,
  writeImplicit: (out: Writer) => void,
): Uint8Array =>
  lent(
    (out) => {
      out.bytes(callBytes);
      out.bytes(extraBytes);
      writeImplicit(out);
    },
    (payload) => (payload.length > 256 ? blake2_256(payload) : payload.slice()),
  );

/** BLAKE2b-256 of the wire form, length prefix included. */
export const hashExtrinsic = (bytes: Uint8Array): Uint8Array => blake2_256(bytes);

function withLength(write: (out: Writer) => void): Uint8Array {
  return encode(bytes, written(write));
}

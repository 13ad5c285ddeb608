import type { Value } from "./codec.ts";
import { fixedBytes } from "./codec-bytes.ts";
import { tagged } from "./codec-tagged.ts";

/** A signature of one of the three schemes of this ecosystem. */
export const multiSignature = tagged("sp_runtime::MultiSignature", {
  Ed25519: fixedBytes(64),
  Sr25519: fixedBytes(64),
  Ecdsa: fixedBytes(65),
});
export type MultiSignature = Value<typeof multiSignature>;

/** Answers whether `signer` signed `payload`; a node may pass one that knows what it verified before. */
export type SignatureCheck = (
  /** BLAKE2b-256 of the extrinsic's wire form. */
  extrinsicHash: Uint8Array,
  signature: MultiSignature,
  /** What was signed, already hashed where the rules say so. */
  payload: Uint8Array,
  signer: Uint8Array,
) => boolean;

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

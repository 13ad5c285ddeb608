/** The session keys of a trainer, and how their owner proves to have them. */
import { concatBytes, textBytes } from "./bytes.ts";

/** Key types in the order of encoded session keys: block production (sr25519), then finality (ed25519). */
export const sessionKeyTypes = ["poh_", "gran"] as const;

/** Bytes of one signature of either scheme. */
export const signatureBytes = 64;
/** Bytes of a proof: a signature by each key. */
export const possessionProofBytes = signatureBytes * sessionKeyTypes.length;

/**
 * What each key signs for `owner`, the 32 bytes of the account that will register it: as in polkadot-sdk since stable2606, so
 * that keys of another account, or signatures made for another purpose, prove nothing.
 */
export const possessionMessage = (owner: Uint8Array): Uint8Array => concatBytes(textBytes("POP_"), owner);

/** The proof from the signatures of `possessionMessage`, in the order of `sessionKeyTypes`. */
export const encodePossessionProof = (poh: Uint8Array, gran: Uint8Array): Uint8Array =>
  concatBytes(poh, gran);

import type { AccountId } from "../../runtime/primitives/account.ts";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { possessionMessage, signatureBytes } from "../../runtime/primitives/session-keys.ts";

/** The two keys of a trainer's node: sr25519 for blocks, ed25519 for finality. */
export interface SessionKeys {
  readonly poh: Uint8Array;
  readonly gran: Uint8Array;
}

/** Whether `proof`, a signature by each key, shows that `owner` has both. */
export function provesPossession(owner: AccountId, keys: SessionKeys, proof: Uint8Array): boolean {
  const message = possessionMessage(owner);
  const poh = { type: "Sr25519", value: proof.subarray(0, signatureBytes) } as const;
  const gran = { type: "Ed25519", value: proof.subarray(signatureBytes) } as const;
  return verifySignature(poh, message, keys.poh) && verifySignature(gran, message, keys.gran);
}

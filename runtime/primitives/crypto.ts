import {
  ed25519Verify,
  secp256k1Compress,
  secp256k1Recover,
  sr25519Verify,
  waitReady,
} from "@polkadot/wasm-crypto";
import { equalBytes } from "./bytes.ts";
import { blake2_256 } from "./hashing.ts";
import type { MultiSignature } from "./signature.ts";

await waitReady();

/**
 * Whether `signer` signed `message`. Implementations differ on malformed points, so every check of this chain
 * goes through this one; whatever makes it throw is not a signature.
 */
export function verifySignature(signature: MultiSignature, message: Uint8Array, signer: Uint8Array): boolean {
  try {
    switch (signature.type) {
      case "Sr25519":
        return sr25519Verify(signature.value, message, signer);
      case "Ed25519":
        return ed25519Verify(signature.value, message, signer);
      case "Ecdsa":
        return verifyEcdsa(signature.value, message, signer);
    }
  } catch {
    return false;
  }
}

/** The account of an ECDSA key is the hash of its compressed form, since the key has 33 bytes. */
function verifyEcdsa(signature: Uint8Array, message: Uint8Array, signer: Uint8Array): boolean {
  const key = secp256k1Recover(blake2_256(message), signature.subarray(0, 64), signature[64]!);
  return equalBytes(blake2_256(secp256k1Compress(key)), signer);
}

import * as wasm from "@polkadot/wasm-crypto";
import { blake2b256 } from "../../runtime/primitives/hashing.ts";
import type { SignatureItem } from "./types.ts";

await wasm.waitReady();

/** Checks one signature; input that makes the library throw is invalid. */
export function verifyItem({ scheme, signature, message, signer }: SignatureItem): boolean {
  try {
    if (scheme === "sr25519") return wasm.sr25519Verify(signature, message, signer);
    if (scheme === "ed25519") return wasm.ed25519Verify(signature, message, signer);
    const key = wasm.secp256k1Recover(blake2b256(message), signature.subarray(0, 64), signature[64] ?? 255);
    return Buffer.compare(blake2b256(wasm.secp256k1Compress(key)), signer) === 0;
  } catch {
    return false;
  }
}

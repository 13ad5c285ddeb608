import type { MultiSignature } from "../../runtime/primitives/signature.ts";

/** One signature to check. `message` is what was signed, already hashed where the rules say so. */
export interface SignatureItem {
  readonly signature: MultiSignature;
  readonly message: Uint8Array;
  /** The account: the public key, or for ecdsa the hash of it. */
  readonly signer: Uint8Array;
}

/** Checks signatures somewhere else than on this thread; `SignatureWorkers` implements it. */
export interface SignatureVerifier {
  /** False for a wrong signature and for anything that makes the verifier throw. Rejects only after `close`. */
  verify(item: SignatureItem): Promise<boolean>;
}

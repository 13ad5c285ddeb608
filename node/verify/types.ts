/** One signature to check. `message` is what was signed, already hashed where the rules say so. */
export interface SignatureItem {
  readonly scheme: "ed25519" | "sr25519" | "ecdsa";
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  /** Public key, or for ecdsa the 32-byte account that is the hash of it. */
  readonly signer: Uint8Array;
}

/** Checks signatures somewhere else than on this thread; `SignatureWorkers` implements it. */
export interface SignatureVerifier {
  /** False for a wrong signature and for anything that makes the verifier throw. Rejects only after `close`. */
  verify(item: SignatureItem): Promise<boolean>;
}

import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";

/** Signature schemes of accounts and session keys. */
export const schemes = ["sr25519", "ed25519", "ecdsa"] as const;
export type Scheme = (typeof schemes)[number];

/** A secret that gives no key; the message never repeats it. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/**
 * The key pair of a secret in `subkey`'s notation: a mnemonic or a 32-byte hex seed, with `//hard`, `/soft` and
 * `///password` after it, or a test account such as `//Alice`. Throws a `SecretError`.
 */
export function keyPair(secret: string, scheme: Scheme): KeyringPair {
  try {
    return new Keyring({ type: scheme }).createFromUri(secret.trim(), {}, scheme);
  } catch {
    throw new SecretError(
      "the secret is neither a mnemonic, nor a hex seed, nor a derivation path such as //Alice",
    );
  }
}

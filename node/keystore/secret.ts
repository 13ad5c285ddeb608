import { DEV_PHRASE, Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { isHex } from "@polkadot/util";
import { keyExtractSuri, mnemonicValidate } from "@polkadot/util-crypto";

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
  const uri = secret.trim().startsWith("/") ? `${DEV_PHRASE}${secret.trim()}` : secret.trim();
  try {
    const { phrase } = keyExtractSuri(uri);
    // The library would take any other short text as a seed, padded with blanks.
    const isSecret = isHex(phrase, 256) || mnemonicValidate(phrase);
    if (isSecret) return new Keyring({ type: scheme }).createFromUri(uri, {}, scheme);
  } catch {
    // The same words serve for every way of being wrong.
  }
  throw new SecretError(
    "the secret is neither a mnemonic, nor a 32-byte hex seed, nor a path such as //Alice",
  );
}

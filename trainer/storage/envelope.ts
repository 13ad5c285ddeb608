/**
 * A secret of 32 bytes for one recipient. The same secret, recipient and context always give the same bytes: whoever knows
 * the secret can tell whether somebody else was given it, or something else.
 *
 *   ephemeral public key (32) | XChaCha20-Poly1305 of the secret (32 + 16)
 *
 * The ephemeral key pair comes from BLAKE2b-256("matrixai-envelope" | recipient | secret | context), so each key encrypts one
 * message only, and the nonce is zero. The encryption key is that of sealed objects, libsodium's crypto_kx. The context is
 * bound as additional data: an envelope for one purpose opens for no other.
 */
import sodium from "sodium-native";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { StorageError } from "./error.ts";
import { type SealKeys, sealKeys } from "./sealed.ts";

export const envelopeBytes = 80;
const secretBytes = 32;
const label = Buffer.from("matrixai-envelope");
const nonce = Buffer.alloc(24);

/** Seals a secret of high entropy. @throws StorageError `BadSeal` for a recipient's key that is no usable point of the curve. */
export function sealEnvelope(secret: Uint8Array, recipient: Uint8Array, context: Uint8Array): Uint8Array {
  if (secret.length !== secretBytes || recipient.length !== 32)
    throw new StorageError("BadSeal", "a secret and a recipient's key have 32 bytes each");
  const sender = sealKeys(blake2b256(label, recipient, secret, context));
  const [pk, sk, key] = [Buffer.from(sender.publicKey), Buffer.from(sender.secretKey), Buffer.alloc(32)];
  try {
    sodium.crypto_kx_client_session_keys(Buffer.alloc(32), key, pk, sk, Buffer.from(recipient));
  } catch {
    throw new StorageError("BadSeal", "the recipient's key is no usable point of the curve");
  }
  const cipher = Buffer.alloc(envelopeBytes - 32);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    cipher,
    Buffer.from(secret),
    Buffer.from(context),
    null,
    nonce,
    key,
  );
  return new Uint8Array(Buffer.concat([pk, cipher]));
}

/** The secret in an envelope. @throws StorageError `BadSeal` where it is none for these keys in this context. */
export function openEnvelope(envelope: Uint8Array, keys: SealKeys, context: Uint8Array): Uint8Array {
  const secret = Buffer.alloc(secretBytes);
  try {
    if (envelope.length !== envelopeBytes) throw new Error("another length");
    const [pk, sk, key] = [Buffer.from(keys.publicKey), Buffer.from(keys.secretKey), Buffer.alloc(32)];
    const sender = Buffer.from(envelope.subarray(0, 32));
    sodium.crypto_kx_server_session_keys(key, Buffer.alloc(32), pk, sk, sender);
    const cipher = Buffer.from(envelope.subarray(32));
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(secret, null, cipher, Buffer.from(context), nonce, key);
  } catch {
    throw new StorageError("BadSeal", "the envelope was changed, or is for another key or purpose");
  }
  return new Uint8Array(secret);
}

/** Whether an envelope is the one that gives `recipient` this secret. */
export function isEnvelopeOf(
  envelope: Uint8Array,
  secret: Uint8Array,
  recipient: Uint8Array,
  context: Uint8Array,
): boolean {
  try {
    return Buffer.compare(envelope, sealEnvelope(secret, recipient, context)) === 0;
  } catch {
    return false;
  }
}

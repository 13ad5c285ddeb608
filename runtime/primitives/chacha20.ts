import sodium from "sodium-native";

/**
 * `length` bytes of the keystream of ChaCha20 (RFC 8439) from a block on: a key of 32 bytes, a nonce of 12. Blocks have
 * 64 bytes, so any place of a long stream is reached at once.
 */
export function chacha20(key: Uint8Array, nonce: Uint8Array, block: number, length: number): Uint8Array {
  const stream = Buffer.alloc(length);
  // Any Uint8Array will do, whatever the declared types say.
  sodium.crypto_stream_chacha20_ietf_xor_ic(stream, stream, nonce as Buffer, block, key as Buffer);
  return stream;
}

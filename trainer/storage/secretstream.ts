import sodium from "sodium-native";

// The library's published types describe an older version: a state is a buffer, a tag a number.
declare module "sodium-native" {
  export const crypto_secretstream_xchacha20poly1305_STATEBYTES: number;
  export function crypto_secretstream_xchacha20poly1305_init_push(
    state: Buffer,
    header: Buffer,
    key: Buffer,
  ): void;
  export function crypto_secretstream_xchacha20poly1305_init_pull(
    state: Buffer,
    header: Buffer,
    key: Buffer,
  ): void;
  export function crypto_secretstream_xchacha20poly1305_push(
    state: Buffer,
    cipher: Buffer,
    plain: Buffer,
    bound: Buffer,
    tag: number,
  ): void;
  export function crypto_secretstream_xchacha20poly1305_pull(
    state: Buffer,
    plain: Buffer,
    tag: Buffer,
    cipher: Buffer,
    bound: Buffer,
  ): void;
}

/** Bytes that a chunk grows by. */
export const overhead = sodium.crypto_secretstream_xchacha20poly1305_ABYTES;
export const headerBytes = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES;
const tag = { message: 0, final: 3 } as const; // crypto_secretstream_xchacha20poly1305.h

/** Encrypts chunk after chunk under one 32-byte key (XChaCha20-Poly1305, libsodium's secretstream). */
export function pushStream(key: Buffer): {
  readonly header: Buffer;
  push(plain: Buffer, bound: Buffer, last: boolean): Buffer;
} {
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.alloc(headerBytes);
  sodium.crypto_secretstream_xchacha20poly1305_init_push(state, header, key);
  return {
    header,
    push(plain, bound, last) {
      const cipher = Buffer.alloc(plain.length + overhead);
      const mark = last ? tag.final : tag.message;
      sodium.crypto_secretstream_xchacha20poly1305_push(state, cipher, plain, bound, mark);
      return cipher;
    },
  };
}

/** Decrypts what {@link pushStream} made. `pull` throws on any change. */
export function pullStream(
  key: Buffer,
  header: Buffer,
): { pull(cipher: Buffer, bound: Buffer): { plain: Buffer; last: boolean } } {
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key);
  return {
    pull(cipher, bound) {
      const plain = Buffer.alloc(cipher.length - overhead);
      const mark = Buffer.alloc(1);
      sodium.crypto_secretstream_xchacha20poly1305_pull(state, plain, mark, cipher, bound);
      return { plain, last: mark[0] === tag.final };
    },
  };
}

/**
 * Sealed objects: bytes that one key alone opens, and that tell when one of them is changed, cut off or moved.
 *
 *   "MAIS" 0x01 | ephemeral public key (32) | stream header (24) | chunk | chunk | ... | last chunk
 *
 * The key is X25519 between a key pair made for this object and the recipient's, hashed with both public keys
 * (libsodium's crypto_kx, BLAKE2b-512). The chunks are libsodium's secretstream: XChaCha20-Poly1305, each bound to
 * its place and the last one marked as such, 64 KiB of plain text each but the last. The first 37 bytes are bound to
 * every chunk as additional data.
 */
import sodium from "sodium-native";
import { StorageError } from "./error.ts";
import { headerBytes, overhead, pullStream, pushStream } from "./secretstream.ts";

const magic = Buffer.from("MAIS\x01", "latin1");
const chunkBytes = 1 << 16;
const boundBytes = magic.length + 32;

/** An X25519 key pair for receiving sealed objects, 32 bytes each. */
export interface SealKeys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A key pair from fresh randomness, or from a 32-byte seed. */
export function sealKeys(seed?: Uint8Array): SealKeys {
  const publicKey = Buffer.alloc(32);
  const secretKey = Buffer.alloc(32);
  if (seed === undefined) sodium.crypto_kx_keypair(publicKey, secretKey);
  else sodium.crypto_kx_seed_keypair(publicKey, secretKey, Buffer.from(seed));
  return { publicKey, secretKey };
}

/** The pair of a secret key of 32 bytes. */
export function keysOfSecret(secretKey: Uint8Array): SealKeys {
  const publicKey = Buffer.alloc(32);
  sodium.crypto_scalarmult_base(publicKey, Buffer.from(secretKey));
  return { publicKey: new Uint8Array(publicKey), secretKey: new Uint8Array(secretKey) };
}

/** Bytes a sealed object has for so many bytes of plain text. */
export const sealedSize = (plain: number): number =>
  boundBytes + headerBytes + plain + overhead * Math.max(1, Math.ceil(plain / chunkBytes));

/** Seals a stream to a public key; memory holds one chunk at a time. */
export async function* seal(
  plain: AsyncIterable<Uint8Array>,
  recipient: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (recipient.length !== 32)
    throw new StorageError("BadSeal", `a recipient's key has 32 bytes, got ${recipient.length}`);
  const sender = sealKeys();
  const key = Buffer.alloc(32);
  const [pk, sk] = [Buffer.from(sender.publicKey), Buffer.from(sender.secretKey)];
  try {
    sodium.crypto_kx_client_session_keys(Buffer.alloc(32), key, pk, sk, Buffer.from(recipient));
  } catch {
    throw new StorageError("BadSeal", "the recipient's key is no point of the curve");
  }
  const stream = pushStream(key);
  const bound = Buffer.concat([magic, pk]);
  yield Buffer.concat([bound, stream.header]);
  for await (const { chunk, last } of chunks(plain, chunkBytes)) yield stream.push(chunk, bound, last);
}

/**
 * Opens a sealed stream. Every chunk is checked before it is handed on; a StorageError `BadSeal` at a later one means
 * that what came so far must be thrown away.
 */
export async function* unseal(
  sealed: AsyncIterable<Uint8Array>,
  keys: SealKeys,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { prefix, rest } = await split(sealed, boundBytes + headerBytes);
  if (!prefix.subarray(0, magic.length).equals(magic)) throw bad("is none: it begins with other bytes");
  const bound = prefix.subarray(0, boundBytes);
  const key = Buffer.alloc(32);
  const [pk, sk] = [Buffer.from(keys.publicKey), Buffer.from(keys.secretKey)];
  try {
    sodium.crypto_kx_server_session_keys(key, Buffer.alloc(32), pk, sk, bound.subarray(magic.length));
  } catch {
    throw bad("names a sender's key that is no point of the curve");
  }
  const stream = pullStream(key, prefix.subarray(boundBytes));
  for await (const { chunk, last } of chunks(rest, chunkBytes + overhead)) {
    if (chunk.length < overhead) throw bad("was cut off");
    let opened: { plain: Buffer; last: boolean };
    try {
      opened = stream.pull(chunk, bound);
    } catch {
      throw bad("was changed, or is sealed to another key");
    }
    if (opened.last !== last) throw bad(last ? "was cut off" : "goes on after its end");
    yield opened.plain;
  }
}

/** The stream in pieces of one size; only the last one is shorter, and there always is a last one. */
async function* chunks(stream: AsyncIterable<Uint8Array>, size: number) {
  let kept = Buffer.alloc(0);
  for await (const part of stream) {
    kept = kept.length === 0 ? Buffer.from(part) : Buffer.concat([kept, part]);
    // A piece that may be the last is held back until more comes.
    for (; kept.length > size; kept = kept.subarray(size))
      yield { chunk: kept.subarray(0, size), last: false };
  }
  yield { chunk: kept, last: true };
}

async function split(stream: AsyncIterable<Uint8Array>, length: number) {
  const parts = stream[Symbol.asyncIterator]();
  let prefix = Buffer.alloc(0);
  while (prefix.length < length) {
    const next = await parts.next();
    if (next.done) throw bad("was cut off");
    prefix = Buffer.concat([prefix, next.value]);
  }
  async function* rest() {
    yield prefix.subarray(length);
    for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value;
  }
  return { prefix: prefix.subarray(0, length), rest: rest() };
}

const bad = (what: string) => new StorageError("BadSeal", `the sealed object ${what}`);

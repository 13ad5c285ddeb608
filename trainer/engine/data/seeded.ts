/**
 * Randomness that any machine reproduces: the ChaCha20 keystream (RFC 8439, key = the 32-byte seed, nonce = 12
 * zero bytes, block counter from 0), read in order as little-endian words. Nothing is skipped between calls.
 *
 * - `u32` reads 4 bytes; `u64` reads 8 bytes (low word first).
 * - `below(n)` reads u32 until x < n * floor(2^32 / n), then gives x mod n: exactly uniform.
 * - `float` is floor(u64 / 2^11) / 2^53, a double in [0, 1).
 * - `permutation` is Fisher-Yates from the end: for i = n-1 .. 1 swap item i with item below(i + 1).
 *
 * Only integer arithmetic and exact scaling by powers of two are used, so no platform can differ.
 */
import sodium from "sodium-native";
import { blake2b256 } from "./blake2b.ts";

// In the library, missing in its published types.
declare module "sodium-native" {
  export function crypto_stream_chacha20_ietf_xor_ic(
    output: Buffer,
    input: Buffer,
    nonce: Buffer,
    blockCounter: number,
    key: Buffer,
  ): void;
}

export interface SeededGenerator {
  /** The next `length` bytes of the stream. */
  bytes(length: number): Uint8Array;
  u32(): number;
  u64(): bigint;
  /** Uniform integer in [0, n), 1 <= n <= 2^32. */
  below(n: number): number;
  /** Uniform double in [0, 1) with 53 random bits. */
  float(): number;
}

const chunkBytes = 4096;
const blockBytes = 64;
const nonce = Buffer.alloc(12);
const zeros = Buffer.alloc(chunkBytes);

/** A generator at the start of the stream of a 32-byte seed; it ends with a RangeError after 2^32 blocks (256 GiB). */
export function seededGenerator(seed: Uint8Array): SeededGenerator {
  if (seed.length !== 32) throw new RangeError(`a seed has 32 bytes, got ${seed.length}`);
  const key = Buffer.from(seed);
  const chunk = Buffer.alloc(chunkBytes);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunkBytes);
  let block = 0;
  let at = chunkBytes;

  const refill = (): void => {
    if (block >= 2 ** 32) throw new RangeError("the stream of this seed is used up");
    sodium.crypto_stream_chacha20_ietf_xor_ic(chunk, zeros, nonce, block, key);
    block += chunkBytes / blockBytes;
    at = 0;
  };
  const u32 = (): number => {
    if (at + 4 > chunkBytes) return straddling(4).getUint32(0, true);
    at += 4;
    return view.getUint32(at - 4, true);
  };
  // Words read after `bytes` of an odd length lie across two chunks now and then.
  const straddling = (length: number): DataView => new DataView(bytes(length).buffer);
  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      if (at === chunkBytes) refill();
      const part = chunk.subarray(at, Math.min(chunkBytes, at + length - done));
      out.set(part, done);
      done += part.length;
      at += part.length;
    }
    return out;
  };
  const below = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`below(${n}): 1 to 2^32 is possible`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const x = u32();
      if (x < limit) return x % n;
    }
  };
  return {
    bytes,
    u32,
    below,
    u64: () => BigInt(u32()) | (BigInt(u32()) << 32n),
    float: () => {
      const low = u32();
      return (u32() * 2 ** 21 + (low >>> 11)) / 2 ** 53;
    },
  };
}

/** The numbers 0 .. n-1 in the order that the seed gives them. */
export function permutation(seed: Uint8Array, n: number): Uint32Array {
  const generator = seededGenerator(seed);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = generator.below(i + 1);
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/** An independent seed for one use of a parent seed: blake2b-256(parent || utf8(label) || u64_le(index)). */
export function childSeed(parent: Uint8Array, label: string, index = 0): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(index));
  return blake2b256(parent, Buffer.from(label, "utf8"), number);
}

import { concatBytes } from "../primitives/bytes.ts";
import type { Codec } from "../primitives/codec.ts";
import * as hashing from "../primitives/hashing.ts";

/** How one key of a map becomes part of a storage key. */
export interface Hasher<K> {
  readonly name: HasherName;
  readonly codec: Codec<K>;
  /** The part of the storage key, made of the key's encoding. */
  readonly hash: (encoded: Uint8Array) => Uint8Array;
  /** Bytes of hash before the key itself; undefined when the key cannot be read back. */
  readonly prefix: number | undefined;
}

/** The names in the metadata, in its order. */
export const hasherNames = [
  "Blake2128",
  "Blake2256",
  "Blake2128Concat",
  "Twox128",
  "Twox256",
  "Twox64Concat",
  "Identity",
] as const;
export type HasherName = (typeof hasherNames)[number];

/** For keys that users choose: nobody can unbalance the trie. */
export const blake2Concat = concat("Blake2128Concat", hashing.blake2_128, 16);
/** For keys that users cannot choose: cheaper. */
export const twox64Concat = concat("Twox64Concat", hashing.twox64, 8);
/** For keys that are hashes already. */
export const identity = concat("Identity", () => new Uint8Array(0), 0);

export const blake2_128 = opaque("Blake2128", hashing.blake2_128);
export const blake2_256 = opaque("Blake2256", hashing.blake2_256);
export const twox128 = opaque("Twox128", hashing.twox128);
export const twox256 = opaque("Twox256", hashing.twox256);

type Hash = (data: Uint8Array) => Uint8Array;

function concat(name: HasherName, hash: Hash, prefix: number) {
  return <K>(codec: Codec<K>): Hasher<K> => ({
    name,
    codec,
    prefix,
    hash: (encoded) => (prefix === 0 ? encoded : concatBytes(hash(encoded), encoded)),
  });
}

function opaque(name: HasherName, hash: Hash) {
  return <K>(codec: Codec<K>): Hasher<K> => ({
    name,
    codec,
    prefix: undefined,
    hash,
  });
}

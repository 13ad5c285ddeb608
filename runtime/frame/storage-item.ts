import type { Codec } from "../primitives/codec.ts";
import type { Removal } from "../primitives/overlay.ts";
import type { ReadCtx, WriteCtx } from "./ctx.ts";
import type { Hasher } from "./hasher.ts";

/** A declared storage item: how its keys are hashed, what it holds, what absence means. */
export interface StorageItem<K extends readonly unknown[], T, F> {
  readonly hashers: { readonly [I in keyof K]: Hasher<K[I]> };
  readonly codec: Codec<T>;
  /** What `get` gives for an absent entry. Undefined makes the item `Optional` in the metadata. */
  readonly fallback: F;
}

/** One value. */
export function value<T>(codec: Codec<T>, fallback: T): StorageItem<readonly [], T, T>;
export function value<T>(codec: Codec<T>): StorageItem<readonly [], T, undefined>;
export function value<T>(codec: Codec<T>, fallback?: T): StorageItem<readonly [], T, T | undefined> {
  return { hashers: [], codec, fallback };
}

/** Values by one key. */
export function map<K, T>(key: Hasher<K>, codec: Codec<T>, fallback: T): StorageItem<readonly [K], T, T>;
export function map<K, T>(key: Hasher<K>, codec: Codec<T>): StorageItem<readonly [K], T, undefined>;
export function map<K, T>(
  key: Hasher<K>,
  codec: Codec<T>,
  fallback?: T,
): StorageItem<readonly [K], T, T | undefined> {
  return { hashers: [key], codec, fallback };
}

/** Values by two keys; all of one first key can be listed and removed together. */
export function doubleMap<A, B, T>(
  first: Hasher<A>,
  second: Hasher<B>,
  codec: Codec<T>,
  fallback: T,
): StorageItem<readonly [A, B], T, T>;
export function doubleMap<A, B, T>(
  first: Hasher<A>,
  second: Hasher<B>,
  codec: Codec<T>,
): StorageItem<readonly [A, B], T, undefined>;
export function doubleMap<A, B, T>(
  first: Hasher<A>,
  second: Hasher<B>,
  codec: Codec<T>,
  fallback?: T,
): StorageItem<readonly [A, B], T, T | undefined> {
  return { hashers: [first, second], codec, fallback };
}

/** Values by any number of keys. */
export function nMap<K extends readonly unknown[], T>(
  keys: { readonly [I in keyof K]: Hasher<K[I]> },
  codec: Codec<T>,
  fallback: T,
): StorageItem<Readonly<K>, T, T>;
export function nMap<K extends readonly unknown[], T>(
  keys: { readonly [I in keyof K]: Hasher<K[I]> },
  codec: Codec<T>,
): StorageItem<Readonly<K>, T, undefined>;
export function nMap<K extends readonly unknown[], T>(
  keys: { readonly [I in keyof K]: Hasher<K[I]> },
  codec: Codec<T>,
  fallback?: T,
): StorageItem<Readonly<K>, T, T | undefined> {
  return { hashers: keys as StorageItem<Readonly<K>, T, T>["hashers"], codec, fallback };
}

export type AnyItem = StorageItem<readonly unknown[], unknown, unknown>;

/**
 * What a pallet does with an item. `K` are its keys (none for a value), `T` what is stored, `G` what `get`
 * gives: `T`, or `T | undefined` without a default.
 */
export interface Handle<K extends readonly unknown[], T, G> {
  get(ctx: ReadCtx, ...keys: K): G;
  /** The stored value, whatever the default is. */
  find(ctx: ReadCtx, ...keys: K): T | undefined;
  exists(ctx: ReadCtx, ...keys: K): boolean;
  set(ctx: WriteCtx, ...keysAndValue: [...K, T]): void;
  delete(ctx: WriteCtx, ...keys: K): void;
  /** `get`, then `delete`. */
  take(ctx: WriteCtx, ...keys: K): G;
  /** Stores what `change` makes of the value; without a default, `undefined` deletes. */
  mutate(ctx: WriteCtx, ...keysAndChange: [...K, (value: G) => G]): void;
  /** As `mutate`, past the default: `undefined` means absent, in and out. */
  mutateExists(ctx: WriteCtx, ...keysAndChange: [...K, (value: T | undefined) => T | undefined]): void;
  /** Adds to the end of a list without reading it. Only for `vec`. */
  append(ctx: WriteCtx, ...keysAndItem: [...K, T extends readonly (infer I)[] ? I : never]): void;
  /** The storage key of an entry, or of all entries under the first keys. */
  key(...keys: K | Prefix<K>): Uint8Array;
  /** The keys in a storage key of this item; throws where a hasher does not keep them. */
  keysOf(storageKey: Uint8Array): K;
  /** `[...keys, value]` of every entry under the first keys, in the order of storage keys. */
  iterate(ctx: ReadCtx, ...prefix: Prefix<K>): Generator<[...K, T]>;
  /** As `iterate`, without reading the values. */
  keys(ctx: ReadCtx, ...prefix: Prefix<K>): Generator<K>;
  /** Deletes entries under the first keys, at most `limit` of those stored in earlier blocks; see `Removal`. */
  clear(ctx: WriteCtx, prefix: Prefix<K>, limit?: number, cursor?: Uint8Array): Removal;
}

/** All shorter beginnings of a list of keys. */
export type Prefix<K extends readonly unknown[]> = K extends readonly [...infer Init, unknown]
  ? Readonly<Init> | Prefix<Init>
  : never;

export type HandleOf<I> =
  I extends StorageItem<infer K, infer T, infer F>
    ? Handle<K, T, undefined extends F ? T | undefined : T>
    : never;

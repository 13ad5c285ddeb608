import { concatBytes, startsWith, textBytes } from "../primitives/bytes.ts";
import { type Codec, decode, encode } from "../primitives/codec.ts";
import type { ListCodec } from "../primitives/codec-list.ts";
import { twox128 } from "../primitives/hashing.ts";
import { keyText, rememberText } from "../primitives/key-text.ts";
import { Reader } from "../primitives/reader.ts";
import type { ReadCtx, WriteCtx } from "./ctx.ts";
import type { Hasher } from "./hasher.ts";
import type { AnyItem, Handle } from "./storage-item.ts";

/** Hash of a pallet's name followed by the hash of an item's name: where its entries are. */
export const itemPrefix = (pallet: string, item: string): Uint8Array =>
  concatBytes(twox128(textBytes(pallet)), twox128(textBytes(item)));

/** The operations of one item, under `prefix`. */
export function handle(prefix: Uint8Array, item: AnyItem): Handle<readonly unknown[], unknown, unknown> {
  const { codec, fallback, hashers } = item;
  const keyOf = keyMaker(prefix, hashers);

  const findAt = (ctx: ReadCtx, key: Uint8Array): unknown => {
    const bytes = ctx.storage.get(key);
    return bytes === undefined ? undefined : decode(codec, bytes);
  };
  const putAt = (ctx: WriteCtx, key: Uint8Array, value: unknown): void => {
    if (value === undefined) ctx.storage.delete(key);
    else ctx.storage.set(key, encode(codec, value));
  };

  return {
    get: (ctx, ...keys) => findAt(ctx, keyOf(keys)) ?? fallback,
    find: (ctx, ...keys) => findAt(ctx, keyOf(keys)),
    exists: (ctx, ...keys) => ctx.storage.get(keyOf(keys)) !== undefined,
    set(ctx, ...keysAndValue) {
      const value = keysAndValue.pop();
      ctx.storage.set(keyOf(keysAndValue), encode(codec, value));
    },
    delete: (ctx, ...keys) => ctx.storage.delete(keyOf(keys)),
    take(ctx, ...keys) {
      const key = keyOf(keys);
      const value = findAt(ctx, key);
      ctx.storage.delete(key);
      return value ?? fallback;
    },
    mutate(ctx, ...keysAndChange) {
      const change = keysAndChange.pop() as (value: unknown) => unknown;
      const key = keyOf(keysAndChange);
      putAt(ctx, key, change(findAt(ctx, key) ?? fallback));
    },
    mutateExists(ctx, ...keysAndChange) {
      const change = keysAndChange.pop() as (value: unknown) => unknown;
      const key = keyOf(keysAndChange);
      putAt(ctx, key, change(findAt(ctx, key)));
    },
    append(ctx, ...keysAndItem) {
      const value = keysAndItem.pop();
      ctx.storage.append(keyOf(keysAndItem), encode(itemCodec(codec), value));
    },
    key: (...keys) => keyOf(keys),
    keysOf: (key) => readKeys(key, prefix.length, hashers),
    *iterate(ctx, ...first) {
      for (const key of keysUnder(ctx, keyOf(first))) {
        const value = findAt(ctx, key);
        yield [...readKeys(key, prefix.length, hashers), value];
      }
    },
    *keys(ctx, ...first) {
      for (const key of keysUnder(ctx, keyOf(first))) yield readKeys(key, prefix.length, hashers);
    },
    clear: (ctx, first, limit, cursor) => ctx.storage.deletePrefix(keyOf(first), limit, cursor),
  };
}

/** Every key that starts with `prefix`, in order. Entries may be changed or deleted on the way. */
export function* keysUnder(ctx: ReadCtx, prefix: Uint8Array): Generator<Uint8Array> {
  let key = ctx.storage.nextKey(prefix);
  for (; key && startsWith(key, prefix); key = ctx.storage.nextKey(key)) yield key;
}

/** Keys of a value need no work, keys of a map one hash, which is remembered: a transfer asks ten times for three. */
function keyMaker(prefix: Uint8Array, hashers: readonly Hasher<unknown>[]) {
  rememberText(prefix);
  const recent = new Map<string, Uint8Array>();
  const single = ({ codec, hash }: Hasher<unknown>, key: unknown): Uint8Array => {
    const encoded = codec.isRaw ? (key as Uint8Array) : encode(codec, key);
    const text = keyText(encoded);
    let made = recent.get(text);
    if (made === undefined) {
      // Once more through the codec, which knows what a key must look like.
      made = concatBytes(prefix, hash(encode(codec, key)));
      rememberText(made);
      if (recent.size >= maxRecent) recent.clear();
      recent.set(text, made);
    }
    return made;
  };
  return (keys: readonly unknown[]): Uint8Array => {
    if (keys.length === 0) return prefix;
    if (keys.length === 1) return single(hashers[0]!, keys[0]);
    return concatBytes(prefix, ...keys.map((key, i) => hashers[i]!.hash(encode(hashers[i]!.codec, key))));
  };
}

// At most a few hundred KiB for each map.
const maxRecent = 4096;

function readKeys(key: Uint8Array, prefix: number, hashers: readonly Hasher<unknown>[]): unknown[] {
  const input = new Reader(key);
  input.offset = prefix;
  return hashers.map((hasher) => {
    if (hasher.prefix === undefined) throw new Error(`keys hashed with ${hasher.name} cannot be read back`);
    input.take(hasher.prefix);
    return hasher.codec.decode(input);
  });
}

function itemCodec(codec: Codec<unknown> & Partial<Pick<ListCodec<unknown>, "item">>): Codec<unknown> {
  if (!codec.item) throw new Error(`${codec.type.key} is no list that can be appended to`);
  return codec.item;
}

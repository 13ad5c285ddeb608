import { concatBytes, startsWith, textBytes } from "../primitives/bytes.ts";
import { type Codec, decode, encode } from "../primitives/codec.ts";
import type { ListCodec } from "../primitives/codec-list.ts";
import { twox128 } from "../primitives/hashing.ts";
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

/** Keys of a value need no work, keys of a map one hash; both are on the path of every transfer. */
function keyMaker(prefix: Uint8Array, hashers: readonly Hasher<unknown>[]) {
  return (keys: readonly unknown[]): Uint8Array => {
    if (keys.length === 0) return prefix;
    if (keys.length === 1) return concatBytes(prefix, hashers[0]!.hash(keys[0]));
    return concatBytes(prefix, ...keys.map((key, i) => hashers[i]!.hash(key)));
  };
}

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

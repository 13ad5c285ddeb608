import { blake2AsU8a, xxhashAsU8a } from "@polkadot/util-crypto";
import { expect, test } from "vitest";
import { concatBytes, textBytes } from "../primitives/bytes.ts";
import { encode } from "../primitives/codec.ts";
import { u32, u64 } from "../primitives/codec-number.ts";
import { memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import * as hashers from "./hasher.ts";
import { schema } from "./schema.ts";
import { handle, itemPrefix } from "./storage-handle.ts";
import { map, nMap } from "./storage-item.ts";

const prefix = itemPrefix("Hashed", "Item");
const key = 0x01020304;
const encoded = encode(u32, key);

test.each([
  [hashers.blake2Concat(u32), concatBytes(blake2AsU8a(encoded, 128), encoded)],
  [hashers.twox64Concat(u32), concatBytes(xxhashAsU8a(encoded, 64), encoded)],
  [hashers.identity(u32), encoded],
  [hashers.blake2_128(u32), blake2AsU8a(encoded, 128)],
  [hashers.blake2_256(u32), blake2AsU8a(encoded, 256)],
  [hashers.twox128(u32), xxhashAsU8a(encoded, 128)],
  [hashers.twox256(u32), xxhashAsU8a(encoded, 256)],
])("$name makes the storage key that a client computes", (hasher, expected) => {
  const item = handle(prefix, map(hasher, u64) as Parameters<typeof handle>[1]);
  const names = concatBytes(xxhashAsU8a(textBytes("Hashed"), 128), xxhashAsU8a(textBytes("Item"), 128));
  expect(item.key(key)).toEqual(concatBytes(names, expected));
  if (hasher.prefix === undefined) expect(() => item.keysOf(item.key(key))).toThrow("cannot be read back");
  else expect(item.keysOf(item.key(key))).toEqual([key]);
});

test("an item with several hashers is listed and removed below any of its first keys", () => {
  const keys = [hashers.identity(u32), hashers.twox64Concat(u32), hashers.blake2Concat(u32)] as const;
  const { Item: item } = schema("Hashed", { storage: { Item: nMap(keys, u64) } }).storage;
  const ctx = { storage: new Overlay(memoryBackend()) };
  for (const [a, b, c] of [
    [1, 1, 1],
    [1, 1, 2],
    [1, 2, 1],
    [2, 1, 1],
  ] as const)
    item.set(ctx, a, b, c, 7n);
  expect([...item.keys(ctx, 1)]).toHaveLength(3);
  expect([...item.iterate(ctx, 1, 2)]).toEqual([[1, 2, 1, 7n]]);
  item.clear(ctx, [1, 1]);
  expect([...item.keys(ctx)]).toEqual([
    [1, 2, 1],
    [2, 1, 1],
  ]);
});

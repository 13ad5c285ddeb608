/** Many entries of the chain's storage at once. */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import type { ChainClient } from "./chain-client.ts";

/** A map of a pallet's storage, as its `storage` exports it. */
interface MapItem<K extends readonly unknown[], T> {
  key(...keys: K | readonly []): Uint8Array;
  keysOf(storageKey: Uint8Array): K;
  get(ctx: ReadCtx, ...keys: K): T;
}

/** As many keys as a node gives at a time. */
const page = 1_000;

/** The values under some keys, in their order, by one question. @throws ChainError. */
export async function readEach<K extends readonly unknown[], T>(
  chain: ChainClient,
  item: MapItem<K, T>,
  keys: readonly K[],
  at: string,
): Promise<T[]> {
  if (keys.length === 0) return [];
  const storageKeys = keys.map((key) => toHex(item.key(...key)));
  const [found] = await chain.request<{ changes: [key: string, value: string | null][] }[]>(
    "state_queryStorageAt",
    storageKeys,
    at,
  );
  const values = new Map(found?.changes);
  return keys.map((key, i) => {
    const hex = values.get(storageKeys[i]!) ?? null;
    const bytes = hex === null ? undefined : fromHex(hex);
    return item.get({ storage: { get: () => bytes, nextKey: () => undefined } }, ...key);
  });
}

/** The keys of all entries of a map, in the order of their storage keys. @throws ChainError. */
export async function keysOf<K extends readonly unknown[], T>(
  chain: ChainClient,
  item: MapItem<K, T>,
  at: string,
): Promise<K[]> {
  const keys: K[] = [];
  const prefix = toHex(item.key());
  for (let start: string = prefix; ; ) {
    const part = await chain.request<string[]>("state_getKeysPaged", prefix, page, start, at);
    keys.push(...part.map((key) => item.keysOf(fromHex(key)!)));
    if (part.length < page) return keys;
    start = part.at(-1)!;
  }
}

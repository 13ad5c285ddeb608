/** What is different between the states of two blocks, for `archive_v1_storageDiff`. */
import { compareBytes, equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import type { StateView } from "../state/state-db.ts";
import { entriesUnder } from "./entries-under.ts";
import { hex, type Param, param, shown } from "./server/params.ts";

export interface DiffQuery {
  readonly prefix: Uint8Array;
  readonly hashed: boolean;
  readonly inChildTrie: boolean;
}

/** Asked when nothing is. */
export const everything: DiffQuery = { prefix: new Uint8Array(0), hashed: false, inChildTrie: false };

export const diffQuery: Param<DiffQuery> = param((value) => {
  if (typeof value !== "object" || value === null) throw new Error(`must hold objects, got ${shown(value)}`);
  const { key, returnType, childTrieKey } = value as Record<string, unknown>;
  if (returnType !== "value" && returnType !== "hash")
    throw new Error(`must have a returnType of value or hash, got ${shown(returnType)}`);
  return {
    prefix: hex.read(key ?? ""),
    hashed: returnType === "hash",
    inChildTrie: childTrieKey !== undefined && childTrieKey !== null,
  };
});

/** Entries found equal between two signs of life. */
const slice = 256;

/**
 * Differences of each query, in key order, with an empty one now and then where there are long none, so that
 * whoever iterates can let others work. This chain has no child tries, so none there.
 */
export function* storageDiff(before: StateView, after: StateView, queries: readonly DiffQuery[]) {
  let equal = 0;
  for (const { prefix, hashed, inChildTrie } of queries) {
    if (inChildTrie) continue;
    for (const { key, old, now } of pairs(before, after, prefix)) {
      if (old !== undefined && now !== undefined && equalBytes(old, now)) {
        if (++equal % slice === 0) yield undefined;
      } else if (now === undefined) {
        yield { key: toHex(key), type: "deleted" };
      } else {
        const value = hashed ? { hash: toHex(blake2_256(now)) } : { value: toHex(now) };
        yield { key: toHex(key), ...value, type: old === undefined ? "added" : "modified" };
      }
    }
  }
}

interface Pair {
  readonly key: Uint8Array;
  readonly old: Uint8Array | undefined;
  readonly now: Uint8Array | undefined;
}

/** Walks both states side by side; `old` or `now` is undefined where the key is missing. */
function* pairs(before: StateView, after: StateView, prefix: Uint8Array): Generator<Pair> {
  const [olds, nows] = [entriesUnder(before, prefix), entriesUnder(after, prefix)];
  const next = (entries: typeof olds) => {
    const result = entries.next();
    return result.done ? undefined : result.value;
  };
  let [a, b] = [next(olds), next(nows)];
  while (a !== undefined || b !== undefined) {
    const order = a === undefined ? 1 : b === undefined ? -1 : compareBytes(a[0], b[0]);
    const old = order <= 0 ? a : undefined;
    const now = order >= 0 ? b : undefined;
    yield { key: (old ?? now)![0], old: old?.[1], now: now?.[1] };
    if (old !== undefined) a = next(olds);
    if (now !== undefined) b = next(nows);
  }
}

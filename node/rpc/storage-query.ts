/** What `chainHead_v1_storage` and `archive_v1_storage` may ask of a state, and the items that answer it. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import type { StateView } from "../state/state-db.ts";
import { entriesUnder } from "./entries-under.ts";
import { hex, type Param, param, shown } from "./server/params.ts";

const types = [
  "value",
  "hash",
  "closestDescendantMerkleValue",
  "descendantsValues",
  "descendantsHashes",
] as const;
type QueryType = (typeof types)[number];

export interface StorageQuery {
  readonly key: Uint8Array;
  readonly type: QueryType;
  /** Descendants after this key only. */
  readonly paginationStartKey: Uint8Array | undefined;
}

export interface StorageItem {
  readonly key: string;
  readonly value?: string;
  readonly hash?: string;
  readonly closestDescendantMerkleValue?: string;
}

/** Whether a query may have many items. */
export const isMany = ({ type }: StorageQuery): boolean => type.startsWith("descendants");

export const storageQuery: Param<StorageQuery> = param((value) => {
  if (typeof value !== "object" || value === null) throw new Error(`must hold objects, got ${shown(value)}`);
  const { key, type, paginationStartKey: start } = value as Record<string, unknown>;
  const known = types.find((name) => name === type);
  if (known === undefined) throw new Error(`must have a type of ${types.join(", ")}, got ${shown(type)}`);
  const hasStart = start !== undefined && start !== null;
  if (hasStart && !known.startsWith("descendants"))
    throw new Error("may have paginationStartKey for descendants only");
  return { key: hex.read(key), type: known, paginationStartKey: hasStart ? hex.read(start) : undefined };
});

/** The items of one query, read as they are taken. */
export function* queryStorage(state: StateView, query: StorageQuery): Generator<StorageItem> {
  const { key, type } = query;
  if (type === "closestDescendantMerkleValue") {
    const merkleValue = state.merkleValue(key);
    if (merkleValue !== undefined)
      yield { key: toHex(key), closestDescendantMerkleValue: toHex(merkleValue) };
  } else if (isMany(query)) {
    const hashed = type === "descendantsHashes";
    for (const [each, value] of entriesUnder(state, key, query.paginationStartKey))
      yield item(each, value, hashed);
  } else {
    const value = state.get(key);
    if (value !== undefined) yield item(key, value, type === "hash");
  }
}

function item(key: Uint8Array, value: Uint8Array, hashed: boolean): StorageItem {
  return hashed
    ? { key: toHex(key), hash: toHex(blake2_256(value)) }
    : { key: toHex(key), value: toHex(value) };
}

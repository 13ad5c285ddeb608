import { keyText } from "../../runtime/primitives/key-text.ts";
import type { TransactionSource, ValidTransaction } from "../../runtime/primitives/validity.ts";
import type { Hash } from "../chain/hash.ts";
import type { PoolTransaction, Tag } from "./types.ts";

/** A transaction as the pool keeps it; `at` is the number of the block at which it was validated. */
export function createTransaction(
  hash: Hash,
  bytes: Uint8Array,
  source: TransactionSource,
  validity: ValidTransaction,
  at: number,
): PoolTransaction {
  return {
    hash,
    bytes,
    priority: validity.priority,
    requires: tagTexts(validity.requires),
    provides: tagTexts(validity.provides),
    // Immortal ones give 2^64 - 1, which no block number reaches.
    validTill: Number(BigInt(at) + validity.longevity),
    propagate: validity.propagate,
    source,
  };
}

function tagTexts(tags: readonly Uint8Array[]): readonly Tag[] {
  const texts = tags.map(keyText);
  // Twice the same tag would count as two requirements.
  return texts.length < 2 ? texts : [...new Set(texts)];
}

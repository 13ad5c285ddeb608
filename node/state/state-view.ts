import { keyText } from "../../runtime/primitives/key-text.ts";
import type { Backend, Changes } from "../../runtime/primitives/storage.ts";
import { createProof } from "../../runtime/primitives/trie/proof.ts";
import { createRangeProof, type KeyRange } from "../../runtime/primitives/trie/range-proof.ts";
import { closestMerkleValue, entriesAfter, readValue } from "../../runtime/primitives/trie/read.ts";
import type { NodeStore } from "../../runtime/primitives/trie/stored-node.ts";
import type { FlatState } from "./flat-state.ts";
import type { StateRecord } from "./state-record.ts";

/**
 * One state, read-only. It stays readable until it is pruned; after that, reads throw `StateDiscarded`.
 */
export class StateView implements Backend {
  readonly record: StateRecord;
  readonly #flat: FlatState;
  readonly #nodes: NodeStore;
  readonly #rootWith: (changes: Changes) => Uint8Array;

  constructor(
    record: StateRecord,
    flat: FlatState,
    nodes: NodeStore,
    rootWith: (changes: Changes) => Uint8Array,
  ) {
    this.record = record;
    this.#flat = flat;
    this.#nodes = nodes;
    this.#rootWith = rootWith;
  }

  get rootHash(): Uint8Array {
    return this.record.rootHash;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#flat.isAt(this.record.version)) return this.#flat.get(key);
    return readValue(this.#nodes, this.record.root, key);
  }

  nextKey(key: Uint8Array): Uint8Array | undefined {
    for (const [next] of this.entries(key)) return next;
    return undefined;
  }

  /** Root hash of this state with `changes`; the work is kept for `StateDb.update` with the same changes. */
  root(changes: Changes): Uint8Array {
    return this.#rootWith(changes);
  }

  /** Entries behind `after`, or all, in key order. */
  entries(after?: Uint8Array): Generator<[key: Uint8Array, value: Uint8Array]> {
    return entriesAfter(this.#nodes, this.record.root, after);
  }

  /** At most `count` keys that start with `prefix`, in order, behind `start` if it is given. */
  keysPaged(prefix: Uint8Array, count: number, start?: Uint8Array): Uint8Array[] {
    const keys: Uint8Array[] = [];
    const wanted = keyText(prefix);
    // The prefix itself may be a key, and `entries` begins behind it.
    if (start === undefined || keyText(start) < wanted) {
      if (count > 0 && this.get(prefix) !== undefined) keys.push(prefix);
    }
    if (keys.length >= count) return keys;
    const from = start !== undefined && keyText(start) > wanted ? start : prefix;
    for (const [key] of this.entries(from)) {
      if (!keyText(key).startsWith(wanted)) break;
      keys.push(key);
      if (keys.length >= count) break;
    }
    return keys;
  }

  /** Substrate's storage proof of what `keys` hold, or that they hold nothing. */
  proof(keys: Iterable<Uint8Array>): Uint8Array[] {
    return createProof(this.#nodes, this.record.root, keys);
  }

  /** Proof of everything between two keys, or of the first part of it where that is more than `maxBytes`. */
  rangeProof(range: KeyRange, maxBytes: number): Uint8Array[] {
    return createRangeProof(this.#nodes, this.record.root, range, maxBytes);
  }

  /** The merkle value of the topmost node whose path begins with `prefix`: equal values, equal contents below. */
  merkleValue(prefix: Uint8Array): Uint8Array | undefined {
    return closestMerkleValue(this.#nodes, this.record.root, prefix, this.record.rootHash);
  }
}

/**
 * Proof of everything that a state holds between two keys: the nodes of a walk in key order, one after another.
 * Whoever reads it walks the same way from a root hash that it trusts, so each node must be the very one that the
 * walk comes to next; nothing can be left out, added or changed. A walk may end early, where its maker ran out of
 * space: the reader then knows which subtrees are still to come.
 */
import { compareBytes, equalBytes } from "../bytes.ts";
import { blake2_256 } from "../hashing.ts";
import { EncodedNode, TrieError } from "./encoded-node.ts";
import { NibblePath, nibbleCount } from "./nibbles.ts";
import { nodeAddress } from "./node-address.ts";
import { emptyRoot, emptyTrie } from "./node-writer.ts";
import type { Link, NodeStore, Root } from "./stored-node.ts";

/** Keys from `from` (included) up to `to` (excluded; without it, to the last). */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to?: Uint8Array | undefined;
}

export type RangeResult =
  | {
      readonly ok: true;
      /** What the proof shows, in key order, without gaps from the start of the range. */
      readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
      /** Where the subtrees begin that it does not reach, in key order; empty when the range is whole. */
      readonly rest: readonly Uint8Array[];
    }
  | { readonly ok: false; readonly message: string };

/** The nodes of a range, at most about `maxBytes` of them, but enough for one entry at least. */
export function createRangeProof(
  store: NodeStore,
  root: Root,
  range: KeyRange,
  maxBytes: number,
): Uint8Array[] {
  if (!root) return [emptyTrie];
  const proof: Uint8Array[] = [];
  let bytes = 0;
  let hasEntry = false;
  const add = (node: Uint8Array) => {
    proof.push(node);
    bytes += node.length;
  };
  const open = (link: Link, path: NibblePath, depth: number): Opened<Link> | undefined => {
    if (hasEntry && bytes >= maxBytes) return undefined;
    const node = store.node(nodeAddress(link.version, path, depth));
    // Shorter ones stand inside their parents.
    if (depth === 0 || node.encoded.end >= 32) add(node.encoding());
    return {
      encoded: node.encoded,
      value: () => {
        const value = node.value()!;
        if (node.encoded.hashed) add(value);
        return value;
      },
      child: (nibble) => node.link(nibble)!,
    };
  };
  walk(root, range, open, () => {
    hasEntry = true;
  });
  return proof;
}

/** Reads a range out of a proof for the state with this root hash. */
export function readRangeProof(
  rootHash: Uint8Array,
  proof: readonly Uint8Array[],
  range: KeyRange,
): RangeResult {
  if (equalBytes(rootHash, emptyRoot)) return { ok: true, entries: [], rest: [] };
  const entries: [Uint8Array, Uint8Array][] = [];
  let used = 0;
  const take = (hash: Uint8Array): Uint8Array | undefined => {
    const next = proof[used];
    if (!next) return undefined;
    if (!equalBytes(blake2_256(next), hash)) throw new TrieError(`item ${used} is not what comes next`);
    used++;
    return next;
  };
  const open = (merkle: Uint8Array): Opened<Uint8Array> | undefined => {
    const bytes = merkle.length === 32 ? take(merkle) : merkle;
    if (!bytes) return undefined;
    const encoded = new EncodedNode(bytes);
    if (encoded.end !== bytes.length) throw new TrieError("bytes follow a trie node");
    return {
      encoded,
      value: () => (encoded.hashed ? take(encoded.encodedValue()) : encoded.encodedValue()),
      child: (nibble) => encoded.child(nibble),
    };
  };
  try {
    const rest = walk(rootHash, range, open, (key, value) => entries.push([key, value.slice()]));
    if (used < proof.length) return { ok: false, message: `${proof.length - used} items are too many` };
    if (rest.length > 0 && entries.length === 0) return { ok: false, message: "it does not reach any entry" };
    return { ok: true, entries, rest };
  } catch (error) {
    if (error instanceof TrieError) return { ok: false, message: error.message };
    throw error;
  }
}

interface Opened<N> {
  readonly encoded: EncodedNode;
  /** The node's own value; undefined where the walk must end, because it is not at hand. */
  value(): Uint8Array | undefined;
  child(nibble: number): N;
}

/**
 * Visits the entries of a range in order, and returns where the subtrees begin that it did not come to, because
 * `open` had no node for them any more.
 */
function walk<N>(
  root: N,
  { from, to }: KeyRange,
  open: (node: N, path: NibblePath, depth: number) => Opened<N> | undefined,
  visit: (key: Uint8Array, value: Uint8Array) => void,
): Uint8Array[] {
  const path = new NibblePath();
  const rest: Uint8Array[] = [];
  const low = nibblesOf(from);
  const high = to && nibblesOf(to);
  let isOver = false;
  const leave = (depth: number): void => {
    const start = path.pack(depth);
    rest.push(compareBytes(start, from) < 0 ? from : start);
    isOver = true;
  };
  const descend = (link: N, depth: number): void => {
    const node = isOver ? undefined : open(link, path, depth);
    if (!node) {
      leave(depth);
      return;
    }
    const { encoded } = node;
    const end = depth + nibbleCount(encoded.partial);
    path.put(depth, encoded.partial);
    if (isBelow(path, end, low) || isAbove(path, end, high)) return;
    if (encoded.hasValue && isFrom(path, end, low)) {
      if (end % 2 !== 0) throw new TrieError("a key has half a byte");
      const value = node.value();
      if (value) visit(path.pack(end), value);
      else leave(end);
    }
    for (let nibble = 0; nibble < 16; nibble++) {
      if (!encoded.hasChild(nibble)) continue;
      path.nibbles[end] = nibble;
      if (isBelow(path, end + 1, low) || isAbove(path, end + 1, high)) continue;
      descend(node.child(nibble), end + 1);
      // What lies below has overwritten the path, but only behind this place.
    }
  };
  descend(root, 0);
  return rest;
}

/** Every key that begins with the first `length` nibbles of the path comes before `low`. */
function isBelow({ nibbles }: NibblePath, length: number, low: Uint8Array): boolean {
  for (let i = 0; i < length && i < low.length; i++) {
    if (nibbles[i] !== low[i]) return nibbles[i]! < low[i]!;
  }
  return false;
}

/** None of those keys comes before `high`. */
function isAbove({ nibbles }: NibblePath, length: number, high: Uint8Array | undefined): boolean {
  if (!high) return false;
  for (let i = 0; i < length && i < high.length; i++) {
    if (nibbles[i] !== high[i]) return nibbles[i]! > high[i]!;
  }
  return length >= high.length;
}

/** The path itself, known not to be below `low`, is not a part of `low` that ends early. */
function isFrom({ nibbles }: NibblePath, length: number, low: Uint8Array): boolean {
  if (length >= low.length) return true;
  for (let i = 0; i < length; i++) if (nibbles[i] !== low[i]) return true;
  return false;
}

function nibblesOf(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2);
  for (let i = 0; i < key.length; i++) {
    nibbles[2 * i] = key[i]! >> 4;
    nibbles[2 * i + 1] = key[i]! & 15;
  }
  return nibbles;
}

import { blake2_256 } from "../hashing.ts";
import { keyText } from "../key-text.ts";
import { EncodedNode, TrieError } from "./encoded-node.ts";
import { keyNibbles, nibbleAt, nibbleCount, sharedNibbles } from "./nibbles.ts";
import { emptyRoot, emptyTrie } from "./node-writer.ts";
import { descend } from "./read.ts";
import type { NodeStore, Root } from "./stored-node.ts";

/**
 * Proves what each of `keys` holds, or that it holds nothing: Substrate's storage proof, which is the
 * encoded nodes from the root to each key and the values that stand there by hash, without order or repeats.
 */
export function createProof(store: NodeStore, root: Root, keys: Iterable<Uint8Array>): Uint8Array[] {
  const nodes = new Map<string, Uint8Array>();
  const add = (node: Uint8Array) => nodes.set(keyText(node), node);
  if (!root) add(emptyTrie);
  for (const key of keys) {
    let isRoot = true;
    descend(store, root, key, (node, ends) => {
      // Shorter ones stand inside their parents.
      if (isRoot || node.encoded.end >= 32) add(node.encoding());
      if (ends && node.encoded.hashed) add(node.value()!);
      isRoot = false;
    });
  }
  return [...nodes.keys()].sort().map((text) => nodes.get(text)!);
}

/** Why a proof says nothing about a key. */
export type ProofFailure =
  /** A node or value on the way is not in the proof. */
  | "Incomplete"
  /** A node on the way cannot be decoded. */
  | "BadNode";

export type ProofResult =
  | { readonly ok: true; readonly values: readonly (Uint8Array | undefined)[] }
  | { readonly ok: false; readonly code: ProofFailure };

/** Reads `keys` out of a proof for the state with this root hash; `undefined` is a proven absence. */
export function verifyProof(
  rootHash: Uint8Array,
  proof: Iterable<Uint8Array>,
  keys: Iterable<Uint8Array>,
): ProofResult {
  const byHash = new Map<string, Uint8Array>();
  for (const node of proof) byHash.set(keyText(blake2_256(node)), node);
  const values: (Uint8Array | undefined)[] = [];
  try {
    for (const key of keys) values.push(lookUp(rootHash, byHash, key));
  } catch (error) {
    if (error instanceof TrieError) return { ok: false, code: "BadNode" };
    if (error instanceof Incomplete) return { ok: false, code: "Incomplete" };
    throw error;
  }
  return { ok: true, values };
}

function lookUp(
  rootHash: Uint8Array,
  byHash: ReadonlyMap<string, Uint8Array>,
  key: Uint8Array,
): Uint8Array | undefined {
  const get = (hash: Uint8Array): Uint8Array => {
    const found = byHash.get(keyText(hash));
    if (!found) throw new Incomplete();
    return found;
  };
  if (keyText(rootHash) === keyText(emptyRoot)) return undefined;
  let rest = keyNibbles(key);
  for (let merkle = rootHash; ; ) {
    const bytes = merkle.length === 32 ? get(merkle) : merkle;
    const node = new EncodedNode(bytes);
    if (node.end !== bytes.length) throw new TrieError("bytes follow a trie node");
    const count = nibbleCount(node.partial);
    if (sharedNibbles(node.partial, rest) < count) return undefined;
    rest = { ...rest, start: rest.start + count };
    if (nibbleCount(rest) === 0) {
      if (!node.hasValue) return undefined;
      return node.hashed ? get(node.encodedValue()) : node.encodedValue();
    }
    const nibble = nibbleAt(rest.bytes, rest.start);
    if (!node.hasChild(nibble)) return undefined;
    merkle = node.child(nibble);
    rest = { ...rest, start: rest.start + 1 };
  }
}

class Incomplete extends Error {}

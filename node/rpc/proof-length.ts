/** Encoded lengths of a storage proof, whole and compact. */
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { EncodedNode } from "../../runtime/primitives/trie/encoded-node.ts";

/** Bytes of SCALE's list of byte strings. */
export function vecLength(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, compactLength(lengths.length));
}

export function proofLength(proof: readonly Uint8Array[]): number {
  return vecLength(proof.map(({ length }) => compactLength(length) + length));
}

/**
 * The compact form leaves out each hash of a node or value that is in the proof itself, because whoever checks
 * can compute it: 32 bytes less for a child, and for a value 32 less with two more that mark it.
 */
export function compactProofLength(proof: readonly Uint8Array[]): number {
  const known = new Set(proof.map((node) => keyText(blake2_256(node))));
  const isKnown = (hash: Uint8Array) => known.has(keyText(hash));
  const values = new Set<string>();
  const lengths: number[] = [];
  for (const bytes of proof) {
    // A value's own bytes may happen to look like a node, so nodes say first which of the entries are values.
    const node = readNode(bytes);
    if (node?.hashed && isKnown(node.encodedValue())) values.add(keyText(node.encodedValue()));
  }
  for (const bytes of proof) {
    const node = values.has(keyText(blake2_256(bytes))) ? undefined : readNode(bytes);
    let length = bytes.length;
    if (node !== undefined) {
      for (let nibble = 0; nibble < 16; nibble++) {
        const child = node.hasChild(nibble) ? node.child(nibble) : undefined;
        if (child?.length === 32 && isKnown(child)) length -= 32;
      }
      if (node.hashed && isKnown(node.encodedValue())) length -= 30;
    }
    lengths.push(compactLength(length) + length);
  }
  return vecLength(lengths);
}

/** Undefined for an entry of a proof that is a value. */
function readNode(bytes: Uint8Array): EncodedNode | undefined {
  try {
    const node = new EncodedNode(bytes);
    return node.end === bytes.length ? node : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of a SCALE compact number. */
function compactLength(value: number): number {
  return value < 2 ** 6 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 30 ? 4 : 5;
}

/**
 * The check of a path in a Merkle tree over byte strings, BLAKE2b-256:
 *
 *   leaf = H(0x00 || bytes)     node = H(0x01 || left || right)     root = H(0x02 || u64_le(count) || top)
 *
 * Levels are paired from the left and an odd last node moves up unchanged (the shape of RFC 6962). The tags keep leaves,
 * nodes and roots apart; the count in the root lets no tree pass for a longer or shorter one.
 */
import { concatBytes, equalBytes } from "./bytes.ts";
import { blake2_256 } from "./hashing.ts";

export interface MerklePath {
  readonly index: number;
  /** Leaves of the whole tree. */
  readonly count: number;
  /** Hashes beside the path, from the leaf upwards; none where an odd last node moves up. */
  readonly siblings: readonly Uint8Array[];
}

const leafTag = Uint8Array.of(0);
const nodeTag = Uint8Array.of(1);
const rootTag = Uint8Array.of(2);

/** Whether `leaf` stands at its place in the tree with this root. The effort is that of the tree's height at most. */
export function isInTree(
  root: Uint8Array,
  leaf: Uint8Array,
  { index, count, siblings }: MerklePath,
): boolean {
  if (index >= count) return false;
  let hash = blake2_256(concatBytes(leafTag, leaf));
  let at = index;
  let used = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
    if (at % 2 === 0 && at === width - 1) continue;
    const sibling = siblings[used++];
    if (sibling === undefined) return false;
    hash = blake2_256(
      at % 2 === 0 ? concatBytes(nodeTag, hash, sibling) : concatBytes(nodeTag, sibling, hash),
    );
  }
  return used === siblings.length && equalBytes(rootOf(count, hash), root);
}

function rootOf(count: number, top: Uint8Array): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(count), true);
  return blake2_256(concatBytes(rootTag, number, top));
}

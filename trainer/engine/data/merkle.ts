/**
 * A Merkle tree over byte strings, blake2b-256:
 *
 *   leaf = H(0x00 || bytes)     node = H(0x01 || left || right)     root = H(0x02 || u64_le(count) || top)
 *
 * Levels are paired from the left and an odd last node moves up unchanged (the shape of RFC 6962). The tags keep
 * leaves, nodes and roots apart, the count in the root lets no tree pass for a longer or shorter one. The top of
 * an empty tree is 32 zero bytes. Building needs O(log n) memory, so a set larger than memory has a root too.
 */
import { blake2b256 } from "./blake2b.ts";

export interface MerkleProof {
  readonly index: number;
  readonly count: number;
  /** Hashes beside the path, from the leaf upwards. */
  readonly siblings: readonly Uint8Array[];
}

export interface MerkleBuilder {
  /** Appends the next leaf. */
  add(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** Inclusion proofs of the indices asked for at the start, in that order. */
  proofs(): MerkleProof[];
}

interface Node {
  readonly hash: Uint8Array;
  readonly height: number;
  /** Which of the asked leaves lie below. */
  readonly holds: readonly number[];
}

const leafTag = Uint8Array.of(0);
const nodeTag = Uint8Array.of(1);
const rootTag = Uint8Array.of(2);

/** Builds a tree leaf by leaf and collects the proofs of the leaves at `indices` on the way. */
export function merkleBuilder(indices: readonly number[] = []): MerkleBuilder {
  const siblings = indices.map((): Uint8Array[] => []);
  const asked = new Map<number, number[]>();
  indices.forEach((index, i) => {
    asked.set(index, [...(asked.get(index) ?? []), i]);
  });
  let stack: Node[] = [];
  let count = 0;
  let closed: Uint8Array | undefined;

  const join = (left: Node, right: Node): Node => {
    for (const i of left.holds) siblings[i]?.push(right.hash);
    for (const i of right.holds) siblings[i]?.push(left.hash);
    return {
      hash: blake2b256(nodeTag, left.hash, right.hash),
      height: left.height + 1,
      holds: left.holds.length + right.holds.length === 0 ? none : [...left.holds, ...right.holds],
    };
  };
  const root = (): Uint8Array => {
    if (closed !== undefined) return closed;
    const top = stack.reduceRight<Node | undefined>(
      (right, left) => (right ? join(left, right) : left),
      undefined,
    );
    closed = merkleRootOf(count, top?.hash ?? new Uint8Array(32));
    stack = [];
    return closed;
  };
  return {
    add(leaf) {
      if (closed !== undefined) throw new Error("the tree is closed: its root was taken");
      let node: Node = { hash: merkleLeaf(leaf), height: 0, holds: asked.get(count) ?? none };
      while (stack.at(-1)?.height === node.height) node = join(stack.pop() as Node, node);
      stack.push(node);
      count += 1;
    },
    root,
    proofs() {
      root();
      return indices.map((index, i) => {
        if (!Number.isInteger(index) || index < 0 || index >= count)
          throw new RangeError(`no leaf ${index} in a tree of ${count}`);
        return { index, count, siblings: siblings[i] ?? [] };
      });
    },
  };
}

const none: readonly number[] = [];

/** Hash of one leaf. */
function merkleLeaf(bytes: Uint8Array): Uint8Array {
  return blake2b256(leafTag, bytes);
}

/** Root of leaves that are all in memory. */
export function merkleRoot(leaves: Iterable<Uint8Array>): Uint8Array {
  const builder = merkleBuilder();
  for (const leaf of leaves) builder.add(leaf);
  return builder.root();
}

/** Whether `leaf` stands at `proof.index` of the tree of `proof.count` leaves with this root. */
export function verifyMerkle(root: Uint8Array, leaf: Uint8Array, proof: MerkleProof): boolean {
  const { index, count, siblings } = proof;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count)
    return false;
  let hash = merkleLeaf(leaf);
  let at = index;
  let used = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
    if (at % 2 === 0 && at === width - 1) continue; // the odd last node moves up
    const sibling = siblings[used++];
    if (sibling === undefined || sibling.length !== 32) return false;
    hash = at % 2 === 0 ? blake2b256(nodeTag, hash, sibling) : blake2b256(nodeTag, sibling, hash);
  }
  return used === siblings.length && Buffer.compare(merkleRootOf(count, hash), root) === 0;
}

function merkleRootOf(count: number, top: Uint8Array): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(count));
  return blake2b256(rootTag, number, top);
}

import { blake2b } from "@noble/hashes/blake2.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { merkleBuilder, merkleRoot, verifyMerkle } from "./merkle.ts";

const hash = (...parts: Uint8Array[]) => blake2b(Buffer.concat(parts), { dkLen: 32 });
const tag = (n: number) => Uint8Array.of(n);

/** RFC 6962's recursive definition, with our tags: split at the largest power of two below the count. */
function top(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return hash(tag(0), leaves[0] as Uint8Array);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(tag(1), top(leaves.slice(0, split)), top(leaves.slice(split)));
}

function referenceRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, BigInt(leaves.length), true);
  return hash(tag(2), count, leaves.length === 0 ? new Uint8Array(32) : top(leaves));
}

const leafSets = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 40 });

test("the root equals the recursive definition over another BLAKE2b", () => {
  fc.assert(
    fc.property(leafSets, (leaves) => {
      expect(merkleRoot(leaves)).toEqual(referenceRoot(leaves));
    }),
  );
});

test("every leaf is proven, and nothing else is", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 33 }), (leaves) => {
      const builder = merkleBuilder(leaves.map((_, i) => i));
      for (const leaf of leaves) builder.add(leaf);
      const root = builder.root();
      builder.proofs().forEach((proof, i) => {
        const leaf = leaves[i] as Uint8Array;
        expect(verifyMerkle(root, leaf, proof)).toBe(true);
        expect(verifyMerkle(root, Uint8Array.of(...leaf, 0), proof)).toBe(false);
        expect(verifyMerkle(root, leaf, { ...proof, count: proof.count + 1 })).toBe(false);
        expect(verifyMerkle(root, leaf, { ...proof, siblings: [...proof.siblings, root] })).toBe(false);
        if (proof.siblings.length > 0) {
          expect(verifyMerkle(root, leaf, { ...proof, siblings: proof.siblings.slice(1) })).toBe(false);
          const other = (i + 1) % leaves.length;
          const same = Buffer.compare(leaf, leaves[other] as Uint8Array) === 0;
          expect(verifyMerkle(root, leaf, { ...proof, index: other }) && !same).toBe(false);
        }
      });
    }),
  );
});

test("leaf, node and root are told apart", () => {
  const leaves = [Uint8Array.of(1), Uint8Array.of(2)];
  const inner = Buffer.concat(leaves.map((leaf) => hash(tag(0), leaf)));
  expect(merkleRoot([inner])).not.toEqual(merkleRoot(leaves));
  expect(merkleRoot([])).not.toEqual(merkleRoot([new Uint8Array(0)]));
});

test("an index outside the tree has no proof", () => {
  const builder = merkleBuilder([3]);
  builder.add(Uint8Array.of(1));
  expect(() => builder.proofs()).toThrow("no leaf 3 in a tree of 1");
});

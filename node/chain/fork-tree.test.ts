import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ForkTree } from "./fork-tree.ts";
import type { Hash } from "./hash.ts";
import type { Head } from "./types.ts";

/** The same questions answered from a list of (block, parent) by looking at everything. */
class NaiveTree {
  blocks = new Map<Hash, Hash | undefined>();
  root: Hash;

  constructor(root: Hash) {
    this.root = root;
    this.blocks.set(root, undefined);
  }

  /** The block and its ancestors down to the root. */
  line(hash: Hash): Hash[] {
    const parent = this.blocks.get(hash);
    return parent === undefined ? [hash] : [hash, ...this.line(parent)];
  }

  leaves(): Hash[] {
    const parents = new Set(this.blocks.values());
    return [...this.blocks.keys()].filter((hash) => !parents.has(hash));
  }

  route(from: Hash, to: Hash) {
    const [down, up] = [this.line(from), this.line(to)];
    const common = down.find((hash) => up.includes(hash))!;
    return {
      retracted: down.slice(0, down.indexOf(common)),
      common,
      enacted: up.slice(0, up.indexOf(common)).reverse(),
    };
  }

  finalize(hash: Hash): Set<Hash> {
    const line = this.line(hash);
    const kept = [...this.blocks.keys()].filter((other) => this.line(other).includes(hash));
    const stale = [...this.blocks.keys()].filter((other) => !kept.includes(other) && !line.includes(other));
    this.blocks = new Map(kept.map((other) => [other, other === hash ? undefined : this.blocks.get(other)]));
    this.root = hash;
    return new Set(stale);
  }
}

const hashes = (heads: readonly Head[]) => heads.map((head) => head.hash);
const name = (n: number): Hash => `0x${n.toString(16)}`;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("insert" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("finalize" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), at: fc.nat() }) },
);

test("answers as a naive model does, whatever is inserted and finalized", () => {
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tree = new ForkTree({ hash: name(0), number: 0 });
      const model = new NaiveTree(name(0));
      let serial = 0;
      for (const { type, at } of steps) {
        const known = [...model.blocks.keys()];
        const chosen = known[at % known.length]!;
        if (type === "insert") {
          const hash = name(++serial);
          tree.insert(hash, chosen);
          model.blocks.set(hash, chosen);
          expect(tree.get(hash)?.number).toBe(tree.get(chosen)!.number + 1);
        } else if (type === "remove") {
          const isLeaf = model.leaves().includes(chosen) && chosen !== model.root;
          if (!isLeaf) expect(() => tree.remove(chosen)).toThrow("no leaf");
          else {
            tree.remove(chosen);
            model.blocks.delete(chosen);
          }
        } else {
          const enacted = model.route(model.root, chosen).enacted;
          const stale = model.finalize(chosen);
          const result = tree.finality(chosen);
          tree.finalize(chosen);
          expect(hashes(result.enacted)).toEqual(enacted);
          expect(new Set(hashes(result.stale))).toEqual(stale);
          for (const gone of stale) expect(tree.has(gone)).toBe(false);
        }
        expect(tree.root.hash).toBe(model.root);
        expect(new Set(hashes(tree.leaves()))).toEqual(new Set(model.leaves()));
        expect(new Set(hashes(tree.blocks()))).toEqual(
          new Set([...model.blocks.keys()].filter((hash) => hash !== model.root)),
        );
      }
      for (const from of model.blocks.keys()) {
        for (const to of model.blocks.keys()) {
          const route = tree.route(from, to)!;
          expect({
            retracted: hashes(route.retracted),
            common: route.common.hash,
            enacted: hashes(route.enacted),
          }).toEqual(model.route(from, to));
          expect(tree.isAncestor(from, to)).toBe(model.line(to).includes(from));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("parents come before children, among stale blocks too", () => {
  const tree = new ForkTree({ hash: name(0), number: 10 });
  for (const [hash, parent] of [
    [1, 0],
    [2, 0],
    [3, 2],
    [4, 3],
    [5, 2],
  ] as const) {
    tree.insert(name(hash), name(parent));
  }
  expect(tree.finality(name(1)).stale.map(({ number }) => number)).toEqual([11, 12, 12, 13]);
  tree.finalize(name(1));
  expect(tree.route(name(1), name(2))).toBeUndefined();
});

test("a block without its parent is a bug of the caller", () => {
  const tree = new ForkTree({ hash: name(0), number: 0 });
  expect(() => tree.insert(name(2), name(1))).toThrow("without its parent");
});

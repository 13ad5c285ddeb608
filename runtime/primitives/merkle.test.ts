import { expect, test } from "vitest";
import { concatBytes } from "./bytes.ts";
import { blake2_256 } from "./hashing.ts";
import { isInTree } from "./merkle.ts";

const h = (...parts: Uint8Array[]) => blake2_256(concatBytes(...parts));
const tag = (byte: number) => Uint8Array.of(byte);
const leaves = Array.from({ length: 33 }, (_, i) => Uint8Array.of(i, 1, 2));

/** The tree built level by level, as its description says. */
function tree(count: number) {
  const levels = [leaves.slice(0, count).map((leaf) => h(tag(0), leaf))];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      level.slice(2 * i, 2 * i + 2),
    );
    levels.push(pairs.map(([left, right]) => (right ? h(tag(1), left!, right) : left!)));
  }
  const size = new Uint8Array(8);
  size[0] = count;
  const path = (index: number) => ({
    index,
    count,
    siblings: levels.flatMap((level, height) => level[(index >> height) ^ 1] ?? []),
  });
  return { root: h(tag(2), size, levels.at(-1)![0]!), path };
}

test("every leaf of trees of all shapes is in its place, and nowhere else", () => {
  for (let count = 1; count <= 33; count++) {
    const { root, path } = tree(count);
    for (let index = 0; index < count; index++) {
      expect(isInTree(root, leaves[index]!, path(index))).toBe(true);
      expect(isInTree(root, leaves[(index + 1) % 34] ?? tag(9), path(index)), `${count}`).toBe(false);
      expect(isInTree(root, leaves[index]!, { ...path(index), index: index + 1 })).toBe(false);
    }
  }
});

test("a path of another length, another count and another root are refused", () => {
  const { root, path } = tree(11);
  const good = path(10);
  expect(isInTree(root, leaves[10]!, { ...good, siblings: good.siblings.slice(1) })).toBe(false);
  expect(isInTree(root, leaves[10]!, { ...good, siblings: [...good.siblings, root] })).toBe(false);
  expect(isInTree(root, leaves[10]!, { ...good, count: 12 })).toBe(false);
  expect(isInTree(tree(12).root, leaves[10]!, good)).toBe(false);
  expect(isInTree(root, leaves[10]!, { index: 11, count: 11, siblings: good.siblings })).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { compareBytes } from "../../runtime/primitives/bytes.ts";
import type { KeyRange } from "../../runtime/primitives/trie/range-proof.ts";
import { StateRanges } from "./state-ranges.ts";

const header = {
  parentHash: new Uint8Array(32),
  number: 7,
  stateRoot: new Uint8Array(32),
  extrinsicsRoot: new Uint8Array(32),
  digest: [],
};

/** A state of one-byte keys: an answer has at most `size` of those in the range, and says where the rest begins. */
function answer({ from, to }: KeyRange, size: number) {
  const all = Array.from({ length: 256 }, (_, i) => Uint8Array.of(i)).filter(
    (key) => compareBytes(key, from) >= 0 && (!to || compareBytes(key, to) < 0),
  );
  return { keys: all.slice(0, size), rest: all.slice(size) };
}

test("whatever comes, fails or is broken off in between, every key comes exactly once", () => {
  const step = fc.record({
    size: fc.integer({ min: 1, max: 60 }),
    what: fc.constantFrom("ok", "fail", "restart"),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 300 }), (steps) => {
      let ranges = StateRanges.of(header);
      const seen: number[] = [];
      let taken: KeyRange[] = [];
      const settle = (range: KeyRange, size: number) => {
        const { keys, rest } = answer(range, size);
        seen.push(...keys.map((key) => key[0]!));
        ranges.settle(range, keys.length, rest);
      };
      for (const { size, what } of steps) {
        const range = ranges.take();
        if (range) taken.push(range);
        if (what === "restart") {
          ranges = StateRanges.decode(ranges.encode());
          taken = [];
          continue;
        }
        const next = taken.shift();
        if (!next) continue;
        if (what === "fail") ranges.giveBack(next);
        else settle(next, size);
      }
      for (const range of taken) ranges.giveBack(range);
      for (let range = ranges.take(); range; range = ranges.take()) settle(range, 60);
      expect(ranges.isComplete).toBe(true);
      expect(ranges.entries).toBe(256);
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, i) => i));
    }),
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareBytes } from "../bytes.ts";
import { keyText } from "../key-text.ts";
import { MemoryNodes } from "./memory-nodes.ts";
import { emptyRoot, emptyTrie } from "./node-writer.ts";
import { createRangeProof, type KeyRange, readRangeProof } from "./range-proof.ts";
import { updateTrie } from "./update.ts";

type Entry = readonly [Uint8Array, Uint8Array];

const key = fc.oneof(
  fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0xff), { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ minLength: 16, maxLength: 48 }),
);
const entries = fc.uniqueArray(
  fc.tuple(
    key,
    fc.constantFrom(1, 31, 32, 33, 100).map((length) => new Uint8Array(length).fill(length)),
  ),
  { selector: ([k]) => keyText(k), minLength: 1, maxLength: 40, size: "max" },
);
const range = fc.record({ from: key, to: fc.option(key, { nil: undefined }) });

function build(all: readonly Entry[]) {
  const store = new MemoryNodes();
  const changes = all.map(([k, value]) => ({ key: k, value })).sort((a, b) => compareBytes(a.key, b.key));
  const update = updateTrie(store, undefined, 1, changes, 1)!;
  store.add(update);
  return { store, root: update.root, rootHash: update.rootHash };
}

const inRange = (all: readonly Entry[], { from, to }: KeyRange): Entry[] =>
  all
    .filter(([k]) => compareBytes(k, from) >= 0 && (!to || compareBytes(k, to) < 0))
    .sort(([a], [b]) => compareBytes(a, b));

describe("a range proof", () => {
  test("shows exactly what lies in the range, whatever the keys", () => {
    fc.assert(
      fc.property(entries, range, (all, range) => {
        const { store, root, rootHash } = build(all);
        const proof = createRangeProof(store, root, range, Number.MAX_SAFE_INTEGER);
        const read = readRangeProof(rootHash, proof, range);
        expect(read).toEqual({ ok: true, entries: inRange(all, range), rest: [] });
      }),
      { numRuns: 500 },
    );
  });

  test("that is cut short says where to go on, in order or in parts, until all is there", () => {
    fc.assert(
      fc.property(
        entries,
        range,
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        (all, range, size, parts) => {
          const { store, root, rootHash } = build(all);
          const found: Entry[] = [];
          const open: KeyRange[] = [range];
          let rounds = 0;
          for (let next = open.shift(); next; next = open.shift()) {
            expect(++rounds).toBeLessThan(400);
            const proof = createRangeProof(store, root, next, size);
            const read = readRangeProof(rootHash, proof, next);
            if (!read.ok) throw new Error(read.message);
            found.push(...read.entries);
            const starts = parts ? read.rest : read.rest.slice(0, 1);
            expect(read.rest.toSorted(compareBytes)).toEqual(read.rest);
            starts.forEach((from, i) => {
              open.push({ from, to: starts[i + 1] ?? next?.to });
            });
          }
          expect(found.sort(([a], [b]) => compareBytes(a, b))).toEqual(inRange(all, range));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("with a changed, missing, added or exchanged item shows nothing false", () => {
    fc.assert(
      fc.property(entries, range, fc.nat(), fc.nat(), (all, range, pick, bit) => {
        const { store, root, rootHash } = build(all);
        const proof = createRangeProof(store, root, range, Number.MAX_SAFE_INTEGER);
        const at = pick % proof.length;
        const changed = proof[at]!.slice();
        changed[(bit >> 3) % changed.length]! ^= 1 << (bit & 7);
        expect(readRangeProof(rootHash, proof.with(at, changed), range).ok).toBe(false);
        expect(readRangeProof(rootHash, [...proof, proof[at]!], range).ok).toBe(false);
        const missing = readRangeProof(rootHash, proof.toSpliced(at, 1), range);
        // Without its end it is a shorter proof, which says that there is more.
        if (missing.ok) {
          expect(at).toBe(proof.length - 1);
          expect(missing.rest.length).toBeGreaterThan(0);
          const whole = inRange(all, range);
          expect(missing.entries).toEqual(whole.slice(0, missing.entries.length));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of an empty state shows that there is nothing", () => {
    const all = { from: new Uint8Array(0) };
    expect(createRangeProof(new MemoryNodes(), undefined, all, 1)).toEqual([emptyTrie]);
    expect(readRangeProof(emptyRoot, [emptyTrie], all)).toEqual({ ok: true, entries: [], rest: [] });
  });

  test("made of any bytes is refused", () => {
    const { rootHash } = build([[Uint8Array.of(1), Uint8Array.of(2)]]);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (proof) => {
        expect(readRangeProof(rootHash, proof, { from: new Uint8Array(0) }).ok).toBe(false);
      }),
    );
  });
});

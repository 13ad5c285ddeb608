import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText, textKey } from "../key-text.ts";
import { trieDiff } from "./diff.ts";
import { MemoryNodes } from "./memory-nodes.ts";
import { emptyRoot } from "./node-writer.ts";
import { entriesAfter, readValue } from "./read.ts";
import { trieRoot } from "./root.ts";
import type { StateVersion } from "./state-version.ts";
import type { Root } from "./stored-node.ts";
import { updateTrie } from "./update.ts";

/** Keys close together, so that nodes split, join and hold values of their own. */
const key = fc.oneof(
  fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0x11), { maxLength: 4 }),
  fc.array(fc.constantFrom(0x00, 0xf0), { minLength: 30, maxLength: 32 }),
);
const value = fc.tuple(fc.constantFrom(0, 1, 31, 32, 33, 40), fc.nat(3));
const batch = fc.record({
  changes: fc.array(fc.tuple(key, fc.option(value, { freq: 2, nil: undefined })), {
    maxLength: 12,
    size: "max",
  }),
  stateVersion: fc.constantFrom<StateVersion>(0, 1),
});

interface Step {
  readonly root: Root;
  readonly rootHash: Uint8Array;
  readonly state: ReadonlyMap<string, Uint8Array>;
}

/** Applies random batches one after another, each from a random earlier state if `forks`. */
function run(
  batches: readonly {
    changes: readonly (readonly [readonly number[], readonly [number, number] | undefined])[];
    stateVersion: StateVersion;
  }[],
  store: MemoryNodes,
  onStep: (
    before: Step,
    after: Step,
    stale: readonly Uint8Array[],
    versions: readonly StateVersion[],
  ) => void,
): void {
  let before: Step = { root: undefined, rootHash: emptyRoot, state: new Map() };
  const versions: StateVersion[] = [];
  batches.forEach(({ changes, stateVersion }, index) => {
    versions.push(stateVersion);
    const byKey = new Map(
      changes.map(([k, v]) => [keyText(Uint8Array.from(k)), v && new Uint8Array(v[0]).fill(v[1])] as const),
    );
    const sorted = [...byKey.keys()].sort().map((text) => ({
      key: textKey(text),
      value: byKey.get(text),
      exists: index % 2 === 0 && before.state.has(text),
    }));
    const update = updateTrie(store, before.root, index + 1, sorted, stateVersion);
    if (update) store.add(update);
    const state = new Map(before.state);
    for (const [k, v] of byKey) v === undefined ? state.delete(k) : state.set(k, v);
    const after = update ? { root: update.root, rootHash: update.rootHash, state } : { ...before, state };
    onStep(before, after, update?.stale ?? [], versions);
    before = after;
  });
}

const entriesOf = (state: ReadonlyMap<string, Uint8Array>) =>
  [...state.keys()].sort().map((text) => [textKey(text), state.get(text)!] as const);

describe("trie update", () => {
  test.each<StateVersion>([0, 1])(
    "has the root of its entries after every batch, in version %i",
    (stateVersion) => {
      fc.assert(
        fc.property(fc.array(batch, { maxLength: 8, size: "max" }), (batches) => {
          const store = new MemoryNodes();
          run(
            batches.map((one) => ({ ...one, stateVersion })),
            store,
            (_, { rootHash, state }) => {
              expect(rootHash).toEqual(trieRoot(entriesOf(state), stateVersion));
            },
          );
        }),
        { numRuns: 500 },
      );
    },
  );

  test("leaves exactly the nodes of the last state when stale ones are removed", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8, size: "max" }), (batches) => {
        const store = new MemoryNodes();
        run(batches, store, (_, { root, state }, stale) => {
          for (const address of stale) expect(store.rows.has(keyText(address))).toBe(true);
          store.remove(stale);
          const read = new Set<string>();
          const watched = {
            node: (address: Uint8Array) => {
              read.add(keyText(address));
              return store.node(address);
            },
          };
          expect([...entriesAfter(watched, root)]).toEqual(entriesOf(state));
          expect([...store.rows.keys()].sort()).toEqual([...read].sort());
        });
      }),
      { numRuns: 500 },
    );
  });

  test("old states stay readable, in order from any key, and differ by what was changed", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 6 }), fc.array(key, { maxLength: 6 }), (batches, probes) => {
        const store = new MemoryNodes();
        const steps: Step[] = [];
        run(batches, store, (_, after) => steps.push(after));
        for (const { root, state } of steps) {
          for (const probe of probes) {
            const at = Uint8Array.from(probe);
            expect(readValue(store, root, at)).toEqual(state.get(keyText(at)));
            const expected = entriesOf(state).filter(([k]) => keyText(k) > keyText(at));
            expect([...entriesAfter(store, root, at)]).toEqual(expected);
          }
        }
        for (const from of steps) {
          for (const to of steps) {
            const state = new Map(from.state);
            for (const [k, v] of trieDiff(store, from.root, to.root)) {
              // A difference is one: the value really changes.
              expect(v).not.toEqual(from.state.get(k));
              v === undefined ? state.delete(k) : state.set(k, v);
            }
            expect([...state].sort()).toEqual([...to.state].sort());
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a value written in one layout keeps it until it is set again", () => {
    const store = new MemoryNodes();
    const long = new Uint8Array(40).fill(7);
    const keys = [Uint8Array.of(0x11), Uint8Array.of(0x12)];
    const old = updateTrie(
      store,
      undefined,
      1,
      keys.map((k) => ({ key: k, value: long })),
      0,
    )!;
    store.add(old);
    const mixed = updateTrie(store, old.root, 2, [{ key: keys[1]!, value: long }], 1)!;
    store.add(mixed);
    expect(mixed.rootHash).not.toEqual(old.rootHash);
    const all = updateTrie(store, mixed.root, 3, [{ key: keys[0]!, value: long }], 1)!;
    expect(all.rootHash).toEqual(
      trieRoot(
        keys.map((k) => [k, long] as const),
        1,
      ),
    );
    expect(updateTrie(store, mixed.root, 3, [{ key: keys[1]!, value: long }], 1)).toBeUndefined();
  });
});

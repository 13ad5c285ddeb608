import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText, textKey } from "../../runtime/primitives/key-text.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { Version } from "../../runtime/primitives/trie/node-address.ts";
import { verifyProof } from "../../runtime/primitives/trie/proof.ts";
import { trieRoot } from "../../runtime/primitives/trie/root.ts";
import { columns } from "../db/columns.ts";
import { StateDb } from "./state-db.ts";
import { auditStates } from "./testing/audit.ts";
import { temporaryDatabase } from "./testing/temporary-database.ts";

type Entries = ReadonlyMap<string, Uint8Array>;

interface Block {
  readonly version: Version;
  readonly parent: Block | undefined;
  readonly depth: number;
  readonly state: Entries;
}

const key = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11), { maxLength: 3 })
  .map((bytes) => keyText(Uint8Array.from(bytes)));
const value = fc
  .tuple(fc.constantFrom(1, 31, 33, 60), fc.nat(255))
  .map(([length, byte]) => new Uint8Array(length).fill(byte));
const step = fc.record({
  // Which block to build on: 0 is the newest.
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
  changes: fc.array(fc.tuple(key, fc.option(value, { freq: 3, nil: undefined })), { maxLength: 6 }),
  // How far below the best block finality is moved.
  finalize: fc.option(fc.nat(4), { freq: 2, nil: undefined }),
  pin: fc.option(fc.nat(10), { freq: 5, nil: undefined }),
  unpin: fc.boolean(),
  restart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const ancestors = (block: Block | undefined): Block[] => (block ? [block, ...ancestors(block.parent)] : []);

async function expectState(states: StateDb, block: Block): Promise<void> {
  const lookup = states.view(block.version);
  if (lookup.type !== "ok") throw new Error(`state at depth ${block.depth} is ${lookup.type}`);
  const entries = [...block.state.keys()].sort().map((text) => [text, block.state.get(text)!] as const);
  expect([...lookup.state.entries()].map(([k, v]) => [keyText(k), v])).toEqual(entries);
  for (const [text, expected] of entries) expect(lookup.state.get(textKey(text))).toEqual(expected);
  expect(lookup.state.get(textKey("absent"))).toBeUndefined();
}

describe("states of a tree of blocks", () => {
  test.each([1, 3, "archive" as const])(
    "pruning %s keeps what it should and nothing else",
    async (pruning) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25, size: "max" }), async (steps) => {
          await using temporary = await temporaryDatabase();
          const { database } = temporary;
          let states = await StateDb.open(database, { pruning });
          let blocks: Block[] = [];
          let best: Block | undefined;
          let final: Block | undefined;
          let pins: { block: Block; unpin: () => void }[] = [];
          // Pruning that a pin held back is made up for by the next finality.
          let behind = false;
          for (const step of steps) {
            const open = blocks.filter((block) => !final || ancestors(block).includes(final));
            const parent = open.at(-1 - step.back) ?? open[0];
            const changes: Changes = new Map(step.changes);
            const update = states.update(parent?.version ?? 0, changes);
            const state = new Map(parent?.state);
            for (const [k, v] of changes) v === undefined ? state.delete(k) : state.set(k, v);
            const entries = [...state].map(([k, v]) => [textKey(k), v] as const);
            expect(update.rootHash).toEqual(trieRoot(entries, 1));
            const block = { version: update.version, parent, depth: (parent?.depth ?? -1) + 1, state };
            const isBest = !best || block.depth > best.depth;
            const batch = database.batch();
            states.write(batch, update, { best: isBest });
            blocks.push(block);
            if (isBest) best = block;
            if (step.finalize !== undefined) {
              const target = ancestors(best)[step.finalize];
              if (target && (!final || ancestors(target).includes(final))) {
                final = target;
                const stale = blocks.filter(
                  (one) => !ancestors(one).includes(target) && !ancestors(target).includes(one),
                );
                await states.finalize(batch, target.version);
                const gone = new Set(stale);
                blocks = blocks.filter((one) => !gone.has(one));
                behind = pins.length > 0;
              }
            }
            await database.write(batch);

            const keep = pruning === "archive" ? Number.POSITIVE_INFINITY : pruning;
            const oldest = (final?.depth ?? -1) - keep + 1;
            for (const one of blocks) {
              if (one.depth >= oldest) await expectState(states, one);
              else if (!behind) expect(states.view(one.version).type).toBe("discarded");
            }
            for (const pin of pins) await expectState(states, pin.block);
            expect(states.best).toBe(best?.version);
            expect(await auditStates(database, states.best)).toEqual([]);

            if (step.pin !== undefined) {
              const target = blocks.at(-1 - step.pin);
              if (target && states.view(target.version).type === "ok") {
                pins.push({ block: target, unpin: states.pin(target.version) });
              }
            }
            if (step.unpin) pins.shift()?.unpin();
            if (step.restart) {
              states = await StateDb.open(database, { pruning });
              pins = [];
            }
          }
          // Once nobody reads them, the next finality takes everything that pins held back.
          for (const pin of pins) pin.unpin();
          const batch = database.batch();
          if (final) await states.finalize(batch, final.version);
          await database.write(batch);
          let kept = 0;
          for await (const _ of database.keys(columns.state)) kept++;
          const oldest = pruning === "archive" ? 0 : (final?.depth ?? -1) - pruning + 1;
          expect(kept).toBe(blocks.filter((block) => block.depth >= oldest).length);
          expect(await auditStates(database, states.best)).toEqual([]);
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe("one state", () => {
  async function withState(
    entries: readonly (readonly [string, string])[],
    run: (
      states: StateDb,
      version: Version,
      write: (changes: Changes, best?: boolean) => Promise<Version>,
    ) => Promise<void>,
  ): Promise<void> {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await StateDb.open(database, { pruning: "archive" });
    let parent = 0;
    const write = async (changes: Changes, best = true) => {
      const update = states.update(parent, changes);
      const batch = database.batch();
      states.write(batch, update, { best });
      await database.write(batch);
      parent = update.version;
      return update.version;
    };
    const version = await write(new Map(entries.map(([k, v]) => [k, textKey(v)])));
    await run(states, version, write);
  }

  const view = (states: StateDb, version: Version) => {
    const lookup = states.view(version);
    if (lookup.type !== "ok") throw new Error(lookup.type);
    return lookup.state;
  };

  test("pages through keys with a prefix, from any start", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 20 }),
        key,
        fc.option(key, { nil: undefined }),
        fc.integer({ min: 1, max: 4 }),
        async (keys, prefix, start, size) => {
          await withState(
            keys.map((k) => [k, "v"] as const),
            async (states, version) => {
              const found: string[] = [];
              for (let from = start; ; ) {
                const page = view(states, version).keysPaged(
                  textKey(prefix),
                  size,
                  from === undefined ? undefined : textKey(from),
                );
                found.push(...page.map(keyText));
                if (page.length < size) break;
                from = found.at(-1)!;
              }
              const expected = keys.filter((k) => k.startsWith(prefix) && (start === undefined || k > start));
              expect(found).toEqual(expected.sort());
            },
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test("serves an overlay, and its root is the work that is written", async () => {
    await withState(
      [
        ["a", "1"],
        ["b", "2"],
      ],
      async (states, version, write) => {
        const overlay = new Overlay(view(states, version));
        overlay.set(textKey("c"), textKey("3"));
        overlay.delete(textKey("a"));
        expect(keyText(overlay.nextKey(textKey("b"))!)).toBe("c");
        const root = overlay.root();
        expect(states.update(version, overlay.changes()).rootHash).toBe(root);
        const next = await write(overlay.changes());
        expect(view(states, next).rootHash).toEqual(root);
        expect(view(states, next).get(textKey("c"))).toEqual(textKey("3"));
        // The old state still answers, from its nodes.
        expect(view(states, version).get(textKey("a"))).toEqual(textKey("1"));
      },
    );
  });

  test("proves what it holds", async () => {
    await withState(
      [
        ["a", "1"],
        ["ab", "x".repeat(50)],
        ["b", "2"],
      ],
      async (states, version) => {
        const keys = ["a", "ab", "c"].map(textKey);
        const proof = view(states, version).proof(keys);
        expect(verifyProof(view(states, version).rootHash, proof, keys)).toEqual({
          ok: true,
          values: [textKey("1"), textKey("x".repeat(50)), undefined],
        });
      },
    );
  });

  test("the merkle value of a prefix changes exactly when something below it does", async () => {
    await withState(
      [
        ["aa1", "1"],
        ["aa2", "2"],
        ["ab", "3"],
      ],
      async (states, version, write) => {
        const other = await write(new Map([["ab", textKey("4")]]));
        const at = (v: Version, prefix: string) => view(states, v).merkleValue(textKey(prefix));
        expect(at(version, "aa")).toEqual(at(other, "aa"));
        expect(at(version, "")).toEqual(view(states, version).rootHash);
        expect(at(version, "a")).not.toEqual(at(other, "a"));
        expect(at(version, "aa3")).toBeUndefined();
        expect(at(version, "ac")).toBeUndefined();
      },
    );
  });

  test("while a batch is being written, reads see the old state in whole", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await StateDb.open(database, { pruning: "archive", valueCacheBytes: 1000 });
    const keys = Array.from({ length: 2000 }, (_, i) => `key ${i}`);
    let parent = 0;
    for (const round of ["a", "b", "c"]) {
      const update = states.update(parent, new Map(keys.map((k) => [k, textKey(round)])));
      const before = parent === 0 ? undefined : view(states, parent);
      const batch = database.batch();
      states.write(batch, update, { best: true });
      const written = database.write(batch);
      let done = false;
      void written.finally(() => {
        done = true;
      });
      while (!done) {
        const seen = new Set(keys.slice(0, 50).map((k) => before && keyText(before.get(textKey(k))!)));
        expect(seen.size).toBe(1);
        await new Promise(setImmediate);
      }
      await written;
      parent = update.version;
      expect(keyText(view(states, parent).get(textKey("key 7"))!)).toBe(round);
    }
  });

  test("an unknown state and a discarded one are told apart, and a view outlives neither", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await StateDb.open(database, { pruning: 1 });
    let parent = 0;
    let first: ReturnType<typeof view> | undefined;
    for (let i = 0; i < 4; i++) {
      const update = states.update(
        parent,
        new Map([
          ["n", Uint8Array.of(i)],
          ["k", Uint8Array.of(7)],
        ]),
      );
      const batch = database.batch();
      states.write(batch, update, { best: true });
      await states.finalize(batch, update.version);
      await database.write(batch);
      parent = update.version;
      first ??= view(states, parent);
    }
    expect(states.view(parent + 5).type).toBe("unknown");
    expect(states.view(0).type).toBe("unknown");
    expect(states.view(1).type).toBe("discarded");
    expect(() => first!.get(textKey("k"))).toThrow("state already discarded");
    expect(() => states.update(1, new Map())).toThrow("state already discarded");
  });

  test("a database that was made to keep everything is not opened to keep less", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    await StateDb.open(database, { pruning: "archive" });
    await expect(StateDb.open(database, { pruning: 10 })).rejects.toMatchObject({ code: "Schema" });
  });

  test("a database that was made to be pruned may keep everything for a while", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    let parent = 0;
    for (const pruning of [1, "archive", 1] as const) {
      const states = await StateDb.open(database, { pruning });
      for (let i = 0; i < 3; i++) {
        const update = states.update(parent, new Map([["n", Uint8Array.of(parent)]]));
        const batch = database.batch();
        states.write(batch, update, { best: true });
        await states.finalize(batch, update.version);
        await database.write(batch);
        parent = update.version;
      }
      expect(await auditStates(database, states.best)).toEqual([]);
      expect(states.view(parent - 1).type).toBe(pruning === 1 ? "discarded" : "ok");
    }
  });

  test("keys of any length are kept and pruned", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await StateDb.open(database, { pruning: 1 });
    const keys = [0, 1, 127, 128, 40_000, 70_000].flatMap((length) =>
      ["a", "b"].map((end) => "k".repeat(length) + end),
    );
    let parent = 0;
    for (const round of [1, 2, 3]) {
      const changes = new Map(keys.map((k) => [k, round === 3 ? undefined : Uint8Array.of(round)]));
      const update = states.update(parent, changes);
      const batch = database.batch();
      states.write(batch, update, { best: true });
      await states.finalize(batch, update.version);
      await database.write(batch);
      parent = update.version;
      expect(await auditStates(database, parent)).toEqual([]);
    }
    for await (const address of database.keys(columns.node)) throw new Error(`${address} is left over`);
  });

  test("a missing trie node is named", async () => {
    await using temporary = await temporaryDatabase();
    const { database } = temporary;
    const states = await StateDb.open(database, { pruning: "archive" });
    const batch = database.batch();
    const update = states.update(
      0,
      new Map([
        ["a", textKey("1")],
        ["b", textKey("2")],
      ]),
    );
    states.write(batch, update, { best: false });
    batch.delete(columns.node, update.trie!.nodes[0]!.address);
    await database.write(batch);
    expect(() => view(states, update.version).get(textKey("a"))).toThrow(
      /trie node 0x\w+ is missing.*purge-chain/,
    );
  });
});
